// Static keys: sites, and which instruction each has in which state.

.text

.macro SITE n, length, boundary, offset
    STATIC_BRANCH \n, \length, \boundary, \offset
.endm

// Changes the state of key rdi and the text of all its sites.
FUNCTION mechanism_flip
    lea rsi, [rip + poke_site]
    jmp poke_key
END mechanism_flip

STATIC_BRANCH_TEXT

// Queues the poke that brings site rdi to key state rsi.
FUNCTION poke_site
    push rbx
    push rbp
    sub rsp, 24
    mov rbx, rdi
    mov rbp, rsi

    // The text must be what the other key state says.
    xor rsi, 1
    mov rdx, rsp
    call site_text
    mov rdi, [rbx + SITE_CODE]
    mov rsi, rsp
    mov rcx, [rbx + SITE_LENGTH]
    repe cmpsb
    je 1f
    mov rdi, [rbx + SITE_CODE]
    mov rsi, [rsp]
    PANIC PANIC_OLD_TEXT_DIFFERS

1:  mov rdi, rbx
    mov rsi, rbp
    mov rdx, rsp
    call site_text
    mov rdi, [rbx + SITE_CODE]
    mov rsi, rsp
    mov rdx, [rbx + SITE_LENGTH]
    xor ecx, ecx
    mov r8, [rbx + SITE_NAME]
    call poke_queue
    add rsp, 24
    pop rbp
    pop rbx
    ret
END poke_site
