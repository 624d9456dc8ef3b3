// Alternatives (library part alternatives): instructions of which others take the place if the CPU has a feature, or
// has it not. As Linux's arch/x86/kernel/alternative.c before it decoded every instruction of a replacement: relative
// operands of its first instruction are mended, and what is left of the site becomes long NOPs.

// An entry (alt_instr).
.set ALT_SITE, 0
.set ALT_REPLACEMENT, 8
.set ALT_NAME, 16                        // of its events, zero-terminated
.set ALT_FEATURE, 24                     // two bytes: index in alternative_features
.set ALT_LENGTH, 26                      // one byte each
.set ALT_REPLACEMENT_LENGTH, 27
.set ALT_FLAGS, 28
.set ALT_SIZE, 32

.set ALT_NOT, 1                          // flag: applied if the feature is not there

.set ALT_FEATURES, 4096
.set ALT_ALWAYS, 0                       // a feature that every CPU has
.set ALT_NEVER, 1                        // one that none has
.set ALT_FIRST, 8                        // the first of the mechanism's own

// Instructions `old` at label `name`, filled up with NOPs to the length of `new`, which an entry puts in their place.
// Entries stand in .rodata in the order in which they are laid.
.macro ALTERNATIVE name, old, new, feature, flags, text
\name:
    \old
.Lold_\name:
    .set .Lmore_\name, (.Lnew_end_\name - .Lnew_\name) - (.Lold_\name - \name)
    .skip -(.Lmore_\name > 0) * .Lmore_\name, 0x90
.Lend_\name:
    ALTERNATIVE_ENTRY \name, \name, .Lend_\name - \name, "\new", \feature, \flags, \text
.endm

// An entry for `length` bytes at `site`; `name` is no other entry's.
.macro ALTERNATIVE_ENTRY name, site, length, new, feature, flags, text
    .pushsection .data
.Lnew_\name:
    \new
.Lnew_end_\name:
    .popsection
    .pushsection .rodata
    ALTERNATIVE_RECORD \site, \length, .Lnew_\name, .Lnew_end_\name - .Lnew_\name, \feature, \flags, \text
    .popsection
.endm

// The entry itself, here.
.macro ALTERNATIVE_RECORD site, length, replacement, replacement_length, feature, flags, text
    .quad \site, \replacement, \text
    .short \feature
    .byte \length, \replacement_length
    .long \flags
.endm

// All of a function that applies the entries from rdi to rsi whose feature is at least rdx and less than rcx, in order:
// it calls `apply` with each entry in rbx, which may change r14, too.
.macro APPLY_ALTERNATIVES apply
    push rbx
    push rbp
    push r12
    push r13
    push r14
    mov rbx, rdi
    mov rbp, rsi
    mov r12, rdx
    mov r13, rcx
  .if FAULT_ALTERNATIVES_ORDER
    lea rbx, [rsi - ALT_SIZE]
    mov rbp, rdi
  .endif
1:
  .if FAULT_ALTERNATIVES_ORDER
    cmp rbx, rbp
    jb 3f
  .else
    cmp rbx, rbp
    jae 3f
  .endif
    movzx eax, word ptr [rbx + ALT_FEATURE]
    cmp rax, r12
    jb 2f
    cmp rax, r13
    jae 2f
    lea rcx, [rip + alternative_features]
    movzx eax, byte ptr [rcx + rax]
    xor eax, [rbx + ALT_FLAGS]           // ALT_NOT
    test al, 1
    jz 2f
    call \apply
2:
  .if FAULT_ALTERNATIVES_ORDER
    sub rbx, ALT_SIZE
  .else
    add rbx, ALT_SIZE
  .endif
    jmp 1b
3:  pop r14
    pop r13
    pop r12
    pop rbp
    pop rbx
    ret
.endm

.text

// Applies the entries from rdi to rsi whose feature is at least rdx and less than rcx, in order. For text that no other
// CPU runs yet: at boot, while one CPU is online. Text that is what it should be is left alone.
FUNCTION apply_alternatives
    APPLY_ALTERNATIVES apply_alternative
END apply_alternatives

// Puts entry rbx in place, with interrupts off until this CPU has serialized (text_poke_early), and tells of it.
FUNCTION apply_alternative
    sub rsp, 512                         // new text, old text
    call alternative_text
    mov rdi, [rbx + ALT_SITE]
    mov rsi, rsp
    mov rcx, r14
    repe cmpsb
    je 1f
    mov rsi, [rbx + ALT_SITE]
    lea rdi, [rsp + 256]
    mov rcx, r14
    rep movsb
    pushfq
    cli
    mov rdi, [rbx + ALT_SITE]
    lea rsi, [rsp + 8]
    mov rdx, r14
    call text_poke
    call sync_core
    popfq
  .if FAULT_ALTERNATIVES_EVENT == 0
    mov rdi, [rbx + ALT_SITE]
    lea rsi, [rsp + 256]
    mov edx, r14d
    mov rcx, rsp
    mov r8d, r14d
    mov r9, [rbx + ALT_NAME]
    call report_text
  .endif
1:  add rsp, 512
    ret
END apply_alternative

// The text that entry rbx puts at its site, to where the return address is and up; how long it is, in r14.
FUNCTION alternative_text
    lea rdi, [rsp + 8]
    mov rsi, [rbx + ALT_REPLACEMENT]
    movzx ecx, byte ptr [rbx + ALT_REPLACEMENT_LENGTH]
    mov r8, rcx                          // how long the text is so far
    rep movsb
    lea rdi, [rsp + 8]
  .if FAULT_ALTERNATIVES_FIXUP == 0
    cmp r8, 5
    jb 3f
    movsxd rax, dword ptr [rdi + 1]
    mov rdx, [rbx + ALT_REPLACEMENT]
    sub rdx, [rbx + ALT_SITE]
    cmp byte ptr [rdi], OP_CALL
    je 2f
    cmp byte ptr [rdi], OP_JMP32
    jne 3f
    lea rcx, [rax + 5]
    cmp rcx, r8
    jbe 3f                               // within the replacement
    lea rcx, [rax + rdx + 3]             // displacement of a short jump
    movsx rsi, cl
    cmp rsi, rcx
    jne 2f
    mov byte ptr [rdi], OP_JMP8
    mov [rdi + 1], cl
    mov r8d, 2
    jmp 3f
2:  add eax, edx
    mov [rdi + 1], eax
3:
  .endif
  .if FAULT_ALTERNATIVES_NOPS
    mov r14, r8
    ret
  .endif
    movzx r14d, byte ptr [rbx + ALT_LENGTH]
    lea rcx, [rdi + r8]                  // a replacement of NOPs only is padding, too
    mov rsi, rdi
4:  cmp rsi, rcx
    je 5f
    cmp byte ptr [rsi], 0x90
    jne 6f
    inc rsi
    jmp 4b
5:  mov rcx, rdi
6:  lea rdi, [rdi + r14]                 // the end
    // From rcx to rdi: NOPs of at most eight bytes.
7:  mov rdx, rdi
    sub rdx, rcx
    jz 9f
    mov eax, 8
    cmp rdx, rax
    cmova rdx, rax
    lea rax, [rip + long_nops]
    mov rax, [rax + rdx * 8 - 8]
8:  mov [rcx], al
    shr rax, 8
    inc rcx
    dec edx
    jnz 8b
    jmp 7b
9:  ret
END alternative_text

.section .rodata
.balign 8
long_nops:                               // of one to eight bytes (SDM vol. 2, NOP)
    .quad 0x90, 0x9066, 0x001f0f, 0x00401f0f, 0x0000441f0f, 0x0000441f0f66, 0x00000000801f0f, 0x0000000000841f0f
alternative_name:
    .asciz "alternative"
.balign 8

.data
alternative_features:                    // 1: this kernel's CPUs have it
    .byte 1
    .fill ALT_FEATURES - 1, 1, 0
