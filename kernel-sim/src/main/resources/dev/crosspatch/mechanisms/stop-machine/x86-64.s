// Sites that are NOPs or jumps, written while the machine is stopped.

.text

// NOP of `length` bytes while the key is off, then a jump to the out-of-line block. Both ways add the same to the
// checksum, by different instructions. The padding before a placed site is never run, hence INT3.
.macro SITE n, length, boundary, offset
  .if \boundary > 1
    jmp site_\n
    .balign \boundary, 0xcc
    .space \offset, 0xcc
  .endif
site_\n:
  .if \length == 5
    .byte 0x0f, 0x1f, 0x44, 0x00, 0x00
  .else
    .byte 0x66, 0x90
  .endif
    inc qword ptr gs:[CPU_SITES_OFF]
    add qword ptr gs:[CPU_CHECKSUM], \n + 1
    jmp .Lsite_\n\()_end
site_\n\()_on:
    inc qword ptr gs:[CPU_SITES_ON]
    sub qword ptr gs:[CPU_CHECKSUM], -(\n + 1)
.Lsite_\n\()_end:
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

// Writes the instruction that site rdi has in key state rsi to rdx: a jump if the key is on, a NOP of the same length
// if not. Writes 8 bytes. Changes rax, r8.
FUNCTION site_text
    mov rax, [rdi + SITE_TARGET]
    sub rax, [rdi + SITE_CODE]
    sub rax, [rdi + SITE_LENGTH]         // displacement
    mov eax, eax
    shl rax, 8
    cmp qword ptr [rdi + SITE_LENGTH], 2
    je 1f
    mov al, 0xe9                         // JMP rel32
    mov r8d, 0x00441f0f                  // nopl 0(%rax,%rax,1), five bytes
    jmp 2f
1:  mov al, 0xeb                         // JMP rel8
    mov r8d, 0x9066                      // xchg %ax,%ax
2:  test rsi, rsi
    cmovz rax, r8
    mov [rdx], rax
    ret
END site_text
