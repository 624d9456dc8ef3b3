// What sites are made of: macros for the mechanisms.

.set INSN_NOP, 0xd503201f
.set INSN_B, 0x14000000
.set INSN_BL, 0x94000000

// Where site n stands. The padding before a placed one is never run, hence UDF.
.macro PLACE_SITE n, boundary, offset
  .if \boundary > 4
    b site_\n
    .balign \boundary, 0
    .space \offset
  .endif
site_\n:
.endm

// Adds to this CPU's checksum and counts the way taken. Changes x9 to x11.
.macro PASS_SITE counter
    mrs x9, tpidr_el1
    ldr x10, [x9, \counter]
    add x10, x10, 1
    str x10, [x9, \counter]
    ldr x10, [x9, CPU_CHECKSUM]
.endm

// A static branch: NOP while the key is off, then a branch to the out-of-line block. Both ways add the same to the
// checksum, by different instructions.
.macro STATIC_BRANCH n, length, boundary, offset
    PLACE_SITE \n, \boundary, \offset
    nop
    PASS_SITE CPU_SITES_OFF
    mov x11, \n + 1
    add x10, x10, x11
    str x10, [x9, CPU_CHECKSUM]
    b .Lsite_\n\()_end
site_\n\()_on:
    PASS_SITE CPU_SITES_ON
    mov x11, -(\n + 1)
    sub x10, x10, x11
    str x10, [x9, CPU_CHECKSUM]
.Lsite_\n\()_end:
.endm

// Defines site_text: the instruction that site x0 has in key state x1, in w2: a branch if the key is on, a NOP if not.
// Changes x3.
.macro STATIC_BRANCH_TEXT
    FUNCTION site_text
    CONSTANT w2, INSN_NOP
    cbz x1, 1f
    ldr x2, [x0, SITE_TARGET]
    ldr x3, [x0, SITE_CODE]
    sub x2, x2, x3
    ubfx x2, x2, 2, 26
    CONSTANT w3, INSN_B
    orr w2, w2, w3
1:  ret
    END site_text
.endm

// Defines poke_site, which queues the poke that brings site x0 to key state x1. The text must be what the other key
// state says.
.macro POKE_STATIC_BRANCH
    FUNCTION poke_site
    stp x29, x30, [sp, -32]!
    mov x29, sp
    stp x23, x24, [sp, 16]
    mov x23, x0
    mov x24, x1

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
.endm
