// Static keys on the toy: sites, the breakpoint scheme and its handler.

// A record of a poke.
.set POKE_CODE, 0
.set POKE_OLD, 8
.set POKE_NEW, 16
.set POKE_NAME, 24
.set POKE_SIZE, 32

.set OPCODE_NOP, 0x01
.set OPCODE_J, 0x38                      // the distance is in the upper half

.text

// Counts the way taken. Changes r5 to r7.
.macro PASS_SITE counter
    mfs r5, area
    ld r6, [r5 + \counter]
    addi r6, r6, 1
    sd r6, [r5 + \counter]
    ld r6, [r5 + CPU_CHECKSUM]
.endm

// Both ways add the same to the checksum, by different instructions.
.macro SITE n, length, boundary, offset
  .if \boundary > 8
    j site_\n
    .balign \boundary, 0
    .space \offset
  .endif
site_\n:
    nop
    PASS_SITE CPU_SITES_OFF
    addi r6, r6, \n + 1
    sd r6, [r5 + CPU_CHECKSUM]
    j .Lsite_\n\()_end
site_\n\()_on:
    PASS_SITE CPU_SITES_ON
    li r7, -(\n + 1)
    sub r6, r6, r7
    sd r6, [r5 + CPU_CHECKSUM]
.Lsite_\n\()_end:
.endm

// Changes the state of key r0 and the text of all its sites, a batch at a time.
FUNCTION mechanism_flip
    SAVE r10, r11, r12, r13
    shli r1, r0, 3
    li r2, lab_key_state
    add r1, r1, r2
    ld r12, [r1]
    li r2, 1
    xor r12, r12, r2                     // the new state
    sd r12, [r1]
    shli r1, r0, 4                       // KEY_SIZE
    li r2, lab_keys
    add r1, r1, r2
    ld r10, [r1 + KEY_FIRST]
    ld r11, [r1 + KEY_COUNT]
1:  PARAMETER r13, PARAM_BATCH_LIMIT
    bltu r13, r11, 2f
    addi r13, r11, 0
2:  addi r0, r10, 0
    addi r1, r13, 0
    addi r2, r12, 0
    call patch_batch
    li r1, SITE_SIZE
    mul r1, r13, r1
    add r10, r10, r1
    sub r11, r11, r13
    li r1, 0
    bne r11, r1, 1b
    RESTORE r10, r11, r12, r13
    ret
END mechanism_flip

// Begins a loop over the records: r10 = record, r11 = records left. The body may change what a function may.
.macro FOR_EACH_POKE
    li r10, poke_vector
    addi r11, r12, 0
7:
.endm

.macro NEXT_POKE
    addi r10, r10, POKE_SIZE
    addi r11, r11, -1
    li r1, 0
    bne r11, r1, 7b
.endm

// Brings r1 sites, at least one, from r0 on to key state r2.
FUNCTION patch_batch
    SAVE r10, r11, r12
    addi r12, r1, 0
    call queue_pokes

    FOR_EACH_POKE
    ld r0, [r10 + POKE_CODE]
    CONSTANT r1, PATCH_TRAP
    call write_insn
    NEXT_POKE

    // From here on no CPU runs an old instruction at any of the sites: it traps.
  .if FAULT_SYNC_A == 0
    call kick_other_cpus
  .endif

    // The event: before its time the old instruction or the trap ran, after it the trap or the new one.
    FOR_EACH_POKE
    ld r0, [r10 + POKE_CODE]
    addi r1, r10, POKE_OLD
    li r2, 8
    addi r3, r10, POKE_NEW
    li r4, 8
    ld r5, [r10 + POKE_NAME]
    call report_text
    NEXT_POKE

    FOR_EACH_POKE
    ld r0, [r10 + POKE_CODE]
    ld r1, [r10 + POKE_NEW]
    call write_insn
    NEXT_POKE

    // From here on no CPU traps at the sites, and none is in the handler.
    call kick_other_cpus
    li r0, poke_count
    li r1, 0
    sd r1, [r0]
    RESTORE r10, r11, r12
    ret
END patch_batch

// Makes the records of r1 sites from r0 on, which are to come to key state r2.
FUNCTION queue_pokes
    li r3, poke_count
    sd r1, [r3]
    li r3, poke_vector
1:  ld r4, [r0 + SITE_CODE]
    sd r4, [r3 + POKE_CODE]
    ld r5, [r0 + SITE_NAME]
    sd r5, [r3 + POKE_NAME]
    ld r5, [r0 + SITE_TARGET]
    sub r5, r5, r4
    shli r5, r5, 32
    addi r5, r5, OPCODE_J
    li r6, OPCODE_NOP
    li r7, 0
    bne r2, r7, 2f                       // from a NOP to a jump
    sd r5, [r3 + POKE_OLD]
    sd r6, [r3 + POKE_NEW]
    j 3f
2:  sd r6, [r3 + POKE_OLD]
    sd r5, [r3 + POKE_NEW]
3:  ld r5, [r3 + POKE_OLD]
    ld r6, [r4]
    bne r5, r6, 4f
    addi r0, r0, SITE_SIZE
    addi r3, r3, POKE_SIZE
    addi r1, r1, -1
    bne r1, r7, 1b
    ret
4:  addi r0, r4, 0
    addi r1, r6, 0
    PANIC PANIC_OLD_TEXT_DIFFERS
END queue_pokes

// Called on a trap with interrupts off; r0 = the frame. If the trap stands for an instruction of the vector, changes
// the frame as if that had run and returns 1; else returns 0. Runs no code that is ever patched.
FUNCTION mechanism_breakpoint
    ld r1, [r0 + FRAME_EPC]
    li r2, poke_vector
    li r3, poke_count
    ld r3, [r3]
    li r4, 0
1:  beq r3, r4, 9f
    ld r5, [r2 + POKE_CODE]
    beq r5, r1, 2f
    addi r2, r2, POKE_SIZE
    addi r3, r3, -1
    j 1b
2:  ld r3, [r2 + POKE_NEW]
    li r5, OPCODE_NOP
    addi r6, r1, 8                       // next instruction
    beq r3, r5, 3f
    lw r3, [r2 + POKE_NEW + 4]           // the distance
    add r6, r1, r3
3:  sd r6, [r0 + FRAME_EPC]
    li r0, 1
    ret
9:  li r0, 0
    ret
END mechanism_breakpoint

.data
.balign 64
poke_count:
    .quad 0
poke_vector:
    .fill BATCH_MAX * POKE_SIZE / 8, 8, 0
