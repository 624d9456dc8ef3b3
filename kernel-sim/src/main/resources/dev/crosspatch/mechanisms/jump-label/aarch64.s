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

POKE_STATIC_BRANCH

.ltorg
