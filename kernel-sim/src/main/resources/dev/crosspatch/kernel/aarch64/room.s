// The text room (library part text-room): executable pages, empty at boot, for text that appears and goes away while
// the kernel runs. Part module-area maps it far from the kernel's text instead of beside it.

.set ROOM_FLAGS, 0x0040000000000783      // a page of normal memory, inner shareable, accessed, read-only, not for EL0

.text

// Maps the room; called once, from mechanism_boot.
FUNCTION init_text_room
    stp x29, x30, [sp, -16]!
    ADDRESS x0, room_table
    bl virtual_to_physical
    orr x0, x0, 3                        // a table
    // The upper tables are the kernel's own.
    CONSTANT x1, TEXT_ROOM
    LINK_TABLE
    ADDRESS x2, text_physical
    ldr x2, [x2]
  .if USES_MODULE_AREA
    CONSTANT x3, TEXT_ROOM_DISTANCE
    sub x2, x2, x3
  .endif
    add x2, x2, x1
    CONSTANT x3, ROOM_FLAGS
    orr x2, x2, x3
    ADDRESS x3, room_table
    mov x4, TEXT_ROOM_SIZE / 4096
3:  str x2, [x3], 8
    add x2, x2, 4096
    subs x4, x4, 1
    b.ne 3b
    dsb ishst
    isb
    ldp x29, x30, [sp], 16
    ret
END init_text_room

// Copies x2 bytes, a multiple of 4, at x1 to the text at x0, which nobody runs, word by word, each with its cache
// maintenance.
FUNCTION text_copy
    stp x29, x30, [sp, -48]!
    mov x29, sp
    stp x23, x24, [sp, 16]
    str x25, [sp, 32]
    mov x23, x0
    mov x24, x1
    mov x25, x2
1:  cbz x25, 2f
    mov x0, x23
    ldr w1, [x24], 4
    bl write_insn
    add x23, x23, 4
    sub x25, x25, 4
    b 1b
2:  ldr x25, [sp, 32]
    ldp x23, x24, [sp, 16]
    ldp x29, x30, [sp], 48
    ret
END text_copy

.ltorg

.data
.balign 4096
room_table:
    .fill 512, 8, 0
