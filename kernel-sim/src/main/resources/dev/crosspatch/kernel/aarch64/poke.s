// Writes to text through an alias.

// The fixmap slot, and the flags of its entry: a page of normal memory, inner shareable, accessed, for EL1 to read and
// write, never executed.
.set FIXMAP, _text - 0x200000
.set PTE_FLAGS, 0x0060000000000703

.text

// Tells the laboratory of a text event: at x0, x2 bytes at x1 were replaced by x4 bytes at x3. No old bytes: text
// appears; no new ones: it goes away. x5 = name of the site, zero-terminated. Changes x16.
FUNCTION report_text
    sub sp, sp, EVENT_SIZE
    str x0, [sp, EVENT_ADDRESS]
    str x2, [sp, EVENT_OLD_LENGTH]
    str x1, [sp, EVENT_OLD]
    str x4, [sp, EVENT_NEW_LENGTH]
    str x3, [sp, EVENT_NEW]
    str x5, [sp, EVENT_SITE]
    str xzr, [sp, EVENT_MECHANISM]       // the kernel's
    mov x16, sp
    LAB LAB_TEXT_EVENT, x16
    add sp, sp, EVENT_SIZE
    ret
END report_text

// Finds where the text is in physical memory, contiguous as the boot loader put it, and gives the fixmap slot a table.
FUNCTION init_patching
    stp x29, x30, [sp, -16]!
    adr x0, _text
    bl virtual_to_physical
    adr x1, _text                        // at the begin of a page
    sub x0, x0, x1
    ADDRESS x1, text_physical
    str x0, [x1]
  .if ALIAS == ALIAS_POKING
    ADDRESS x0, fixmap_table
    bl virtual_to_physical
    orr x0, x0, 3                        // a table
    // The tables of levels 0 and 1 are the kernel's own; the slot is 2 MiB below it.
    CONSTANT x1, FIXMAP
    LINK_TABLE
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
  .if SITES_IN_PATCHER
    // The patcher runs what it patches: before each store what the others have made of the text so far.
    sub sp, sp, FRAME_SIZE
    stp x0, x1, [sp, 0]
    stp x6, x7, [sp, 16]
    stp x8, x9, [sp, 32]
    stp x10, x11, [sp, 48]
    stp x12, x13, [sp, 64]
    stp x14, x15, [sp, 80]
    stp x16, x17, [sp, 96]
    str x30, [sp, 112]
    RUN_PATH path_patcher, CPU_PATH_PATCHER
    ldr x30, [sp, 112]
    ldp x16, x17, [sp, 96]
    ldp x14, x15, [sp, 80]
    ldp x12, x13, [sp, 64]
    ldp x10, x11, [sp, 48]
    ldp x8, x9, [sp, 32]
    ldp x6, x7, [sp, 16]
    ldp x0, x1, [sp, 0]
    add sp, sp, FRAME_SIZE
  .endif
    ADDRESS x2, text_physical
    ldr x2, [x2]
    add x2, x2, x0
  .if USES_MODULE_AREA
    tbz x0, MODULE_AREA_BIT, 1f
    CONSTANT x3, TEXT_ROOM_DISTANCE
    sub x2, x2, x3
1:
  .endif
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
.balign 4096
  .if ALIAS == ALIAS_POKING
fixmap_table:
    .fill 512, 8, 0
  .endif
