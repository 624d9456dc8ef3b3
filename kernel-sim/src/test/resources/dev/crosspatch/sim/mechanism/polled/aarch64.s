.macro SITE n, length, boundary, offset
    bl park
    STATIC_BRANCH \n, \length, \boundary, \offset
.endm

// Adds \value to the count of those who wait, at x14. Changes w15, w16.
.macro COUNT_WAITING value
1:  ldaxr w15, [x14]
    add w15, w15, \value
    stlxr w16, w15, [x14]
    cbnz w16, 1b
.endm

.text
STATIC_BRANCH_TEXT

// Waits while somebody patches. Changes x12 to x16.
FUNCTION park
    ADDRESS x12, poll_stop
    ldr w13, [x12]
    cbz w13, 3f
    ADDRESS x14, poll_arrived
    COUNT_WAITING 1
2:
  .if FAULT_EARLY_ISB
    isb
  .endif
    ldr w13, [x12]
    cbnz w13, 2b
  .if FAULT_READERS_INVALIDATE
    dmb ish
    ic iallu
    dsb nsh
  .endif
  .if FAULT_READER_ISB + FAULT_EARLY_ISB == 0
    isb
  .endif
    COUNT_WAITING -1
3:  ret
END park

// Changes key x0 and its sites.
FUNCTION mechanism_flip
    stp x29, x30, [sp, -80]!
    mov x29, sp
    stp x23, x24, [sp, 16]
    stp x25, x26, [sp, 64]
    ADDRESS x1, lab_key_state
    ldr x24, [x1, x0, lsl 3]
    eor x2, x24, 1
    str x2, [x1, x0, lsl 3]
    ADDRESS x1, lab_keys
    add x1, x1, x0, lsl 4                // KEY_SIZE
    ldr x23, [x1, KEY_FIRST]
    ldr x25, [x1, KEY_COUNT]
    ADDRESS x12, poll_stop
    mov w13, 1
    str w13, [x12]
    dsb ish
    ADDRESS x14, poll_arrived
    ADDRESS x15, cpus_online
    ldr w15, [x15]
    sub w15, w15, 1
1:  ldar w13, [x14]
    cmp w13, w15
    b.ne 1b
2:  cbz x25, 3f
    sub x25, x25, 1
    ldr x0, [x23, SITE_CODE]
    ldr w1, [x0]
    str w1, [x29, 40]
    mov x0, x23
    eor x1, x24, 1
    bl site_text
    str w2, [x29, 48]
  .if FAULT_EARLY_EVENT
    bl report_site
    bl write_site
  .else
    bl write_site
    bl report_site
  .endif
    add x23, x23, SITE_SIZE
    b 2b
3:  ADDRESS x12, poll_stop
    stlr wzr, [x12]
    ADDRESS x14, poll_arrived
4:  ldar w13, [x14]
    cbnz w13, 4b
    ldp x25, x26, [sp, 64]
    ldp x23, x24, [sp, 16]
    ldp x29, x30, [sp], 80
    ret
END mechanism_flip

// Reports the change of site x23 from the word at [x29, 40] to that at [x29, 48].
FUNCTION report_site
    ldr x0, [x23, SITE_CODE]
    add x1, x29, 40
    mov x2, 4
    add x3, x29, 48
    mov x4, 4
    ldr x5, [x23, SITE_NAME]
    b report_text
END report_site

// Writes the word at [x29, 48] to site x23, through the direct map, and has instruction fetch see it. Changes x0 to x4.
FUNCTION write_site
    ldr x0, [x23, SITE_CODE]
    ldr w2, [x29, 48]
    ADDRESS x3, text_physical
    ldr x3, [x3]
    add x3, x3, x0
    CONSTANT x4, DIRECT_MAP
    add x3, x3, x4
    str w2, [x3]
  .if FAULT_TO_MEMORY
    dc civac, x3
  .elseif FAULT_CLEAN == 0
    dc cvau, x3
  .endif
  .if FAULT_CLEAN_DMB
    dmb ish
  .elseif FAULT_CLEAN_BARRIER == 0
    dsb ish
  .endif
  .if FAULT_OWN_CACHES + FAULT_READERS_INVALIDATE
    ic iallu
  .else
    ic ivau, x0
  .endif
  .if FAULT_INVALIDATE_DMB
    dmb ish
  .else
    dsb ish
  .endif
  .if FAULT_OWN_ISB == 0
    isb
  .endif
    ret
END write_site

.data
.balign 64
poll_stop: .word 0
.balign 64
poll_arrived: .word 0
.balign 64
