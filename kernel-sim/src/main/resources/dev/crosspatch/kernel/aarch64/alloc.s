// An allocator of executable memory (library part text-alloc) in the text room: first fit, so that what was freed is
// used again at once. The room is never writable where it runs; what nobody has is full of UDF, which is zero.

.set TEXT_GRANULE, 16

.text

// Called once, from mechanism_boot.
FUNCTION init_text_alloc
    b init_text_room
END init_text_alloc

// Finds room for x0 bytes, 1 or more: its address, a multiple of 16, in x0, or 0 if there is none. All of it is UDF.
// Changes x1 to x5.
FUNCTION text_alloc
    add x0, x0, TEXT_GRANULE - 1
    lsr x0, x0, 4                        // granules
    ADDRESS x1, text_used
    mov x2, 0                            // granule
    mov x3, 0                            // free ones up to it
    CONSTANT x4, TEXT_ROOM_SIZE / TEXT_GRANULE
1:  ldrb w5, [x1, x2]
    cmp w5, 0
    csinc x3, xzr, x3, ne
    add x2, x2, 1
    cmp x3, x0
    b.eq 2f
    cmp x2, x4
    b.lo 1b
    mov x0, 0
    ret
2:  mov w5, 1
3:  sub x2, x2, 1
    strb w5, [x1, x2]
    subs x0, x0, 1
    b.ne 3b
    CONSTANT x1, TEXT_ROOM
    add x0, x1, x2, lsl 4
    ret
END text_alloc

// Gives back x1 bytes at x0, which nobody runs any more: they become UDF.
FUNCTION text_free
    stp x29, x30, [sp, -32]!
    mov x29, sp
    stp x23, x24, [sp, 16]
    mov x23, x0
    add x24, x1, TEXT_GRANULE - 1
    and x24, x24, -TEXT_GRANULE
    CONSTANT x1, TEXT_ROOM
    sub x0, x0, x1
    ADDRESS x1, text_used
    add x1, x1, x0, lsr 4
    lsr x2, x24, 4
1:  strb wzr, [x1], 1
    subs x2, x2, 1
    b.ne 1b
    add x24, x23, x24
2:  mov x0, x23
    mov w1, 0
    bl write_insn
    add x23, x23, 4
    cmp x23, x24
    b.lo 2b
    ldp x23, x24, [sp, 16]
    ldp x29, x30, [sp], 32
    ret
END text_free

.ltorg

.data
text_used:                               // a byte for each granule: 1 if somebody has it
    .fill TEXT_ROOM_SIZE / TEXT_GRANULE, 1, 0
.balign 8
