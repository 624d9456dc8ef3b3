// Traced functions (library part ftrace): MOV X9, LR and a NOP at the entry of each, which becomes a BL; before it a
// pointer to what traces it (Linux's DYNAMIC_FTRACE_WITH_CALL_OPS).

.set INSN_MOV_X9_X30, 0xaa1e03e9

.text

// The beginning of function `name`, a multiple of 8: BTI in those of which the site's address is one, too (where it may
// stand anywhere, in those of an even number), a NOP for MOV X9, LR, the site. What is before it is never run.
.macro FENTRY n, name, boundary, offset
  .if \boundary > 4
    .balign \boundary, 0
    FENTRY_AT \n, \name, (\boundary + \offset), (1 - ((\offset >> 2) & 1))
  .else
    .balign 16, 0
    FENTRY_AT \n, \name, 24, (1 - (\n & 1))
  .endif
.endm

.macro FENTRY_AT n, name, space, bti
    .space \space - 12 - 4 * (\bti)
    .quad 0                              // what traces it
    .type \name, %function
\name:
  .if \bti
    bti c
  .endif
    nop
site_\n:
    nop
.endm

// What traced functions call: keeps x0 to x8 and calls the function that the pointer's first word says with the address
// of the site in x0 and, in x1, that of where it goes on. By the function's alignment the pointer is found with BTI and
// without.
FUNCTION ftrace_caller
    bti c
    stp x29, x9, [sp, -96]!
    mov x29, sp
    stp x0, x1, [sp, 16]
    stp x2, x3, [sp, 32]
    stp x4, x5, [sp, 48]
    stp x6, x7, [sp, 64]
    stp x8, x30, [sp, 80]
    and x11, x30, 0xfffffffffffffff8
    ldr x11, [x11, -16]
    sub x0, x30, 4
    add x1, sp, 88
    ldr x11, [x11]
    blr x11
    ldp x8, x10, [sp, 80]
    ldp x6, x7, [sp, 64]
    ldp x4, x5, [sp, 48]
    ldp x2, x3, [sp, 32]
    ldp x0, x1, [sp, 16]
    ldp x29, x30, [sp], 96
    ret x10
END ftrace_caller

// Once, from mechanism_boot: every traced function keeps its return address in x9 before the site (ftrace_init_nop).
FUNCTION ftrace_init
    stp x29, x30, [sp, -32]!
    mov x29, sp
    stp x23, x24, [sp, 16]
    ADDRESS x0, lab_keys
    ldr x23, [x0, KEY_FIRST]
    ADDRESS x24, lab_keys                // which stand behind all sites
  .if FAULT_MOV_X9 == 0
1:  ldr x0, [x23, SITE_CODE]
    sub x0, x0, 4
    CONSTANT w1, INSN_MOV_X9_X30
    bl write_insn
  .if FAULT_REPORT == 0
    ldr x0, [x23, SITE_CODE]
    sub x0, x0, 4
    ADDRESS x1, ftrace_entry
    mov x2, 4
    add x3, x1, 4
    mov x4, 4
    ldr x5, [x23, SITE_NAME]
    bl report_text
  .endif
    add x23, x23, SITE_SIZE
    cmp x23, x24
    b.lo 1b
  .endif
    ldp x23, x24, [sp, 16]
    ldp x29, x30, [sp], 32
    ret
END ftrace_init

// All functions of key x0 are to call x1, or nothing if that is 0, with pointer x2 (0: as it is): looks at what every
// site holds, writes the pointers, queues all, finishes. What is behind a pointer is data: nobody fetches it, so it
// wants no maintenance of instruction caches.
FUNCTION ftrace_set
    stp x29, x30, [sp, -64]!
    mov x29, sp
    stp x23, x24, [sp, 16]
    stp x25, x26, [sp, 32]
    str x2, [sp, 48]
    ADDRESS x3, ftrace_targets
    ldr x26, [x3, x0, lsl 3]             // what they call now
    str x1, [x3, x0, lsl 3]
    mov x25, x1
    ADDRESS x3, lab_keys
    add x3, x3, x0, lsl 4                // KEY_SIZE
    ldr x23, [x3, KEY_FIRST]
    ldr x24, [x3, KEY_COUNT]
    mov x0, SITE_SIZE
    madd x24, x24, x0, x23               // behind the last
    str x23, [sp, 56]
  .if FAULT_OLD_TEXT == 0
1:  ldr x0, [x23, SITE_CODE]
    mov x1, x26
    bl ftrace_text
    ldr w3, [x0]
    cmp w2, w3
    b.ne 9f
    add x23, x23, SITE_SIZE
    cmp x23, x24
    b.lo 1b
  .endif
  .if FAULT_OPS_ORDER == 0
    ldr x23, [sp, 56]
    bl ftrace_set_ops
  .endif
    ldr x23, [sp, 56]
    cmp x25, x26
    b.eq 3f
2:  ldr x0, [x23, SITE_CODE]
    mov x1, x25
    bl ftrace_text
    mov w1, w2
    ldr x2, [x23, SITE_NAME]
    bl poke_queue
    add x23, x23, SITE_SIZE
    cmp x23, x24
    b.lo 2b
    bl poke_finish
3:
  .if FAULT_OPS_ORDER == 1
    ldr x23, [sp, 56]
    bl ftrace_set_ops
  .endif
    ldp x25, x26, [sp, 32]
    ldp x23, x24, [sp, 16]
    ldp x29, x30, [sp], 64
    ret
9:  mov w1, w3
    PANIC PANIC_OLD_TEXT_DIFFERS
END ftrace_set

// The pointers of sites x23 to x24 become what [x29 + 48] says, if it says anything. Changes x0 to x4.
FUNCTION ftrace_set_ops
    ldr x4, [x29, 48]
    cbz x4, 2f
    ADDRESS x3, text_physical
    ldr x3, [x3]
    CONSTANT x2, DIRECT_MAP
    add x3, x3, x2
1:  ldr x0, [x23, SITE_CODE]
    add x0, x0, 4
    and x0, x0, 0xfffffffffffffff8
    sub x0, x0, 16
    str x4, [x0, x3]
    add x23, x23, SITE_SIZE
    cmp x23, x24
    b.lo 1b
2:  ret
END ftrace_set_ops

// The instruction that calls x1 at x0, or a NOP if x1 is 0, in w2. Changes x3.
FUNCTION ftrace_text
    CONSTANT w2, INSN_NOP
    cbz x1, 1f
    sub x2, x1, x0
    ubfx x2, x2, 2, 26
    CONSTANT w3, INSN_BL
    orr w2, w2, w3
1:  ret
END ftrace_text

.ltorg

.section .rodata
.balign 4
ftrace_entry:
    .word INSN_NOP, INSN_MOV_X9_X30

.data
.balign 8
ftrace_targets:                          // what the functions of each key call, or 0
    .fill KEYS, 8, 0
