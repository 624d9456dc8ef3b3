// Return probes (kretprobe, rethook): the entry of a function has a probe while its key is on; that makes the function
// return to a trampoline.

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

// The handler of the entry probes, before the first instruction: rsi = frame.
FUNCTION rethook_entry
    push rsi
    mov rdi, [rsi + FRAME_RSP]
    xor esi, esi
    call rethook_hook
    pop rsi
    jc 1f
    cmp dword ptr [rsi - 16], PASS_DEPTH // rcx
    jne 1f
    inc qword ptr gs:[CPU_SITES_ON]
    dec qword ptr gs:[CPU_SITES_OFF]
1:  xor eax, eax
    ret
END rethook_entry

.data
.balign 8
entry_probes:
    .fill SITE_ROOM * KP_SIZE / 8, 8, 0
