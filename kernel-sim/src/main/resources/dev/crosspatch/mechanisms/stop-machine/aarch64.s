// Sites that are NOPs or branches, written while the machine is stopped.

.text

.macro SITE n, length, boundary, offset
    STATIC_BRANCH \n, \length, \boundary, \offset
.endm

// Changes the state of key x0 and the text of all its sites.
FUNCTION mechanism_flip
    mov x1, x0
    adr x0, patch_key
    b stop_machine
END mechanism_flip

// Changes key x0 and its sites, while all other CPUs are parked.
FUNCTION patch_key
    stp x29, x30, [sp, -64]!
    mov x29, sp
    stp x23, x24, [sp, 16]
    str x25, [sp, 32]
    ADDRESS x1, lab_key_state
    ldr x24, [x1, x0, lsl 3]
    eor x2, x24, 1
    str x2, [x1, x0, lsl 3]
    ADDRESS x1, lab_keys
    add x1, x1, x0, lsl 4                // KEY_SIZE
    ldr x23, [x1, KEY_FIRST]
    ldr x25, [x1, KEY_COUNT]
1:  cbz x25, 3f
    sub x25, x25, 1
    mov x0, x23
    mov x1, x24
    bl site_text
    ldr x0, [x23, SITE_CODE]
    ldr w1, [x0]
    cmp w1, w2
    b.eq 2f
    PANIC PANIC_OLD_TEXT_DIFFERS
2:  str w1, [x29, 40]
    mov x0, x23
    eor x1, x24, 1
    bl site_text
    str w2, [x29, 48]
    ldr x0, [x23, SITE_CODE]
    mov w1, w2
    bl write_insn
  .if FAULT_REPORT == 0
    ldr x0, [x23, SITE_CODE]
    add x1, x29, 40
    mov x2, 4
    add x3, x29, 48
    mov x4, 4
    ldr x5, [x23, SITE_NAME]
    bl report_text
  .endif
    add x23, x23, SITE_SIZE
    b 1b
3:  ldr x25, [sp, 32]
    ldp x23, x24, [sp, 16]
    ldp x29, x30, [sp], 64
    ret
END patch_key

STATIC_BRANCH_TEXT

.ltorg
