// Text that belongs to a mechanism (library part text-reserved): no probe may be written there.

.set RESERVED_MAX, 256

.text

// The word at x0 is another's from now on. Changes x1 to x3.
FUNCTION reserve_text
    ADDRESS x1, reserved_count
    ldr x2, [x1]
    cmp x2, RESERVED_MAX
    b.hs 9f
    add x3, x2, 1
    str x3, [x1]
    ADDRESS x1, reserved
    str x0, [x1, x2, lsl 3]
    ret
9:  mov x1, x2
    PANIC PANIC_NO_ROOM
END reserve_text

// Whether the word at x0 is reserved: 1 or 0 in x0. Changes x1 to x3. jump_label_text_reserved.
FUNCTION text_reserved
    ADDRESS x1, reserved_count
    ldr x2, [x1]
    ADDRESS x1, reserved
1:  cbz x2, 2f
    sub x2, x2, 1
    ldr x3, [x1, x2, lsl 3]
    cmp x3, x0
    b.ne 1b
    mov x0, 1
    ret
2:  mov x0, 0
    ret
END text_reserved

.data
.balign 8
reserved_count:
    .quad 0
reserved:
    .fill RESERVED_MAX, 8, 0
