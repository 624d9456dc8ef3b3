// livepatch: functions that are replaced by others through ftrace, as in Linux's kernel/livepatch.

.text

// What a key's word in livepatch_keys says: whether its functions are replaced and whether that is being changed; above
// that how often it was.
.set REPLACED, 1
.set CHANGING, 2
.set CHANGES, 4

// A call of function n, the function, and, at site_n_on, what replaces it; edx tells which of both ran. If nobody
// changed the key from before the call until behind it and the wrong one ran, nothing is added to the checksum.
.macro SITE n, length, boundary, offset
    push [rip + livepatch_keys + site_\n\()_key * 8]
    call livepatched_\n
    pop rcx
    cmp rcx, [rip + livepatch_keys + site_\n\()_key * 8]
    jne 1f
    test cl, CHANGING
    jnz 1f
    and ecx, REPLACED
    cmp ecx, edx
    jne .Lsite_\n\()_end
1:  add gs:[CPU_CHECKSUM], rax
    jmp .Lsite_\n\()_end

    FUNCTION livepatched_\n
    FENTRY \n, \boundary, \offset
    inc qword ptr gs:[CPU_SITES_OFF]
    mov eax, \n + 1
    xor edx, edx
    ret
    END livepatched_\n

    FUNCTION replacement_\n
site_\n\()_on:
    inc qword ptr gs:[CPU_SITES_ON]
    mov edx, 1
    lea eax, [rdx + \n]
    ret
    END replacement_\n
.Lsite_\n\()_end:
.endm

// What ftrace_caller calls, with the address of the site in rdi and, in rsi, that of where it returns to: the function
// that replaces this one (klp_ftrace_handler). Changes rax, rcx.
FUNCTION livepatch_handler
    lea rax, [rip + lab_sites]
1:  cmp rdi, [rax + SITE_CODE]
    je 2f
    add rax, SITE_SIZE
    jmp 1b
2:  mov rcx, [rax + SITE_TARGET]
    mov [rsi], rcx
    ret
END livepatch_handler

// The functions of key rdi are replaced, or no longer.
FUNCTION mechanism_flip
    push rbx
    push r12
    mov rbx, rdi
    lea r12, [rip + livepatch_keys]
    lea r12, [r12 + rdi * 8]
    add qword ptr [r12], CHANGING
    lea rdi, [rip + ftrace_caller]
    lea rsi, [rip + livepatch_handler]
    call ftrace_update_func
    lea rax, [rip + lab_key_state]
    xor esi, esi
    xor qword ptr [rax + rbx * 8], 1
    jz 1f
    lea rsi, [rip + ftrace_caller]
1:  mov rdi, rbx
    call ftrace_set
    mov rax, [r12]
    xor rax, REPLACED
    add rax, CHANGES - CHANGING
    mov [r12], rax
    pop r12
    pop rbx
    ret
END mechanism_flip

.data
.balign 8
livepatch_keys:
    .fill KEYS, 8, 0
