// Functions that return to a trampoline first (library part rethook): where they return to is noted for the task, and
// their return address replaced.

// A function that will return to the trampoline (rethook_node).
.set RH_NEXT, 0                          // older one of the same task, or the next free one
.set RH_RETURN, 8                        // where it returns to
.set RH_FRAME, 16                        // address of its return address
.set RH_HANDLER, 24                      // what is called when it returns, with interrupts off, or 0
.set RH_SIZE, 32
.set RH_NODES, 64                        // of each CPU

.text

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

// The function whose return address lies at rdi returns to the trampoline, which calls rsi (0: nothing); interrupts are
// off. If there is no node it returns as it would have: CF is 1. Changes rax, rdx, rdi, r8, r9. rethook_hook.
FUNCTION rethook_hook
    FREE_NODES
    mov r9, rdi
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
2:  mov [rdi + RH_FRAME], r9
    mov [rdi + RH_HANDLER], rsi
    mov rax, [r9]
    mov [rdi + RH_RETURN], rax
    lea rax, [rip + rethook_trampoline]
    mov [r9], rax
    NODES_OF_TASK
    mov rdx, [rax]
    mov [rdi + RH_NEXT], rdx
    mov [rax], rdi
    lock inc qword ptr [rip + rethook_entered]
    clc
    ret
3:  stc
    ret
END rethook_hook

// Where functions return to that were hooked: keeps all registers and flags. arch_rethook_trampoline.
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

// A function has returned to the trampoline: rdi = where its return address was, which comes back. Changes what a
// function may.
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
    mov rax, [rsi + RH_HANDLER]
    test rax, rax
    jz 2f
    jmp rax
1:  PANIC PANIC_RETURN_DIFFERS
2:  ret
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
