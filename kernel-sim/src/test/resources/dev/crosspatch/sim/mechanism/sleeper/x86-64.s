.text

// A NOP and two PAUSEs while the key is off, a jump to site_n_on over all of them while it is on.
.macro SITE n, length, boundary, offset
site_\n:
    .byte 0x90, 0xf3, 0x90, 0xf3, 0x90
    inc qword ptr gs:[CPU_SITES_OFF]
    add qword ptr gs:[CPU_CHECKSUM], \n + 1
    jmp .Lsite_\n\()_end
site_\n\()_on:
    inc qword ptr gs:[CPU_SITES_ON]
    add qword ptr gs:[CPU_CHECKSUM], \n + 1
.Lsite_\n\()_end:
.endm

// Changes all sites of key rdi.
FUNCTION mechanism_flip
    push rbx
    push r12
    push rbp
    sub rsp, 24                          // old bytes, new bytes, an INT3
    mov byte ptr [rsp + 16], 0xcc
    lea rax, [rip + lab_key_state]
    xor qword ptr [rax + rdi * 8], 1
    mov rbp, [rax + rdi * 8]
    shl rdi, 4                           // KEY_SIZE
    lea rax, [rip + lab_keys]
    mov rbx, [rax + rdi + KEY_FIRST]
    mov r12, [rax + rdi + KEY_COUNT]
1:  mov rcx, [rbx + SITE_CODE]
    mov rax, [rcx]
    mov [rsp], rax
    mov rdx, 0x90f390f390
    mov rax, [rbx + SITE_TARGET]
    sub rax, rcx
    sub rax, 5
    shl rax, 8
    mov al, 0xe9
    test rbp, rbp
    cmovz rax, rdx
    mov [rsp + 8], rax
    mov [rip + poked], rbx

    mov rdi, rcx
    lea rsi, [rsp + 16]
    mov edx, 1
    call text_poke
    call sync_each_cpu
    test rbp, rbp
    jz 2f
    // Nobody begins the range any more; whoever is in it must leave it first.
    mov rdi, [rbx + SITE_CODE]
    mov rsi, rsp
    mov edx, 1
    lea rcx, [rsp + 16]
    mov r8d, edx
    mov r9, [rbx + SITE_NAME]
    call report_text
    mov byte ptr [rsp], 0xcc
    call synchronize_rcu_tasks

2:  mov rdi, [rbx + SITE_CODE]
    inc rdi
    lea rsi, [rsp + 9]
    mov edx, 4
    call text_poke
    mov rdi, [rbx + SITE_CODE]
    mov rsi, rsp
    mov edx, 5
    lea rcx, [rsp + 8]
    mov r8d, edx
    mov r9, [rbx + SITE_NAME]
    call report_text
    call sync_each_cpu
    mov rdi, [rbx + SITE_CODE]
    lea rsi, [rsp + 8]
    mov edx, 1
    call text_poke
    call sync_each_cpu
    mov qword ptr [rip + poked], 0
    add rbx, SITE_SIZE
    dec r12
    jnz 1b
    add rsp, 24
    pop rbp
    pop r12
    pop rbx
    ret
END mechanism_flip

// Goes on where the jump goes.
FUNCTION mechanism_breakpoint
    xor eax, eax
    mov rcx, [rip + poked]
    test rcx, rcx
    jz 1f
    mov rdx, [rdi + FRAME_RIP]
    dec rdx
    cmp rdx, [rcx + SITE_CODE]
    jne 1f
    mov rdx, [rcx + SITE_TARGET]
    mov [rdi + FRAME_RIP], rdx
    inc eax
1:  ret
END mechanism_breakpoint

.data
.balign 8
poked:
    .quad 0
