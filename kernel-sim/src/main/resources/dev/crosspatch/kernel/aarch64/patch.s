// Live patching: static keys, the breakpoint scheme and its handler, Linux's nosync patching, and the writes.

// A record of the site vector, 16 bytes.
.set POKE_REL, 0                         // s32: address of the site minus _stext
.set POKE_OLD, 4                         // u32: the word before the poke
.set POKE_NEW, 8                         // u32: the word after it
.set POKE_SITE, 12                       // u32: number of the site
.set POKE_SIZE, 16

// Fields of patch_state.
.set STATE_TEXT_PHYSICAL, 0              // physical address minus address of the text
.set STATE_NEXT_FLIP, 8                  // time of the next flip
.set STATE_FLIP_INDEX, 16                // in lab_flip_order
.set STATE_FLIPS_MADE, 24
.set STATE_POKES, 32                     // records in poke_vector

// The fixmap slot, and the flags of its entry: a page of normal memory, inner shareable, accessed, for EL1 to read and
// write, never executed.
.set FIXMAP, _text - 0x200000
.set PTE_FLAGS, 0x0060000000000703

.set INSN_NOP, 0xd503201f
.set INSN_B, 0x14000000
.set INSN_BL, 0x94000000

.text

// Called between work iterations. On the patching CPU: flips the next key if it is time to and flips are left; once all
// are made, tells endless workers to stop. The counter is read without an ISB before it: some ticks of jitter do no
// harm, a context synchronization would hide that one was left out elsewhere.
FUNCTION patch_poll
    mrs x1, tpidr_el1
    ldr x0, [x1, CPU_NUMBER]
    PARAMETER x1, PARAM_PATCHING_CPU
    cmp x0, x1
    b.ne 3f
    ADDRESS x4, patch_state
    PARAMETER x0, PARAM_FLIPS
    ldr x1, [x4, STATE_FLIPS_MADE]
    cbz x0, 1f
    cmp x1, x0
    b.lo 1f
    ADDRESS x0, work_stop
    mov x1, 1
    str x1, [x0]
    ret
1:  mrs x2, cntvct_el0
    ldr x3, [x4, STATE_NEXT_FLIP]
    cmp x2, x3
    b.lo 3f
    PARAMETER x3, PARAM_FLIP_INTERVAL
    add x2, x2, x3
    str x2, [x4, STATE_NEXT_FLIP]
    add x1, x1, 1
    str x1, [x4, STATE_FLIPS_MADE]

    ldr x1, [x4, STATE_FLIP_INDEX]
    ADDRESS x2, lab_flip_order
    ldr x0, [x2, x1, lsl 3]
    add x1, x1, 1
    PARAMETER x2, PARAM_FLIP_ORDER_LENGTH
    cmp x1, x2
    csel x1, x1, xzr, lo
    str x1, [x4, STATE_FLIP_INDEX]
    b flip_key
3:  ret
END patch_poll

// Changes the state of key x0 and the text of all its sites.
FUNCTION flip_key
    stp x29, x30, [sp, -48]!
    mov x29, sp
    stp x23, x24, [sp, 16]
    stp x25, x26, [sp, 32]
    LAB MARK_FLIP_BEGIN, x0
    mov x26, x0
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
    bl poke_add
    add x23, x23, SITE_SIZE
    sub x25, x25, 1
    b 1b
2:  bl poke_finish
    LAB MARK_FLIP_END, x26
    ldp x25, x26, [sp, 32]
    ldp x23, x24, [sp, 16]
    ldp x29, x30, [sp], 48
    ret
END flip_key

// The instruction that site x0 has in key state x1, in w2: a branch if the key is on, a NOP if not. Changes x3.
FUNCTION site_text
    CONSTANT w2, INSN_NOP
    cbz x1, 1f
    ldr x2, [x0, SITE_TARGET]
    ldr x3, [x0, SITE_CODE]
    sub x2, x2, x3
    ubfx x2, x2, 2, 26
    CONSTANT w3, INSN_B
    orr w2, w2, w3
1:  ret
END site_text

// Queues the poke that brings site x0 to key state x1; flushes the queue first if it is full. Sites come in ascending
// order of their addresses, which the handler's binary search relies on.
FUNCTION poke_add
    stp x29, x30, [sp, -32]!
    mov x29, sp
    stp x23, x24, [sp, 16]
    mov x23, x0
    mov x24, x1
    ADDRESS x4, patch_state
    ldr x5, [x4, STATE_POKES]
    PARAMETER x6, PARAM_BATCH_LIMIT
    cmp x5, x6
    b.lo 1f
    bl poke_finish

    // The text must be what the other key state says.
1:  mov x0, x23
    eor x1, x24, 1
    bl site_text
    mov w7, w2
    ldr x6, [x23, SITE_CODE]
    ldr w3, [x6]
    cmp w2, w3
    b.eq 2f
    mov x0, x6
    mov w1, w3
    PANIC PANIC_OLD_TEXT_DIFFERS

2:  mov x0, x23
    mov x1, x24
    bl site_text
    ADDRESS x4, patch_state
    ldr x5, [x4, STATE_POKES]
    ADDRESS x0, poke_vector
    add x0, x0, x5, lsl 4                // POKE_SIZE
    adr x1, _stext
    sub x6, x6, x1
    stp w6, w7, [x0, POKE_REL]
    ldr x3, [x23, SITE_NUMBER]
    stp w2, w3, [x0, POKE_NEW]
    add x5, x5, 1
    str x5, [x4, STATE_POKES]
    ldp x23, x24, [sp, 16]
    ldp x29, x30, [sp], 32
    ret
END poke_add

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
    ADDRESS x0, patch_state
    ldr x26, [x0, STATE_POKES]
    cbz x26, 1f
    LAB MARK_BATCH_BEGIN, x26
  .if PROTOCOL == PROTOCOL_BRK
    bl poke_with_breakpoints
  .endif
  .if PROTOCOL == PROTOCOL_NOSYNC_KICK
    bl poke_nosync
  .endif
    ADDRESS x0, patch_state
    str xzr, [x0, STATE_POKES]
    LAB MARK_BATCH_END, x26
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
    LAB LAB_POKE_ADDRESS, x24
    ldp w0, w1, [x23, POKE_OLD]
    LAB LAB_POKE_OLD, x0
    LAB LAB_POKE_NEW, x1
    mov x0, 0x0404                       // lengths
    LAB LAB_POKE_LENGTHS, x0
    mov x0, MECHANISM_JUMP_LABEL
    LAB LAB_POKE_MECHANISM, x0
    ldr w0, [x23, POKE_SITE]
    LAB LAB_POKE_SITE, x0
    LAB LAB_POKE_COMMIT, x0
    ret
END report_poke

// Called on a BRK with interrupts masked; x0 = the frame. If the trap stands for an instruction of the vector, changes
// the frame as if that had run and returns 1; else returns 0. Runs no code that is ever patched.
FUNCTION poke_brk_handler
    ldr x1, [x0, FRAME_ELR]
    adr x2, _stext
    sub x2, x1, x2                       // what POKE_REL holds
    ADDRESS x3, patch_state
    ldr x4, [x3, STATE_POKES]            // behind the last candidate
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
END poke_brk_handler

// Finds where the text is in physical memory, contiguous as the boot loader put it, and gives the fixmap slot a table.
FUNCTION init_patching
    stp x29, x30, [sp, -16]!
    adr x0, _text
    bl virtual_to_physical
    adr x1, _text                        // at the begin of a page
    sub x0, x0, x1
    ADDRESS x1, patch_state
    str x0, [x1, STATE_TEXT_PHYSICAL]
  .if ALIAS == ALIAS_POKING
    ADDRESS x0, fixmap_table
    bl virtual_to_physical
    orr x0, x0, 3                        // a table
    // The tables of levels 0 and 1 are the kernel's own; the slot is 2 MiB below it.
    CONSTANT x1, FIXMAP
    CONSTANT x2, DIRECT_MAP
    mrs x3, ttbr1_el1
    mov x4, 39                           // lowest bit of the level's index
1:  and x3, x3, 0x0000fffffffff000
    add x3, x3, x2
    lsr x5, x1, x4
    and x5, x5, 511
    cmp x4, 21
    b.eq 2f
    ldr x3, [x3, x5, lsl 3]
    sub x4, x4, 9
    b 1b
2:  str x0, [x3, x5, lsl 3]
    dsb ishst
    isb
  .endif
    ldp x29, x30, [sp], 16
    ret
END init_patching

// Physical address of x0 in x0, for a privileged read. Panics if it is not mapped. Changes x1.
FUNCTION virtual_to_physical
    at s1e1r, x0
    isb
    mrs x1, par_el1
    tbnz x1, 0, 1f
    and x1, x1, 0x0000fffffffff000
    bfxil x1, x0, 0, 12
    mov x0, x1
    ret
1:  PANIC PANIC_NOT_MAPPED
END virtual_to_physical

// aarch64_insn_patch_text_nosync: one aligned store of word w1 to the text at x0 through a writable alias, then the
// maintenance that makes it visible to instruction fetches of all CPUs, by the address it runs at. Reads it back.
// Changes x2 to x5.
FUNCTION write_insn
    ADDRESS x2, patch_state
    ldr x2, [x2, STATE_TEXT_PHYSICAL]
    add x2, x2, x0
  .if ALIAS == ALIAS_DIRECT_MAP
    CONSTANT x3, DIRECT_MAP
    str w1, [x2, x3]
  .else
    // set_fixmap: this CPU alone uses the slot, but may be interrupted meanwhile.
    CONSTANT x3, PTE_FLAGS
    and x4, x2, 0xfffffffffffff000
    orr x4, x4, x3
    ADDRESS x3, fixmap_table
    str x4, [x3]
    dsb ishst
    isb
    CONSTANT x4, FIXMAP
    and x2, x2, 0xfff
    str w1, [x4, x2]
    // clear_fixmap
    str xzr, [x3]
    dsb ishst
    ubfx x4, x4, 12, 44
    tlbi vaale1is, x4
    dsb ish
    isb
  .endif

    // caches_clean_inval_pou, for one word.
    mrs x3, ctr_el0
    tbnz x3, CTR_IDC_BIT, 1f
  .if FAULT_DC_CVAU == 0
    dc cvau, x0                          // to the point of unification
  .endif
  .if FAULT_DSB == 0
    dsb ish
  .endif
    b 2f
1:
  .if FAULT_DSB == 0
    dsb ishst
  .endif
2:  tbnz x3, CTR_DIC_BIT, 3f
  .if FAULT_IC_IVAU == 0
    ic ivau, x0                          // from all instruction caches
  .endif
  .if FAULT_DSB == 0
    dsb ish
  .endif
3:
  .if FAULT_LOCAL_ISB == 0
    isb                                  // and from this CPU's pipeline
  .endif
    ldr w2, [x0]
    cmp w1, w2
    b.ne 4f
    ret
4:  mov w1, w2
    PANIC PANIC_READ_BACK_DIFFERS
END write_insn

.ltorg

.data
.balign 64
patch_state:
    .fill 5, 8, 0
.set flips_made, patch_state + STATE_FLIPS_MADE
.balign 4096
poke_vector:
    .fill BATCH_MAX * 2, 8, 0

  .if ALIAS == ALIAS_POKING
fixmap_table:
    .fill 512, 8, 0
  .endif
