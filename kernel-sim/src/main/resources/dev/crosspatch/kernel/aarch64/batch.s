// The part poke-batch: a queue of pokes, Linux's nosync patching of them, the breakpoint scheme and its handler.

// A record of the site vector, 16 bytes.
.set POKE_REL, 0                         // s32: address of the site minus _stext
.set POKE_OLD, 4                         // u32: the word before the poke
.set POKE_NEW, 8                         // u32: the word after it
.set POKE_NAME, 12                       // s32: address of the site's name minus _stext
.set POKE_SIZE, 16

.text

// Changes the state of key x0: calls x1 with each entry of its sites in x0 and the new state in x1, which queues what
// it pokes there, and finishes the queue.
FUNCTION poke_key
    stp x29, x30, [sp, -48]!
    mov x29, sp
    stp x23, x24, [sp, 16]
    stp x25, x26, [sp, 32]
    mov x26, x1
    ADDRESS x1, lab_key_state
    ldr x24, [x1, x0, lsl 3]
    eor x24, x24, 1                      // the new state
    str x24, [x1, x0, lsl 3]
    ADDRESS x1, lab_keys
    add x1, x1, x0, lsl 4                // KEY_SIZE
    ldr x23, [x1, KEY_FIRST]
    ldr x25, [x1, KEY_COUNT]
1:  cbz x25, 2f
    mov x0, x23
    mov x1, x24
    blr x26
    add x23, x23, SITE_SIZE
    sub x25, x25, 1
    b 1b
2:  bl poke_finish
    ldp x25, x26, [sp, 32]
    ldp x23, x24, [sp, 16]
    ldp x29, x30, [sp], 48
    ret
END poke_key

// Queues a poke: the word of text at x0 becomes w1. Until it is there, the handler of the breakpoint scheme emulates
// it: NOP, B or BL. x2 = name of the site for the event. Flushes the queue first if it is full or the site does not
// stand behind the last one: the handler searches a sorted vector.
FUNCTION poke_queue
    stp x29, x30, [sp, -48]!
    mov x29, sp
    stp x23, x24, [sp, 16]
    str x25, [sp, 32]
    mov x23, x0
    mov w24, w1
    mov x25, x2
    ADDRESS x4, poke_count
    ldr x5, [x4]
    cbz x5, 2f
    PARAMETER x6, PARAM_BATCH_LIMIT
    cmp x5, x6
    b.hs 1f
    ADDRESS x7, poke_vector
    add x7, x7, x5, lsl 4                // POKE_SIZE
    ldursw x7, [x7, POKE_REL - POKE_SIZE]
    adr x6, _stext
    add x7, x7, x6
    cmp x0, x7
    b.hi 2f
1:  bl poke_finish
    ADDRESS x4, poke_count
    ldr x5, [x4]
2:  ADDRESS x0, poke_vector
    add x0, x0, x5, lsl 4                // POKE_SIZE
    adr x1, _stext
    ldr w7, [x23]
    sub x6, x23, x1
    stp w6, w7, [x0, POKE_REL]
    sub x3, x25, x1
    stp w24, w3, [x0, POKE_NEW]
    add x5, x5, 1
    str x5, [x4]
    ldr x25, [sp, 32]
    ldp x23, x24, [sp, 16]
    ldp x29, x30, [sp], 48
    ret
END poke_queue

// Begins a loop over the queued records: x23 = record, x24 = address of its site, x25 = records left. The body may
// change anything a function may.
.macro FOR_EACH_POKE
    ADDRESS x23, poke_vector
    mov x25, x26
7:  ldrsw x24, [x23, POKE_REL]
    adr x0, _stext
    add x24, x24, x0
.endm

.macro NEXT_POKE
    add x23, x23, POKE_SIZE
    subs x25, x25, 1
    b.ne 7b
.endm

// Brings the queued pokes into the text and empties the queue.
FUNCTION poke_finish
    stp x29, x30, [sp, -48]!
    mov x29, sp
    stp x23, x24, [sp, 16]
    stp x25, x26, [sp, 32]
    ADDRESS x0, poke_count
    ldr x26, [x0]
    cbz x26, 1f
  .if LIKE == PROTOCOL_BRK
    bl poke_with_breakpoints
  .else
    bl poke_nosync
  .endif
    ADDRESS x0, poke_count
    str xzr, [x0]
1:  ldp x25, x26, [sp, 32]
    ldp x23, x24, [sp, 16]
    ldp x29, x30, [sp], 48
    ret
END poke_finish

// The scheme proposed in November 2019 (never merged), for a batch, with the kick it lacked; x26 = records. Changes x23
// to x25.
FUNCTION poke_with_breakpoints
    stp x29, x30, [sp, -16]!
    mov x29, sp
    // A CPU that takes the BRK must find the record: records and their number before the first BRK.
    dmb ishst
  .if FAULT_TRAP == 0
    FOR_EACH_POKE
    mov x0, x24
    CONSTANT w1, PATCH_TRAP
    bl write_insn
    NEXT_POKE
  .endif

  .if FAULT_REPORT == 0 && FAULT_REPORT_BEFORE_SYNC_A == 1
    FOR_EACH_POKE
    bl report_poke
    NEXT_POKE
  .endif

    // From here on no CPU runs an old instruction at any of the sites: it traps.
  .if FAULT_SYNC_A == 0
    bl kick_other_cpus
  .endif

    // The event: before its time the old instruction or the trap ran, after it the trap or the new one.
  .if FAULT_REPORT == 0 && FAULT_REPORT_BEFORE_SYNC_A == 0
    FOR_EACH_POKE
    bl report_poke
    NEXT_POKE
  .endif

    FOR_EACH_POKE
    mov x0, x24
    ldr w1, [x23, POKE_NEW]
    bl write_insn
    NEXT_POKE

    // From here on no CPU traps at the sites. Exceptions are taken with interrupts masked, so a CPU that has answered
    // is also out of the handler.
  .if FAULT_SYNC_C == 0
    bl kick_other_cpus
  .endif
    ldp x29, x30, [sp], 16
    ret
END poke_with_breakpoints

// Linux today: NOP and B may be exchanged while others run them (Arm ARM B2.2.5); x26 = records. Changes x23 to x25.
FUNCTION poke_nosync
    stp x29, x30, [sp, -16]!
    mov x29, sp
    FOR_EACH_POKE
    mov x0, x24
    ldr w1, [x23, POKE_NEW]
    bl write_insn
  .if FAULT_REPORT == 0
    bl report_poke
  .endif
    NEXT_POKE
  .if FAULT_SYNC_C == 0
    bl kick_other_cpus
  .endif
    ldp x29, x30, [sp], 16
    ret
END poke_nosync

// The text-poke event of record x23, site address x24.
FUNCTION report_poke
    mov x0, x24
    add x1, x23, POKE_OLD
    mov x2, 4
    add x3, x23, POKE_NEW
    mov x4, 4
    ldrsw x5, [x23, POKE_NAME]
    adr x6, _stext
    add x5, x6, x5
    b report_text
END report_poke

// Called on a BRK with interrupts masked; x0 = the frame. If the trap stands for an instruction of the vector, changes
// the frame as if that had run and returns 1; else returns 0. Runs no code that is ever patched.
FUNCTION poke_breakpoint
    ldr x1, [x0, FRAME_ELR]
    adr x2, _stext
    sub x2, x1, x2                       // what POKE_REL holds
    ADDRESS x3, poke_count
    ldr x4, [x3]                         // behind the last candidate
    mov x5, 0                            // first candidate
    ADDRESS x6, poke_vector
1:  cmp x5, x4
    b.hs 9f
    add x7, x4, x5
    lsr x7, x7, 1
    add x8, x6, x7, lsl 4                // POKE_SIZE
    ldr w9, [x8, POKE_REL]
    cmp w2, w9
    b.eq 3f
    b.lt 2f
    add x5, x7, 1
    b 1b
2:  mov x4, x7
    b 1b

3:  ldr w2, [x8, POKE_NEW]
    add x4, x1, 4                        // next instruction
    CONSTANT w3, INSN_NOP
    cmp w2, w3
    b.eq 5f
    and w3, w2, 0xfc000000
    sbfiz x2, x2, 2, 26
    add x2, x2, x1                       // target
    CONSTANT w5, INSN_B
    cmp w3, w5
    b.eq 4f
    CONSTANT w5, INSN_BL
    cmp w3, w5
    b.ne 9f                              // a BRK for good: somebody else's
    str x4, [x0, FRAME_X30]
4:  mov x4, x2
5:  str x4, [x0, FRAME_ELR]
    mov x0, 1
    ret
9:  mov x0, 0
    ret
END poke_breakpoint

.ltorg

.data
poke_count:
    .quad 0
.balign 4096
poke_vector:
    .fill BATCH_MAX * 2, 8, 0
