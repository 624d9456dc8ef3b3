.set SLOTS_MAX, 64

.text

// Calls the slot of key n, or slot_idle, with interrupts off: who answers an interrupt is in no slot.
.macro SITE n, length, boundary, offset
site_\n:
    msr daifset, 2
    ADDRESS x9, slot_entries
    ldr x9, [x9, \n * 8]
    blr x9
    msr daifclr, 2
    mrs x9, tpidr_el1
    ldr x10, [x9, CPU_CHECKSUM]
    add x10, x10, \n + 1
    str x10, [x9, CPU_CHECKSUM]
    b .Lsite_\n\()_end
site_\n\()_on:
.Lsite_\n\()_end:
.endm

FUNCTION slot_idle
    COUNT CPU_SITES_OFF
    ret
END slot_idle

// Tries the allocator: several hundred slots side by side, one freed and had again, all freed.
FUNCTION mechanism_boot
    stp x29, x30, [sp, -32]!
    mov x29, sp
    stp x23, x24, [sp, 16]
    bl init_text_alloc
    ADDRESS x0, slot_entries
    adr x1, slot_idle
    mov x2, SLOTS_MAX
1:  str x1, [x0], 8
    subs x2, x2, 1
    b.ne 1b
    CONSTANT x24, TEXT_ROOM
    mov x23, 300
2:  mov x0, 40
    bl text_alloc
    cmp x0, x24
    b.ne 9f
    add x24, x24, 48
    subs x23, x23, 1
    b.ne 2b
    CONSTANT x0, TEXT_ROOM + 7 * 48
    mov x1, 40
    bl text_free
    mov x0, 49
    bl text_alloc                        // too large for the gap
    cmp x0, x24
    b.ne 9f
    mov x0, 48
    bl text_alloc
    CONSTANT x1, TEXT_ROOM + 7 * 48
    cmp x0, x1
    b.ne 9f
    CONSTANT x0, TEXT_ROOM_SIZE
    bl text_alloc
    cbnz x0, 9f
    CONSTANT x0, TEXT_ROOM
    mov x1, 300 * 48 + 64
    bl text_free
    ldp x23, x24, [sp, 16]
    ldp x29, x30, [sp], 32
    ret
9:  mov x1, x24
    PANIC PANIC_OLD_TEXT_DIFFERS
END mechanism_boot

// Key x0 changes: its slot comes or goes.
FUNCTION mechanism_flip
    stp x29, x30, [sp, -64]!
    mov x29, sp
    stp x23, x24, [sp, 16]
    stp x25, x26, [sp, 32]
    str x27, [sp, 48]
    ADDRESS x1, lab_keys
    add x1, x1, x0, lsl 4                // KEY_SIZE
    ldr x1, [x1, KEY_FIRST]
    ldr x27, [x1, SITE_NAME]
    ADDRESS x23, slot_entries
    add x23, x23, x0, lsl 3
    and x0, x0, 3
    lsl x0, x0, 4
    ADDRESS x24, slot_image
    add x24, x24, x0                     // its text
    CONSTANT x25, SLOT_SIZE
    sub x25, x25, x0                     // its size
    ldr x26, [x23]
    adr x1, slot_idle
    cmp x26, x1
    b.ne 1f
    mov x0, x25
    bl text_alloc
    mov x26, x0
    mov x1, x24
    mov x2, x25
    bl text_copy
    bl kick_other_cpus                   // others may hold what was there
    mov x0, x26
    mov x1, 0
    mov x2, 0
    mov x3, x24
    mov x4, x25
    mov x5, x27
    bl report_text
    str x26, [x23]
    b 2f
1:  str x1, [x23]
    bl kick_other_cpus
    mov x0, x26
    mov x1, x26
    mov x2, x25
    mov x3, 0
    mov x4, 0
    mov x5, x27
    bl report_text
    mov x0, x26
    mov x1, x25
    bl text_free
2:  ldr x27, [sp, 48]
    ldp x25, x26, [sp, 32]
    ldp x23, x24, [sp, 16]
    ldp x29, x30, [sp], 64
    ret
END mechanism_flip

.ltorg

.section .rodata
.balign 8
// Slots have it from their own beginning on.
slot_image:
  .rept 12
    nop
  .endr
    COUNT CPU_SITES_ON
    ret
.set SLOT_SIZE, . - slot_image

.data
.balign 8
slot_entries:
    .fill SLOTS_MAX, 8, 0
