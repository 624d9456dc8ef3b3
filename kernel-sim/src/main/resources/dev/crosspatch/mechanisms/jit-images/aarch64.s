// Images of code that come and go at one address, called by every site.

// Fields of an entry of jit_images.
.set JIT_TEXT, 0
.set JIT_LENGTH, 8
.set JIT_NAME, 16
.set JIT_ENTRY, 24
.set JIT_IMAGES, 3

.text

// A call through the pointer. Both ways of a site are one here: which image runs is the pointer's business.
.macro SITE n, length, boundary, offset
site_\n:
    IRQ_DISABLE
    ADDRESS x9, jit_entry
    ldr x9, [x9]
    blr x9
    IRQ_ENABLE
    mrs x9, tpidr_el1
    ldr x10, [x9, CPU_CHECKSUM]
    mov x11, \n + 1
    add x10, x10, x11
    str x10, [x9, CPU_CHECKSUM]
    b .Lsite_\n\()_end
site_\n\()_on:
.Lsite_\n\()_end:
.endm

FUNCTION mechanism_boot
    stp x29, x30, [sp, -16]!
    bl init_text_room
    bl init_mappings
    ldp x29, x30, [sp], 16
    ret
END mechanism_boot

// What sites call while there is no image.
FUNCTION jit_idle
    COUNT CPU_SITES_OFF
    ret
END jit_idle

// The next image takes the place of the one that is there; x0 = key, of which nothing depends.
FUNCTION mechanism_flip
    stp x29, x30, [sp, -16]!
    mov x29, sp
    ADDRESS x0, jit_present
    ldr x0, [x0]
    cbz x0, 1f
    bl jit_free
1:  bl jit_load
    ldp x29, x30, [sp], 16
    ret
END mechanism_flip

// Takes the image away: nobody is in it any more, every observer has a copy, and then it is overwritten.
FUNCTION jit_free
    stp x29, x30, [sp, -16]!
    mov x29, sp
  .if FAULT_CLOSE == 0
    ADDRESS x0, jit_idle
    ADDRESS x1, jit_entry
    str x0, [x1]
  .if FAULT_CLOSE_SYNC == 0
    bl kick_other_cpus
  .endif
  .endif
  .if FAULT_ANNOUNCE == 0
    ADDRESS x0, jit_mapping
    ldr x0, [x0]
    bl await_acknowledgement
    ADDRESS x0, jit_mapping
    ldr x0, [x0]
    bl withdraw_mapping
  .endif
    ADDRESS x0, jit_present
    str xzr, [x0]
    CONSTANT x0, TEXT_ROOM
    ADDRESS x1, jit_poison
    CONSTANT x2, JIT_POISON
    bl text_copy
    ldp x29, x30, [sp], 16
    ret
END jit_free

// Brings the next image: writes it, lets no CPU run what it fetched there before, announces it and opens the way in.
FUNCTION jit_load
    stp x29, x30, [sp, -32]!
    mov x29, sp
    str x23, [sp, 16]
    ADDRESS x0, jit_next
    ldr x1, [x0]
    add x2, x1, 1
    cmp x2, JIT_IMAGES
    csel x2, x2, xzr, lo
    str x2, [x0]
    ADDRESS x23, jit_images
    mov x2, JIT_ENTRY
    madd x23, x1, x2, x23
    CONSTANT x0, TEXT_ROOM
    ldr x1, [x23, JIT_TEXT]
    ldr x2, [x23, JIT_LENGTH]
    bl text_copy
  .if FAULT_OPEN_SYNC == 0
    bl kick_other_cpus
  .endif
  .if FAULT_ANNOUNCE == 0
    CONSTANT x0, TEXT_ROOM
    ldr x1, [x23, JIT_NAME]
    ldr x2, [x23, JIT_LENGTH]
    bl announce_mapping
    ADDRESS x1, jit_mapping
    str x0, [x1]
  .endif
    ADDRESS x1, jit_present
    mov x0, 1
    str x0, [x1]
    CONSTANT x0, TEXT_ROOM
    ADDRESS x1, jit_entry
    str x0, [x1]
    ldr x23, [sp, 16]
    ldp x29, x30, [sp], 32
    ret
END jit_load

.ltorg

.section .rodata
.balign 4
// Branches on bits of the random number.
jit_first:
    COUNT CPU_SITES_ON
  .rept 12
    tbz x19, 0, 1f
    add x2, x2, x19
1:  eor x2, x2, 0x7f
    ror x2, x2, 3
  .endr
    ret
jit_first_end:
// A loop of as many turns as the number says.
jit_second:
    and w1, w19, 255
1:  lsr x0, x2, x1
    tbz x0, 0, 2f
    add x2, x2, x19
2:  subs w1, w1, 1
    b.pl 1b
    COUNT CPU_SITES_ON
    ret
jit_second_end:
// Calls within the image.
jit_third:
    mov x12, x30
    bl 2f
    bl 2f
    tbz x19, 10, 1f
    bl 2f
1:  COUNT CPU_SITES_ON
    ret x12
2:  cmp x2, x19
    b.lo 3f
    sub x2, x2, x19
    ret
3:  add x2, x2, x2, lsl 1
    ret
jit_third_end:
jit_poison:
    .fill JIT_POISON / 4, 4, 0
.set JIT_POISON, jit_first_end - jit_first // the longest
jit_names:
    .asciz "jit_first"
    .asciz "jit_second"
    .asciz "jit_third"

.data
.balign 8
jit_images:
    .quad jit_first, jit_first_end - jit_first, jit_names
    .quad jit_second, jit_second_end - jit_second, jit_names + 10
    .quad jit_third, jit_third_end - jit_third, jit_names + 21
jit_entry:
    .quad jit_idle
jit_mapping:                             // number of the mapping that is there
    .quad 0
jit_next:                                // which image is next
    .quad 0
jit_present:
    .quad 0
