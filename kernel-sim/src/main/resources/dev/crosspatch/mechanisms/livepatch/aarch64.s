// livepatch: functions that are replaced by others through ftrace, as in Linux's kernel/livepatch.

.text

// What a key's word in livepatch_keys says: whether its functions are replaced and whether that is being changed; above
// that how often it was.
.set REPLACED, 1
.set CHANGING, 2
.set CHANGES, 4

// The word of site n's key in `register`. Changes x12.
.macro KEY_WORD register, n
    ADDRESS \register, livepatch_keys
    CONSTANT x12, site_\n\()_key
    add \register, \register, x12, lsl 3
    ldar \register, [\register]
.endm

// A call of function n, the function, and, at site_n_on, what replaces it; x1 tells which of both ran. If nobody
// changed the key from before the call until behind it and the wrong one ran, nothing is added to the checksum.
.macro SITE n, length, boundary, offset
    KEY_WORD x11, \n
    str x11, [sp, -16]!
    bl livepatched_\n
    ldr x11, [sp], 16
    KEY_WORD x13, \n
    cmp x11, x13
    b.ne 1f
    tbnz x11, 1, 1f                      // CHANGING
    and x11, x11, REPLACED
    cmp x11, x1
    b.ne .Lsite_\n\()_end
1:  mrs x9, tpidr_el1
    ldr x10, [x9, CPU_CHECKSUM]
    add x10, x10, x0
    str x10, [x9, CPU_CHECKSUM]
    b .Lsite_\n\()_end

    FENTRY \n, livepatched_\n, \boundary, \offset
    COUNT CPU_SITES_OFF
    mov x0, \n + 1
    mov x1, 0
    ret
    END livepatched_\n

    FUNCTION replacement_\n
site_\n\()_on:
    COUNT CPU_SITES_ON
    mov x1, 1
    add x0, x1, \n
    ret
    END replacement_\n
.Lsite_\n\()_end:
.endm

FUNCTION mechanism_boot
    b ftrace_init
END mechanism_boot

// What ftrace_caller calls, with the address of the site in x0 and, in x1, that of where it goes on: the function that
// replaces this one (klp_ftrace_handler). Changes x2, x3.
FUNCTION livepatch_handler
    ADDRESS x2, lab_sites
1:  ldr x3, [x2, SITE_CODE]
    cmp x0, x3
    b.eq 2f
    add x2, x2, SITE_SIZE
    b 1b
2:  ldr x3, [x2, SITE_TARGET]
    str x3, [x1]
    ret
END livepatch_handler

// The functions of key x0 are replaced, or no longer.
FUNCTION mechanism_flip
    stp x29, x30, [sp, -32]!
    mov x29, sp
    stp x23, x24, [sp, 16]
    ADDRESS x23, livepatch_keys
    add x23, x23, x0, lsl 3
    ldr x24, [x23]
    add x1, x24, CHANGING
    stlr x1, [x23]
    dmb ish
    eor x24, x24, REPLACED
    mov x1, 0
    tbz x24, 0, 1f
    ADDRESS x1, ftrace_caller
1:  ADDRESS x2, livepatch_ops
    bl ftrace_set
    add x24, x24, CHANGES
    stlr x24, [x23]
    ldp x23, x24, [sp, 16]
    ldp x29, x30, [sp], 32
    ret
END mechanism_flip

.ltorg

.section .rodata
.balign 8
livepatch_ops:
    .quad livepatch_handler

.data
.balign 8
livepatch_keys:
    .fill KEYS, 8, 0
