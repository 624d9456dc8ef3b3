// Dynamic debug: a query switches many static branches, each as a key of its own.

// The table of statements has file after file of the source; the linker puts parts of each file into so many places.
.set DEBUG_PLACES, 3

.text

.macro SITE n, length, boundary, offset
    STATIC_BRANCH \n, \length, \boundary, \offset
.endm

// Query x0: switches all its statements, in the order of the table: of each file first the one that stands in the first
// place of the text, then that of the second, and so on (ddebug_change).
FUNCTION mechanism_flip
    stp x29, x30, [sp, -64]!
    mov x29, sp
    stp x23, x24, [sp, 16]
    stp x25, x26, [sp, 32]
    str xzr, [sp, 48]                    // the file
    str x27, [sp, 56]
    ADDRESS x1, lab_key_state
    ldr x24, [x1, x0, lsl 3]
    eor x24, x24, 1                      // the new state
    str x24, [x1, x0, lsl 3]
    ADDRESS x1, lab_keys
    add x1, x1, x0, lsl 4                // KEY_SIZE
    ldr x23, [x1, KEY_FIRST]
    ldr x25, [x1, KEY_COUNT]
    add x26, x25, DEBUG_PLACES - 1
    mov x1, DEBUG_PLACES
    udiv x26, x26, x1                    // how many files
1:  ldr x27, [sp, 48]
    cmp x27, x26
    b.hs 3f
    add x0, x27, 1
    str x0, [sp, 48]
2:  mov x0, SITE_SIZE
    madd x0, x0, x27, x23
    mov x1, x24
    bl switch_statement
    add x27, x27, x26
    cmp x27, x25
    b.lo 2b
    b 1b
3:
  .if PROTOCOL == PROTOCOL_BRK_SORTED
    mov x0, x24
    bl poke_sorted
  .else
    bl poke_finish
  .endif
    ldr x27, [sp, 56]
    ldp x25, x26, [sp, 32]
    ldp x23, x24, [sp, 16]
    ldp x29, x30, [sp], 64
    ret
END mechanism_flip

// The statement of entry x0 goes to state x1, now or later.
FUNCTION switch_statement
  .if PROTOCOL == PROTOCOL_BRK_SORTED
    ADDRESS x3, sorted_count
    ldr x4, [x3]
    PARAMETER x5, PARAM_BATCH_LIMIT
    cmp x4, x5
    b.lo 1f
    stp x30, x0, [sp, -16]!
    mov x0, x1
    bl poke_sorted
    ldp x30, x0, [sp], 16
    ADDRESS x3, sorted_count
    mov x4, 0
1:  add x5, x4, 1
    str x5, [x3]
    ADDRESS x3, sorted_sites
    add x3, x3, x4, lsl 3                // where it goes, if nobody is behind it
    ldr x5, [x0, SITE_CODE]
2:  cbz x4, 3f
    ldr x6, [x3, -8]
    ldr x7, [x6, SITE_CODE]
    cmp x5, x7
    b.hi 3f
    str x6, [x3], -8
    sub x4, x4, 1
    b 2b
3:  str x0, [x3]
    ret
  .else
  .if PROTOCOL == PROTOCOL_BRK_EACH
    stp x29, x30, [sp, -16]!
    mov x29, sp
    bl poke_site
    ldp x29, x30, [sp], 16
    b poke_finish
  .else
    b poke_site
  .endif
  .endif
END switch_statement

  .if PROTOCOL == PROTOCOL_BRK_SORTED
// What was sorted goes to state x0, as one batch.
FUNCTION poke_sorted
    stp x29, x30, [sp, -48]!
    mov x29, sp
    stp x23, x24, [sp, 16]
    str x25, [sp, 32]
    mov x24, x0
    ADDRESS x23, sorted_sites
    ADDRESS x25, sorted_count
    ldr x25, [x25]
1:  cbz x25, 2f
    ldr x0, [x23], 8
    mov x1, x24
    bl poke_site
    sub x25, x25, 1
    b 1b
2:  ADDRESS x0, sorted_count
    str xzr, [x0]
    ldr x25, [sp, 32]
    ldp x23, x24, [sp, 16]
    ldp x29, x30, [sp], 48
    b poke_finish
END poke_sorted
  .endif

STATIC_BRANCH_TEXT

POKE_STATIC_BRANCH

.ltorg

  .if PROTOCOL == PROTOCOL_BRK_SORTED
.data
.balign 8
sorted_count:
    .quad 0
sorted_sites:                            // entries in the order of their addresses
    .fill BATCH_MAX, 8, 0
  .endif
