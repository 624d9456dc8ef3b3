// Sites that are NOPs or jumps, written while the machine is stopped.

.text

.macro SITE n, length, boundary, offset
    STATIC_BRANCH \n, \length, \boundary, \offset
.endm

// Changes the state of key rdi and the text of all its sites.
FUNCTION mechanism_flip
    mov rsi, rdi
    lea rdi, [rip + patch_key]
    jmp stop_machine
END mechanism_flip

// Changes key rdi and its sites, while all other CPUs are parked.
FUNCTION patch_key
    push rbx
    push rbp
    push r12
    sub rsp, 16                          // old text, new text
    lea rax, [rip + lab_key_state]
    mov rbp, [rax + rdi * 8]
    xor qword ptr [rax + rdi * 8], 1
    shl rdi, 4                           // KEY_SIZE
    lea rax, [rip + lab_keys]
    mov rbx, [rax + rdi + KEY_FIRST]
    mov r12, [rax + rdi + KEY_COUNT]
1:  dec r12
    js 3f
    mov rdi, rbx
    mov rsi, rbp
    mov rdx, rsp
    call site_text
    mov rdi, [rbx + SITE_CODE]
    mov rsi, rsp
    mov rcx, [rbx + SITE_LENGTH]
    repe cmpsb
    je 2f
    mov rdi, [rbx + SITE_CODE]
    mov rsi, [rsp]
    PANIC PANIC_OLD_TEXT_DIFFERS
2:  mov rdi, rbx
    mov rsi, rbp
    xor rsi, 1
    lea rdx, [rsp + 8]
    call site_text
    mov rdi, [rbx + SITE_CODE]
    lea rsi, [rsp + 8]
    mov rdx, [rbx + SITE_LENGTH]
    call text_poke
  .if FAULT_REPORT == 0
    mov rdi, [rbx + SITE_CODE]
    mov rsi, rsp
    mov rdx, [rbx + SITE_LENGTH]
    lea rcx, [rsp + 8]
    mov r8, rdx
    mov r9, [rbx + SITE_NAME]
    call report_text
  .endif
    add rbx, SITE_SIZE
    jmp 1b
3:  add rsp, 16
    pop r12
    pop rbp
    pop rbx
    ret
END patch_key

STATIC_BRANCH_TEXT
