// Return probes (kretprobe, rethook): the entry of a function has a probe while its key is on; that makes the function
// return to a trampoline.

.set KRETPROBE_SITES, 64                 // most

// A function that will return to the trampoline (rethook_node).
.set RH_NEXT, 0                          // older one of the same task, or the next free one
.set RH_RETURN, 8                        // where it returns to
.set RH_FRAME, 16                        // address of its return address
.set RH_SIZE, 32
.set RH_NODES, 64                        // of each CPU

.set PASS_DEPTH, 3                       // calls of a site's function within each other

.text

// Calls a function that calls itself twice. Behind it eax is n + 1. A pass counts as off, the handler of the outermost
// entry makes of it one that counts as on.
.macro SITE n, length, boundary, offset
    mov eax, \n + 1 - PASS_DEPTH
    mov ecx, PASS_DEPTH
    call site_\n
    jmp site_\n\()_on
  .if \boundary > 1
    .balign \boundary, 0xcc
    .space \offset, 0xcc
  .endif
site_\n:
    push rbp
    mov rbp, rsp
    dec ecx
    jz .Lsite_\n\()_leaf
    call site_\n
.Lsite_\n\()_leaf:
    inc rax
    pop rbp
    ret
site_\n\()_on:
    movsxd rax, eax
    inc qword ptr gs:[CPU_SITES_OFF]
    add gs:[CPU_CHECKSUM], rax
.endm

FUNCTION mechanism_boot
    jmp init_text_alloc
END mechanism_boot

// The return probes of key rdi come, or go. Functions that were entered before they go return by the trampoline all the
// same: it is there for good.
FUNCTION mechanism_flip
    push rbx
    push rbp
    push r12
    lea rax, [rip + lab_key_state]
    xor qword ptr [rax + rdi * 8], 1
    mov r12, [rax + rdi * 8]
    shl rdi, 4                           // KEY_SIZE
    lea rax, [rip + lab_keys]
    mov rbx, [rax + rdi + KEY_FIRST]
    mov rbp, [rax + rdi + KEY_COUNT]
1:  mov rdi, rbx
    lea rax, [rip + lab_sites]
    sub rdi, rax
    shr rdi, 5                           // SITE_SIZE
    imul rdi, rdi, KP_SIZE
    lea rax, [rip + entry_probes]
    add rdi, rax
    mov rcx, [rbx + SITE_CODE]
    mov [rdi + KP_ADDRESS], rcx
    lea rcx, [rip + rethook_entry]
    mov [rdi + KP_HANDLER], rcx
    mov rcx, [rbx + SITE_NAME]
    mov [rdi + KP_NAME], rcx
    lea rax, [rip + register_kprobe]
    lea rcx, [rip + unregister_kprobe]
    test r12, r12
    cmovz rax, rcx
    call rax
    add rbx, SITE_SIZE
    dec rbp
    jnz 1b
    pop r12
    pop rbp
    pop rbx
    ret
END mechanism_flip

// Where the newest node of the task that runs is noted, in rax: interrupts are off.
.macro NODES_OF_TASK
  .if FAULT_RETHOOK_TASK == 0
    mov rax, gs:[CPU_TASK]
    add rax, TASK_RETHOOKS
  .else
    mov rax, gs:[CPU_SELF]
    add rax, CPU_TASK_0 + TASK_RETHOOKS
  .endif
.endm

// This CPU's free nodes, in r8. Changes rdx.
.macro FREE_NODES
    mov rdx, gs:[CPU_NUMBER]
    shl rdx, 4
    lea r8, [rip + rethook_free]
    add r8, rdx
.endm

// The handler of the entry probes, before the first instruction: rsi = frame. rethook_hook. If there is no node the
// function returns as it would have.
FUNCTION rethook_entry
    FREE_NODES
    mov rdi, [r8]
    test rdi, rdi
    jz 1f
    mov rax, [rdi + RH_NEXT]
    mov [r8], rax
    jmp 2f
1:  mov rax, [r8 + 8]                    // nodes that were never used
    cmp rax, RH_NODES
    jae 3f
    inc qword ptr [r8 + 8]
    mov rdi, gs:[CPU_NUMBER]
    shl rdi, 6                           // RH_NODES
    add rdi, rax
    shl rdi, 5                           // RH_SIZE
    lea rax, [rip + rethook_nodes]
    add rdi, rax
2:  mov rdx, [rsi + FRAME_RSP]
    mov [rdi + RH_FRAME], rdx
    mov rax, [rdx]
    mov [rdi + RH_RETURN], rax
    lea rax, [rip + rethook_trampoline]
    mov [rdx], rax
    NODES_OF_TASK
    mov rdx, [rax]
    mov [rdi + RH_NEXT], rdx
    mov [rax], rdi
    lock inc qword ptr [rip + rethook_entered]
    cmp dword ptr [rsi - 16], PASS_DEPTH // rcx
    jne 3f
    inc qword ptr gs:[CPU_SITES_ON]
    dec qword ptr gs:[CPU_SITES_OFF]
3:  xor eax, eax
    ret
END rethook_entry

// Where functions return to that have a return probe: keeps all registers and flags. arch_rethook_trampoline.
FUNCTION rethook_trampoline
    push rax                             // room for the return address
    pushfq
    cli
    PUSH_SCRATCH
    lea rdi, [rsp + 10 * 8]
    call rethook_return
    POP_SCRATCH
    popfq
    ret
END rethook_trampoline

// A function has returned to the trampoline: rdi = where its return address was, which comes back. Changes rax, rdx,
// rsi, r8.
FUNCTION rethook_return
    NODES_OF_TASK
    mov rsi, [rax]
    test rsi, rsi
    jz 1f
    cmp [rsi + RH_FRAME], rdi
    jne 1f
    mov rdx, [rsi + RH_NEXT]
    mov [rax], rdx
    mov rax, [rsi + RH_RETURN]
    mov [rdi], rax
    FREE_NODES
    mov rax, [r8]
    mov [rsi + RH_NEXT], rax
    mov [r8], rsi
    lock inc qword ptr [rip + rethook_returned]
    ret
1:  PANIC PANIC_RETURN_DIFFERS
END rethook_return

.data
.balign 64
rethook_entered:
    .quad 0
rethook_returned:
    .quad 0
.balign 64
rethook_free:                            // of each CPU: first free node; how many were ever used
    .fill 64 * 2, 8, 0
rethook_nodes:
    .fill 64 * RH_NODES * RH_SIZE / 8, 8, 0
entry_probes:
    .fill KRETPROBE_SITES * KP_SIZE / 8, 8, 0
