// Sites that are NOPs or branches, written while the machine is stopped.

.set INSN_NOP, 0xd503201f
.set INSN_B, 0x14000000

.text

// Adds to this CPU's checksum and counts the way taken. Changes x9 to x11.
.macro PASS_SITE counter
    mrs x9, tpidr_el1
    ldr x10, [x9, \counter]
    add x10, x10, 1
    str x10, [x9, \counter]
    ldr x10, [x9, CPU_CHECKSUM]
.endm

// NOP while the key is off, then a branch to the out-of-line block. Both ways add the same to the checksum, by
// different instructions. The padding before a placed site is never run, hence UDF.
.macro SITE n, length, boundary, offset
  .if \boundary > 4
    b site_\n
    .balign \boundary, 0
    .space \offset
  .endif
site_\n:
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

// The instruction that site x0 has in key state x1, in w2: a branch if the key is on, a NOP if not. Changes x3.
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

.ltorg
