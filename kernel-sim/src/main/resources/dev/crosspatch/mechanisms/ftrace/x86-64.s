// ftrace: every function counts when it is called and is traced, and every caller looks whether both are so.

.text

// What a key's word in ftrace_keys says: whether its functions are traced and whether that is being changed; above that
// how often it was.
.set TRACED, 1
.set CHANGING, 2
.set CHANGES, 4

// A call of function n with a number in every register that is not kept, and the function, which makes the sum of them.
// If nobody changed the key from before the call until behind it, one more has been counted as traced, or none, as the
// key says; else nothing is added to the checksum.
.macro SITE n, length, boundary, offset
    push gs:[CPU_SITES_ON]
    push [rip + ftrace_keys + site_\n\()_key * 8]
    mov eax, \n + 1
    mov ecx, 2
    mov edx, 3
    mov esi, 5
    mov edi, 7
    mov r8d, 11
    mov r9d, 13
    mov r10d, 17
    mov r11, -2 - 3 - 5 - 7 - 11 - 13 - 17
    call traced_\n
    pop rcx
    pop rdx
    cmp rcx, [rip + ftrace_keys + site_\n\()_key * 8]
    jne 1f
    test cl, CHANGING
    jnz 1f
    and ecx, TRACED
    add rdx, rcx
    cmp rdx, gs:[CPU_SITES_ON]
    jne .Lsite_\n\()_end
1:  add gs:[CPU_CHECKSUM], rax
    jmp .Lsite_\n\()_end

    FUNCTION traced_\n
    FENTRY \n, \boundary, \offset
site_\n\()_on:
    inc qword ptr gs:[CPU_SITES_OFF]
  .irp register, rcx, rdx, rsi, rdi, r8, r9, r10, r11
    add rax, \register
  .endr
    ret
    END traced_\n
.Lsite_\n\()_end:
.endm

FUNCTION mechanism_boot
    jmp init_text_alloc
END mechanism_boot

// What a trampoline calls where one key only has it, by whether its number is even, and where several have.
FUNCTION ftrace_ops_even
    inc qword ptr gs:[CPU_SITES_ON]
    ret
END ftrace_ops_even

FUNCTION ftrace_ops_odd
    mov r9d, 1
    add gs:[CPU_SITES_ON], r9
    ret
END ftrace_ops_odd

FUNCTION ftrace_ops_list
    xor eax, eax
    xor ecx, ecx
    inc qword ptr gs:[CPU_SITES_ON]
    xor r8d, r8d
    xor r11d, r11d
    ret
END ftrace_ops_list

// A direct call.
FUNCTION ftrace_direct
    endbr64
    inc qword ptr gs:[CPU_SITES_ON]
    ret
END ftrace_direct

.set TRACE_NOT, 0
.set TRACE_CALLER, 1
.set TRACE_TRAMPOLINE, 2
.set TRACE_DIRECT, 3

// Key rdi goes on to the next way to be traced.
FUNCTION mechanism_flip
    push rbx
    push rbp
    push r12
    push r13
    mov rbx, rdi
    lea r13, [rip + ftrace_keys]
    lea r13, [r13 + rdi * 8]
    add qword ptr [r13], CHANGING

    lea rdx, [rip + ftrace_ways]
    lea rax, [rip + lab_key_state]
    mov rcx, [rax + rdi * 8]
    movzx ebp, byte ptr [rdx + rcx]      // the way until now
    inc rcx
    mov edx, offset FTRACE_WAYS
    mov r8d, ebx
    and r8d, 1
    sub edx, r8d                         // odd keys leave out the last
    cmp rcx, rdx
    lea rdx, [rip + ftrace_ways]
    jb 1f
    xor ecx, ecx
1:  mov [rax + rdi * 8], rcx
    movzx r12d, byte ptr [rdx + rcx]     // the next
    lea rax, [rip + ftrace_targets]
    push [rax + rdi * 8]

    xor esi, esi
    cmp r12d, TRACE_CALLER
    jb 4f
    je 2f
    lea rsi, [rip + ftrace_direct]
    cmp r12d, TRACE_DIRECT
    je 4f
    lea rdi, [rip + ftrace_ops_list]
    call ftrace_make_trampoline
    mov rsi, rax
    jmp 4f
2:  inc qword ptr [rip + ftrace_users]
    lea rdi, [rip + ftrace_caller]
    lea rsi, [rip + ftrace_ops_list]
    call ftrace_update_func
    lea rsi, [rip + ftrace_caller]
4:  mov rdi, rbx
    call ftrace_set

    // What nobody has any more, and what is called for one alone.
    pop rdi
    cmp ebp, TRACE_TRAMPOLINE
    jne 5f
    call ftrace_free_trampoline
5:  xor eax, eax
    cmp ebp, TRACE_CALLER
    sete al
    sub [rip + ftrace_users], rax
    cmp qword ptr [rip + ftrace_users], 1
    jne 6f
    lea rdi, [rip + ftrace_caller]
    lea rsi, [rip + ftrace_ops_even]
    call ftrace_update_func
6:  cmp r12d, TRACE_TRAMPOLINE
    jne 7f
    lea rdi, [rip + ftrace_targets]
    mov rdi, [rdi + rbx * 8]
    lea rsi, [rip + ftrace_ops_even]
    lea rax, [rip + ftrace_ops_odd]
    test bl, 1
    cmovnz rsi, rax
    call ftrace_update_func

7:  mov rax, [r13]
    add rax, CHANGES - CHANGING
    or rax, TRACED
    test r12d, r12d
    jnz 8f
    xor rax, TRACED
8:  mov [r13], rax
    pop r13
    pop r12
    pop rbp
    pop rbx
    ret
END mechanism_flip

.section .rodata
ftrace_ways:
    .byte TRACE_NOT, TRACE_CALLER, TRACE_TRAMPOLINE, TRACE_DIRECT, TRACE_TRAMPOLINE, TRACE_CALLER
.set FTRACE_WAYS, . - ftrace_ways

.data
.balign 8
ftrace_users:                            // keys that have ftrace_caller
    .quad 0
ftrace_keys:
    .fill KEYS, 8, 0
