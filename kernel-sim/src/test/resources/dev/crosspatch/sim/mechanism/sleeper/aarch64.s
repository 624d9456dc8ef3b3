.text

// A NOP and three DSBs while the key is off, a branch to site_n_on and three UDFs while it is on.
.macro SITE n, length, boundary, offset
site_\n:
    nop
    dsb sy
    dsb sy
    dsb sy
    mrs x9, tpidr_el1
    ldr x10, [x9, CPU_SITES_OFF]
    add x10, x10, 1
    str x10, [x9, CPU_SITES_OFF]
    b .Lsite_\n\()_end
site_\n\()_on:
    mrs x9, tpidr_el1
    ldr x10, [x9, CPU_SITES_ON]
    add x10, x10, 1
    str x10, [x9, CPU_SITES_ON]
.Lsite_\n\()_end:
    ldr x10, [x9, CPU_CHECKSUM]
    add x10, x10, \n + 1
    str x10, [x9, CPU_CHECKSUM]
.endm

// The range while its key is off.
off_text:
    nop
    dsb sy
    dsb sy
    dsb sy

.balign 8, 0
// Changes all sites of key x0. On its stack: old words, new words.
FUNCTION mechanism_flip
    stp x29, x30, [sp, -80]!
    mov x29, sp
    stp x23, x24, [sp, 16]
    str x25, [sp, 32]
    ADDRESS x1, lab_key_state
    ldr x24, [x1, x0, lsl 3]
    eor x24, x24, 1
    str x24, [x1, x0, lsl 3]
    ADDRESS x1, lab_keys
    add x1, x1, x0, lsl 4                // KEY_SIZE
    ldr x23, [x1, KEY_FIRST]
    ldr x25, [x1, KEY_COUNT]
1:  ldr x0, [x23, SITE_CODE]
    ldp x1, x2, [x0]
    stp x1, x2, [sp, 48]
    ADDRESS x3, off_text
    ldp x1, x2, [x3]
    cbz x24, 2f
    ldr x1, [x23, SITE_TARGET]
    sub x1, x1, x0
    ubfx x1, x1, 2, 26
    CONSTANT x2, 0x14000000
    orr x1, x1, x2
    mov x2, 0
2:  stp x1, x2, [sp, 64]
    ADDRESS x1, poked
    str x23, [x1]
    dmb ishst
    CONSTANT w1, PATCH_TRAP
    str w1, [sp, 40]
    bl write_insn
    bl kick_other_cpus
    cbz x24, 3f
    // Nobody begins the range any more; whoever is in it must leave it first.
    ldr x0, [x23, SITE_CODE]
    add x1, sp, 48
    mov x2, 4
    add x3, sp, 40
    mov x4, 4
    ldr x5, [x23, SITE_NAME]
    bl report_text
    ldr w0, [sp, 40]
    str w0, [sp, 48]
    bl synchronize_rcu_tasks

3:  ldr x0, [x23, SITE_CODE]
    add x0, x0, 4
    ldr w1, [sp, 68]
    bl write_insn
    ldr x0, [x23, SITE_CODE]
    add x0, x0, 8
    ldr w1, [sp, 72]
    bl write_insn
    ldr x0, [x23, SITE_CODE]
    add x0, x0, 12
    ldr w1, [sp, 76]
    bl write_insn
    ldr x0, [x23, SITE_CODE]
    add x1, sp, 48
    mov x2, 16
    add x3, sp, 64
    mov x4, 16
    ldr x5, [x23, SITE_NAME]
    bl report_text
    bl kick_other_cpus
    ldr x0, [x23, SITE_CODE]
    ldr w1, [sp, 64]
    bl write_insn
    bl kick_other_cpus
    ADDRESS x1, poked
    str xzr, [x1]
    add x23, x23, SITE_SIZE
    subs x25, x25, 1
    b.ne 1b
    ldr x25, [sp, 32]
    ldp x23, x24, [sp, 16]
    ldp x29, x30, [sp], 80
    ret
END mechanism_flip

// Goes on where the branch goes.
FUNCTION mechanism_breakpoint
    ADDRESS x1, poked
    ldr x1, [x1]
    cbz x1, 1f
    ldr x2, [x0, FRAME_ELR]
    ldr x3, [x1, SITE_CODE]
    cmp x2, x3
    b.ne 1f
    ldr x2, [x1, SITE_TARGET]
    str x2, [x0, FRAME_ELR]
    mov x0, 1
    ret
1:  mov x0, 0
    ret
END mechanism_breakpoint

.ltorg

.data
.balign 8
poked:
    .quad 0
