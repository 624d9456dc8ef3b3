// ftrace: every function counts when it is called and is traced, and every caller looks whether both are so.

.text

// What a key's word in ftrace_keys says: whether its functions are traced and whether that is being changed; above that
// how often it was.
.set TRACED, 1
.set CHANGING, 2
.set CHANGES, 4

// Ways to be traced.
.set FTRACE_WAYS, 5

// The word of site n's key in `register`. Changes x12.
.macro KEY_WORD register, n
    ADDRESS \register, ftrace_keys
    CONSTANT x12, site_\n\()_key
    add \register, \register, x12, lsl 3
    ldar \register, [\register]
.endm

// A call of function n with a number in every register that tracing keeps, and the function, which makes the sum of
// them. If nobody changed the key from before the call until behind it, one more has been counted as traced, or none,
// as the key says; else nothing is added to the checksum.
.macro SITE n, length, boundary, offset
    mrs x9, tpidr_el1
    ldr x10, [x9, CPU_SITES_ON]
    KEY_WORD x11, \n
    stp x10, x11, [sp, -16]!
    mov x0, \n + 1
    mov x1, 2
    mov x2, 3
    mov x3, 5
    mov x4, 7
    mov x5, 11
    mov x6, 13
    mov x7, 17
    mov x8, -2 - 3 - 5 - 7 - 11 - 13 - 17
    bl traced_\n
    ldp x10, x11, [sp], 16
    mrs x9, tpidr_el1
    KEY_WORD x13, \n
    cmp x11, x13
    b.ne 1f
    tbnz x11, 1, 1f                      // CHANGING
    and x11, x11, TRACED
    add x10, x10, x11
    ldr x12, [x9, CPU_SITES_ON]
    cmp x10, x12
    b.ne .Lsite_\n\()_end
1:  ldr x10, [x9, CPU_CHECKSUM]
    add x10, x10, x0
    str x10, [x9, CPU_CHECKSUM]
    b .Lsite_\n\()_end

    FENTRY \n, traced_\n, \boundary, \offset
site_\n\()_on:
    COUNT CPU_SITES_OFF
  .irp register, x1, x2, x3, x4, x5, x6, x7, x8
    add x0, x0, \register
  .endr
    ret
    END traced_\n
.Lsite_\n\()_end:
.endm

FUNCTION mechanism_boot
    b ftrace_init
END mechanism_boot

// What traces functions: two of the kind.
FUNCTION ftrace_ops_a
    COUNT CPU_SITES_ON
    ret
END ftrace_ops_a

FUNCTION ftrace_ops_b
    mov x0, 0
    mov x8, 0
    COUNT CPU_SITES_ON
    ret
END ftrace_ops_b

// A direct call.
FUNCTION ftrace_direct
    bti c
    COUNT CPU_SITES_ON
    mov x10, x30
    mov x30, x9
    ret x10
END ftrace_direct

// Key x0 goes on to the next way to be traced.
FUNCTION mechanism_flip
    stp x29, x30, [sp, -32]!
    mov x29, sp
    stp x23, x24, [sp, 16]
    ADDRESS x23, ftrace_keys
    add x23, x23, x0, lsl 3
    ldr x1, [x23]
    add x1, x1, CHANGING
    stlr x1, [x23]
    dmb ish

    ADDRESS x3, lab_key_state
    ldr x4, [x3, x0, lsl 3]
    add x4, x4, 1
    cmp x4, FTRACE_WAYS
    csel x4, x4, xzr, lo
    str x4, [x3, x0, lsl 3]
    ADDRESS x3, ftrace_ways
    add x3, x3, x4, lsl 4
    ldp x1, x2, [x3]
    mov x24, x1
    bl ftrace_set

    ldr x1, [x23]
    add x1, x1, CHANGES - CHANGING
    and x1, x1, 0xfffffffffffffffe
    cmp x24, 0
    cinc x1, x1, ne
    stlr x1, [x23]
    ldp x23, x24, [sp, 16]
    ldp x29, x30, [sp], 32
    ret
END mechanism_flip

.ltorg

.section .rodata
.balign 8
ops_a:
    .quad ftrace_ops_a
ops_b:
    .quad ftrace_ops_b
// What functions call, and the pointer.
ftrace_ways:
    .quad 0, 0
    .quad ftrace_caller, ops_a
    .quad ftrace_caller, ops_b
    .quad ftrace_direct, 0
    .quad ftrace_caller, ops_a

.data
.balign 8
ftrace_keys:
    .fill KEYS, 8, 0
