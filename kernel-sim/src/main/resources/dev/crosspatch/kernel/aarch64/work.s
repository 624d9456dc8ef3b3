// What the workload is made of. The configuration decides how many functions and sites there are and uses these macros.

.text

// Of so many sites all literals stand in one pool, which loads reach; else behind each function.
.set FEW_SITES, 1024

.macro WORK_FUNCTION name
    FUNCTION \name
    stp x29, x30, [sp, -16]!
    mov x29, sp
.endm

.macro WORK_END name
    ldp x29, x30, [sp], 16
    ret
    END \name
  .if SITES > FEW_SITES
    .ltorg
  .endif
.endm

.macro CALL_FUNCTION name
    bl \name
.endm

.macro INDIRECT_CALL
    RANDOM
    and x0, x19, 7
    ADDRESS x1, lab_leaves
    ldr x1, [x1, x0, lsl 3]
    blr x1
.endm

// Conditional branches of all kinds that no predictor can learn, and a short loop.
.macro BRANCHES
    RANDOM
    tbz x19, 0, 1f
    add x2, x2, x19
1:  tst x19, 2
    b.ne 2f
    eor x2, x2, x19
    lsl x2, x2, 3
2:  and x3, x19, 3
3:  add x2, x2, x3
    cbz x3, 4f
    sub x3, x3, 1
    b 3b
4:
.endm

.macro ARITHMETIC
    mov w3, 0x6c8d
    mul x2, x19, x3
    ror x3, x2, 51
    add x2, x2, x3
    sub x2, x2, x3, lsr 7
    uxtb w3, w2
    adds x2, x2, x3, lsl 8
    adc x2, x2, xzr
    neg x2, x2
    bic x2, x2, x3
    bfi x2, x3, 12, 9
.endm

// A line read and written in all widths, five lines on each time: sweeps the buffer.
.macro MEMORY_WORK
    add x22, x22, 5 * 64
    and x22, x22, BUFFER_SIZE - 1
    add x0, x21, x22
    ldr x1, [x0]
    add x1, x1, x19
    str x1, [x0, 8]
    str w1, [x0, 16]
    strh w1, [x0, 20]
    strb w1, [x0, 22]
    ldrh w2, [x0, 10]
    ldrsb x3, [x0, 22]
    add x2, x2, x3
    ldp x3, x4, [x0, 32]
    stp x4, x2, [x0, 32]
    ldr w5, [x0, 24]
    add w5, w5, 1
    str w5, [x0, 24]
.endm

// 128 bytes from the lower to the upper half of the buffer.
.macro STRING_MOVE
    and x0, x22, BUFFER_SIZE / 2 - 1
    bic x0, x0, 64
    add x0, x0, x21
    add x1, x0, BUFFER_SIZE / 2
    mov w2, 8
1:  ldp x3, x4, [x0], 16
    stp x3, x4, [x1], 16
    subs w2, w2, 1
    b.ne 1b
.endm

// Small functions without frame. Kinds differ in length and in what they run.
.macro LEAF name, n
    FUNCTION \name
  .if \n == 0
    rev x0, x19
    eor x2, x2, x0
  .endif
  .if \n == 1
    mov w1, 10007
    udiv x0, x19, x1
    msub x2, x0, x1, x19
  .endif
  .if \n == 2
    mul x0, x19, x19
    umulh x1, x19, x19
    add x2, x0, x1
  .endif
  .if \n == 3
    cmp x19, x2
    csel x2, x19, x2, lt
    cset w0, lo
  .endif
  .if \n == 4
    and w1, w19, 7
1:  add x2, x2, x19
    ror x2, x2, 5
    subs w1, w1, 1
    b.pl 1b
  .endif
  .if \n == 5
    clz x0, x19
    rbit x1, x19
    clz x1, x1
    sub x2, x0, x1
  .endif
  .if \n == 6
    and x0, x19, 31
    asr x2, x19, x0
    lsl x2, x2, x0
    extr x2, x2, x19, 9
  .endif
  .if \n == 7
    adds x2, x2, x19
    adcs x2, x2, xzr
    sbc x2, x2, x19
    ccmp x2, x19, 4, ne
    cinc x2, x2, eq
  .endif
    ret
    END \name
.endm

// One turn of the work: calls every chain once, through the table, beginning at a random one.
FUNCTION work_iteration
    stp x29, x30, [sp, -32]!
    mov x29, sp
    stp x23, x24, [sp, 16]
    RANDOM
    PARAMETER x24, PARAM_HEADS
    udiv x0, x19, x24
    msub x23, x0, x24, x19               // the next
1:  ADDRESS x0, lab_heads
    ldr x0, [x0, x23, lsl 3]
    blr x0
    add x23, x23, 1
    PARAMETER x0, PARAM_HEADS
    cmp x23, x0
    csel x23, x23, xzr, lo
    subs x24, x24, 1                     // chains left
    b.ne 1b
    ldp x23, x24, [sp, 16]
    ldp x29, x30, [sp], 32
    ret
END work_iteration

.ltorg
