// Text that appears and goes away: one image, called by every site.

.text

.macro SITE n, length, boundary, offset
site_\n:
    msr daifset, 2
    ADDRESS x9, jit_entry
    ldr x9, [x9]
    blr x9
    msr daifclr, 2
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
    b init_text_room
END mechanism_boot

FUNCTION jit_idle
    COUNT CPU_SITES_OFF
    ret
END jit_idle

// Key x0 changes: the text comes or goes.
FUNCTION mechanism_flip
    stp x29, x30, [sp, -16]!
    mov x29, sp
    ADDRESS x1, jit_state
    ldr x0, [x1]
    eor x0, x0, 1
    str x0, [x1]
    cbz x0, 1f
    bl appear
    b 2f
1:  bl vanish
2:  ldp x29, x30, [sp], 16
    ret
END mechanism_flip

FUNCTION appear
    stp x29, x30, [sp, -16]!
    CONSTANT x0, TEXT_ROOM
    ADDRESS x1, jit_image
    CONSTANT x2, JIT_SIZE
  .if FAULT_CLOSE                        // it is still there
    ldr w3, [x0]
    cbnz w3, 1f
  .endif
    bl text_copy
1:  bl kick_other_cpus
    CONSTANT x0, TEXT_ROOM
    mov x1, 0
    mov x2, 0
    ADDRESS x3, jit_image
    CONSTANT x4, JIT_SIZE
    ADDRESS x5, jit_name
  .if FAULT_REPORT == 0
    bl report_text
  .endif
    CONSTANT x0, TEXT_ROOM
    ADDRESS x1, jit_entry
    str x0, [x1]
    ldp x29, x30, [sp], 16
    ret
END appear

FUNCTION vanish
    stp x29, x30, [sp, -16]!
  .if FAULT_CLOSE == 0
    ADDRESS x0, jit_idle
    ADDRESS x1, jit_entry
    str x0, [x1]
    bl kick_other_cpus
  .endif
    CONSTANT x0, TEXT_ROOM
    mov x1, x0                           // its bytes are still there
    CONSTANT x2, JIT_SIZE
    mov x3, 0
    mov x4, 0
    ADDRESS x5, jit_name
  .if FAULT_REPORT == 0
    bl report_text
  .endif
  .if FAULT_CLOSE == 0
    CONSTANT x0, TEXT_ROOM
    ADDRESS x1, jit_poison
    CONSTANT x2, JIT_SIZE
    bl text_copy
  .endif
    ldp x29, x30, [sp], 16
    ret
END vanish

.ltorg

.section .rodata
.balign 4
jit_image:
    COUNT CPU_SITES_ON
  .rept 150
    tbz x19, 0, 1f
    add x2, x2, x19
1:  eor x2, x2, 0x7f
    ror x2, x2, 3
    add x2, x2, 5
  .endr
    ret
.set JIT_SIZE, . - jit_image
jit_poison:
    .fill JIT_SIZE / 4, 4, 0
jit_name:
    .asciz "jit_image"

.data
.balign 8
jit_entry:
    .quad jit_idle
jit_state:
    .quad 0
