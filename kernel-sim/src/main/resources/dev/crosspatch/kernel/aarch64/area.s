// The module area (library part module-area): the text room is mapped 256 MiB above where its memory is linked, and so
// farther from the kernel's text than B and BL reach (128 MiB). Linux has up to 2 GiB for modules, and a PLT for the
// same reason.

// What is 1 in every address of the area and 0 in those of the kernel's image.
.set MODULE_AREA_BIT, 29

// An entry of a PLT: ADRP and ADD of the target to X16, BR X16.
.set PLT_SIZE, 12
.set INSN_ADRP_X16, 0x90000010
.set INSN_ADD_X16, 0x91000210
.set INSN_BR_X16, 0xd61f0200

.text

// The distance from address x0 to x1 in pages, as ADRP at x0 has it, put into instruction w2. Changes x3, x4.
FUNCTION adrp_to
    lsr x3, x0, 12
    lsr x4, x1, 12
    sub x3, x4, x3
    bfi w2, w3, 29, 2
    lsr x3, x3, 2
    bfi w2, w3, 5, 19
    ret
END adrp_to

// Writes the entry of a PLT that is to be at x0 and goes to x1, within 4 GiB, to x5. Changes x2 to x4.
FUNCTION plt_entry
    mov x6, x30
    CONSTANT w2, INSN_ADRP_X16
    bl adrp_to
    CONSTANT w3, INSN_ADD_X16
    bfi w3, w1, 10, 12
    stp w2, w3, [x5]
    CONSTANT w2, INSN_BR_X16
    str w2, [x5, 8]
    ret x6
END plt_entry

// Whether a branch at x0 reaches x1: Z is 1 if so. Changes x2, x3.
FUNCTION branch_reaches
    sub x2, x1, x0
    sbfx x3, x2, 0, 28
    cmp x2, x3
    ret
END branch_reaches

.ltorg
