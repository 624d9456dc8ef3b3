// What the workload is made of. The configuration decides how many functions and sites there are and uses these macros.

.text

.macro WORK_FUNCTION name
    FUNCTION \name
    push rbp
    mov rbp, rsp
.endm

.macro WORK_END name
    pop rbp
    ret
    END \name
.endm

.macro CALL_FUNCTION name
    call \name
.endm

.macro INDIRECT_CALL
    RANDOM
    mov eax, ebx
    and eax, 7
    lea rcx, [rip + lab_leaves]
    call qword ptr [rcx + rax * 8]
.endm

// Conditional branches that no predictor can learn, and a short loop.
.macro BRANCHES
    RANDOM
    test bl, 1
    jz 1f
    lea rdx, [rdx + rbx]
1:  test bl, 2
    jnz 2f
    xor rdx, rbx
    shl rdx, 3
2:  mov ecx, ebx
    and ecx, 3
3:  add rdx, rcx
    dec ecx
    jns 3b
.endm

.macro ARITHMETIC
    mov rdx, rbx
    imul rdx, rdx, 0x2545f491
    mov rcx, rdx
    rol rcx, 13
    add rdx, rcx
    shr rcx, 7
    sub rdx, rcx
    movzx ecx, dl
    bt rdx, rcx
    adc rdx, 0
    neg rdx
    not rcx
    and rdx, rcx
.endm

// A line read and written in all widths, five lines on each time: sweeps the buffer.
.macro MEMORY_WORK
    add r14, 5 * 64
    and r14, BUFFER_SIZE - 1
    mov rax, [r13 + r14]
    add rax, rbx
    mov [r13 + r14 + 8], rax
    mov [r13 + r14 + 16], eax
    mov [r13 + r14 + 20], ax
    mov [r13 + r14 + 22], al
    movzx ecx, word ptr [r13 + r14 + 9]
    movsx rdx, byte ptr [r13 + r14 + 22]
    add rdx, rcx
    add [r13 + r14], rdx
    inc dword ptr [r13 + r14 + 24]
.endm

// 128 bytes from the lower to the upper half of the buffer.
.macro STRING_MOVE
    mov rsi, r14
    and rsi, BUFFER_SIZE / 2 - 1
    and rsi, -128
    add rsi, r13
    lea rdi, [rsi + BUFFER_SIZE / 2]
    mov ecx, 16
    rep movsq
.endm

// Small functions without frame. Kinds differ in length and in what they run.
.macro LEAF name, n
    FUNCTION \name
  .if \n == 0
    mov rax, rbx
    bswap rax
    xor rdx, rax
  .endif
  .if \n == 1
    mov rax, rbx
    mov ecx, 10007
    xor edx, edx
    div rcx
  .endif
  .if \n == 2
    mov rax, rbx
    mul rax
    add rax, rdx
  .endif
  .if \n == 3
    cmp rbx, rdx
    cmovl rdx, rbx
    setb al
    movzx eax, al
  .endif
  .if \n == 4
    mov ecx, ebx
    and ecx, 7
1:  add rdx, rbx
    ror rdx, 5
    dec ecx
    jns 1b
  .endif
  .if \n == 5
    bsf rax, rbx
    bsr rcx, rbx
    sub rcx, rax
  .endif
  .if \n == 6
    push rbx
    pop rcx
    xchg rcx, rdx
    sar rdx, cl
  .endif
  .if \n == 7
    add rdx, rbx
    adc rdx, 1
    sbb rdx, rbx
  .endif
    ret
    END \name
.endm

// One turn of the work: calls every chain once, through the table, beginning at a random one.
FUNCTION work_iteration
    push rbp
    mov rbp, rsp
    sub rsp, 16
    RANDOM
    mov rax, rbx
    xor edx, edx
    mov rcx, [rip + lab_params + PARAM_HEADS]
    div rcx
    mov [rbp - 8], rcx                   // chains left
    mov [rbp - 16], rdx                  // the next
1:  mov rdx, [rbp - 16]
    lea rax, [rip + lab_heads]
    call qword ptr [rax + rdx * 8]
    inc qword ptr [rbp - 16]
    mov rax, [rbp - 16]
    cmp rax, [rip + lab_params + PARAM_HEADS]
    jb 2f
    mov qword ptr [rbp - 16], 0
2:  dec qword ptr [rbp - 8]
    jnz 1b
    leave
    ret
END work_iteration
