// Static keys: sites, and which instruction each has in which state.

.text

.macro SITE n, length, boundary, offset
    STATIC_BRANCH \n, \length, \boundary, \offset
.endm

// Changes the state of key x0 and the text of all its sites.
FUNCTION mechanism_flip
    adr x1, poke_site
    b poke_key
END mechanism_flip

STATIC_BRANCH_TEXT

// Queues the poke that brings site x0 to key state x1.
FUNCTION poke_site
    stp x29, x30, [sp, -32]!
    mov x29, sp
    stp x23, x24, [sp, 16]
    mov x23, x0
    mov x24, x1

    // The text must be what the other key state says.
    eor x1, x24, 1
    bl site_text
    ldr x6, [x23, SITE_CODE]
    ldr w3, [x6]
    cmp w2, w3
    b.eq 1f
    mov x0, x6
    mov w1, w3
    PANIC PANIC_OLD_TEXT_DIFFERS

1:  mov x0, x23
    mov x1, x24
    bl site_text
    ldr x0, [x23, SITE_CODE]
    mov w1, w2
    ldr x2, [x23, SITE_NAME]
    bl poke_queue
    ldp x23, x24, [sp, 16]
    ldp x29, x30, [sp], 32
    ret
END poke_site

.ltorg
