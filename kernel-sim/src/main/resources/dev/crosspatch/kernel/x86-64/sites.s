// What sites are made of: macros for the mechanisms.

// First bytes of instructions.
.set OP_ESCAPE, 0x0f
.set OP_INT3, 0xcc
.set OP_NOP, 0x90
.set OP_RET, 0xc3
.set OP_CALL, 0xe8
.set OP_JMP32, 0xe9
.set OP_JMP8, 0xeb
.set OP_JCC8, 0x70                       // to 0x7f
.set OP_JCC32, 0x80                      // to 0x8f, behind 0f

// Write a NOP of two or five bytes (ISA's recommended ones, as Linux uses them).
.macro NOP2_AT where
    mov word ptr [\where], 0x9066        // xchg %ax,%ax
.endm
.macro NOP5_AT where
    mov dword ptr [\where], 0x00441f0f   // nopl 0(%rax,%rax,1)
    mov byte ptr [\where + 4], 0
.endm

// Where site n stands. The padding before a placed one is never run, hence INT3.
.macro PLACE_SITE n, boundary, offset
  .if \boundary > 1
    jmp site_\n
    .balign \boundary, 0xcc
    .space \offset, 0xcc
  .endif
site_\n:
.endm

// A static branch: NOP of `length` bytes while the key is off, then a jump to the out-of-line block. Both ways add the
// same to the checksum, by different instructions.
.macro STATIC_BRANCH n, length, boundary, offset
    PLACE_SITE \n, \boundary, \offset
  .if \length == 5 && FAULT_ONE_NOP
    .fill 5, 1, OP_NOP
  .elseif \length == 5
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

// Defines site_text, which writes the instruction that site rdi has in key state rsi to rdx: a jump if the key is on, a
// NOP of the same length if not. Changes rax.
.macro STATIC_BRANCH_TEXT
    FUNCTION site_text
    mov rax, [rdi + SITE_TARGET]
    sub rax, [rdi + SITE_CODE]
    sub rax, [rdi + SITE_LENGTH]         // displacement
    cmp qword ptr [rdi + SITE_LENGTH], 2
    je 2f
    test rsi, rsi
    jz 1f
    mov byte ptr [rdx], OP_JMP32
    mov [rdx + 1], eax
    ret
1:
  .if FAULT_ONE_NOP
    mov dword ptr [rdx], OP_NOP * 0x01010101
    mov byte ptr [rdx + 4], OP_NOP
  .else
    NOP5_AT rdx
  .endif
    ret
2:  test rsi, rsi
    jz 3f
    mov byte ptr [rdx], OP_JMP8
    mov [rdx + 1], al
    ret
3:  NOP2_AT rdx
    ret
    END site_text
.endm

// Defines poke_site, which queues the poke that brings site rdi to key state rsi. The text must be what the other key
// state says.
.macro POKE_STATIC_BRANCH
    FUNCTION poke_site
    push rbx
    push rbp
    sub rsp, 24
    mov rbx, rdi
    mov rbp, rsi

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
  .if FAULT_ONE_NOP
    cmp edx, 5
    jne 2f
    test rbp, rbp
    jnz 2f
    lea rcx, [rsp + 8]                   // what the handler emulates for all five
    NOP5_AT rcx
2:
  .endif
    mov r8, [rbx + SITE_NAME]
    call poke_queue
    add rsp, 24
    pop rbp
    pop rbx
    ret
    END poke_site
.endm
