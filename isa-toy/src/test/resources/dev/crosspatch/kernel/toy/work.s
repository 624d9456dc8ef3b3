// What the workload is made of. The configuration decides how many functions and sites there are and uses these macros.

.text

.macro WORK_FUNCTION name
    FUNCTION \name
    SAVE
.endm

.macro WORK_END name
    RESTORE
    ret
    END \name
.endm

.macro CALL_FUNCTION name
    call \name
.endm

.macro INDIRECT_CALL
    RANDOM
    andi r0, r16, 7
    shli r0, r0, 3
    li r1, lab_leaves
    add r1, r1, r0
    ld r1, [r1]
    callr r1
.endm

// Conditional branches that no predictor can learn, and a short loop.
.macro BRANCHES
    RANDOM
    li r4, 0
    andi r3, r16, 1
    beq r3, r4, 1f
    add r2, r2, r16
1:  andi r3, r16, 2
    bne r3, r4, 2f
    xor r2, r2, r16
2:  andi r3, r16, 3
3:  add r2, r2, r3
    beq r3, r4, 4f
    addi r3, r3, -1
    j 3b
4:
.endm

.macro ARITHMETIC
    li r3, 0x6c8d
    mul r2, r16, r3
    shri r3, r2, 51
    add r2, r2, r3
    sub r2, r2, r3
    xor r2, r2, r16
    and r2, r2, r3
.endm

// A line read and written in all widths, five lines on each time: sweeps the buffer.
.macro MEMORY_WORK
    addi r19, r19, 5 * 64
    andi r19, r19, BUFFER_SIZE - 1
    add r0, r18, r19
    ld r1, [r0]
    add r1, r1, r16
    sd r1, [r0 + 8]
    sw r1, [r0 + 16]
    sb r1, [r0 + 22]
    lw r2, [r0 + 12]
    lb r3, [r0 + 22]
    add r2, r2, r3
    sd r2, [r0 + 32]
.endm

// 64 bytes from the lower to the upper half of the buffer.
.macro STRING_MOVE
    andi r0, r19, BUFFER_SIZE / 2 - 64
    add r0, r0, r18
    li r2, 8
    li r4, 0
1:  ld r3, [r0]
    sd r3, [r0 + BUFFER_SIZE / 2]
    addi r0, r0, 8
    addi r2, r2, -1
    bne r2, r4, 1b
.endm

// Small functions without frame: straight, dividing, looping, in turn.
.macro LEAF name, n
    FUNCTION \name
  .if \n % 3 == 0
    shli r0, r16, \n + 1
    xor r2, r2, r0
  .endif
  .if \n % 3 == 1
    li r1, 10007
    div r0, r16, r1
    mul r0, r0, r1
    sub r2, r16, r0
  .endif
  .if \n % 3 == 2
    andi r1, r16, 7
    li r3, 0
1:  add r2, r2, r16
    addi r1, r1, -1
    bge r1, r3, 1b
  .endif
    ret
    END \name
.endm

// One turn of the work: calls every chain once, through the table, beginning at a random one.
FUNCTION work_iteration
    SAVE r10, r11
    RANDOM
    PARAMETER r11, PARAM_HEADS           // chains left
    div r0, r16, r11
    mul r0, r0, r11
    sub r10, r16, r0                     // the next
1:  li r0, lab_heads
    shli r1, r10, 3
    add r0, r0, r1
    ld r0, [r0]
    callr r0
    addi r10, r10, 1
    PARAMETER r0, PARAM_HEADS
    bltu r10, r0, 2f
    li r10, 0
2:  addi r11, r11, -1
    li r0, 0
    bne r11, r0, 1b
    RESTORE r10, r11
    ret
END work_iteration
