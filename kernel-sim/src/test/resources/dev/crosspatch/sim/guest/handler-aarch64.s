// Entry point of a kernel that does nothing but trap into its own breakpoint handler, for every kind of instruction
// that it can emulate. Exits with 0 or the number of the first case that went wrong. Records stand in the order of the
// cases.

.set TEST_RECORDS, 4

.text

// A breakpoint at label trap_N.
.macro TRAP_HERE n
trap_\n:
    .inst PATCH_TRAP
.endm

// Ends with code n.
.macro FAIL n
    mov x0, \n
    b test_exit
.endm

FUNCTION test_start
    ENTER
    ADDRESS x0, test_records
    ADDRESS x1, poke_vector
    mov x2, TEST_RECORDS
1:  ldp x3, x4, [x0], 16
    stp x3, x4, [x1], 16
    subs x2, x2, 1
    b.ne 1b
    ADDRESS x0, poke_count
    mov x1, TEST_RECORDS
    str x1, [x0]
    mov x23, sp

    TRAP_HERE 1                          // NOP
    b 2f
trap_3_to:
    mov x24, 5
    mov x25, 0
    TRAP_HERE 2                          // BL
after_call:
    cmp x24, 6
    b.eq 3f
    FAIL 2
2:
    TRAP_HERE 3                          // B backwards
    FAIL 3
3:
    TRAP_HERE 4                          // B forwards
    FAIL 4
trap_4_to:
    mov x0, sp
    cmp x0, x23
    mov x0, 0
    b.eq test_exit
    FAIL 5
END test_start

FUNCTION test_exit
    LAB LAB_EXIT, x0
1:  wfi
    b 1b
END test_exit

// What the emulated BL calls.
FUNCTION test_callee
    add x24, x24, 1
    adr x0, after_call
    cmp x0, x30
    b.ne 1f
    ret
1:  FAIL 6
END test_callee

.ltorg

.macro RECORD n, insn
    .long trap_\n - _stext, 0, \insn, 0
.endm

.section .rodata
.balign 8
test_records:
    RECORD 1, INSN_NOP
    RECORD 2, INSN_BL + (((test_callee - trap_2) >> 2) & 0x3ffffff)
    RECORD 3, INSN_B + (((trap_3_to - trap_3) >> 2) & 0x3ffffff)
    RECORD 4, INSN_B + (((trap_4_to - trap_4) >> 2) & 0x3ffffff)
