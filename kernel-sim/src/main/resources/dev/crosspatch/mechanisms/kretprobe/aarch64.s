// Return probes (kretprobe, rethook): the entry of a function has a probe while its key is on; that makes the function
// return to a trampoline.

.set PASS_DEPTH, 3                       // calls of a site's function within each other

.text

// Calls a function that calls itself twice. Behind it x10 is n + 1. A pass counts as off, the handler of the outermost
// entry makes of it one that counts as on.
.macro SITE n, length, boundary, offset
    CONSTANT x10, \n + 1 - PASS_DEPTH
    mov x11, PASS_DEPTH
    bl site_\n
    b site_\n\()_on
  .if \boundary > 4
    .balign \boundary, 0
    .space \offset
  .endif
site_\n:
    stp x29, x30, [sp, -16]!
    mov x29, sp
    subs x11, x11, 1
    b.eq .Lsite_\n\()_leaf
    bl site_\n
.Lsite_\n\()_leaf:
    add x10, x10, 1
    ldp x29, x30, [sp], 16
    ret
site_\n\()_on:
    mrs x9, tpidr_el1
    ldr x11, [x9, CPU_SITES_OFF]
    add x11, x11, 1
    str x11, [x9, CPU_SITES_OFF]
    ldr x11, [x9, CPU_CHECKSUM]
    add x10, x10, x11
    str x10, [x9, CPU_CHECKSUM]
.endm

FUNCTION mechanism_boot
    b init_text_alloc
END mechanism_boot

// The return probes of key x0 come, or go. Functions that were entered before they go return by the trampoline all the
// same: it is there for good.
FUNCTION mechanism_flip
    stp x29, x30, [sp, -48]!
    mov x29, sp
    stp x23, x24, [sp, 16]
    str x25, [sp, 32]
    ADDRESS x1, lab_key_state
    ldr x25, [x1, x0, lsl 3]
    eor x25, x25, 1                      // the new state
    str x25, [x1, x0, lsl 3]
    ADDRESS x1, lab_keys
    add x1, x1, x0, lsl 4                // KEY_SIZE
    ldr x23, [x1, KEY_FIRST]
    ldr x24, [x1, KEY_COUNT]
1:  ADDRESS x1, lab_sites
    sub x0, x23, x1
    ADDRESS x1, entry_probes
    add x0, x1, x0, lsl 1                // KP_SIZE is twice SITE_SIZE
    ldr x1, [x23, SITE_CODE]
    adr x2, rethook_entry
    stp x1, x2, [x0, KP_ADDRESS]
    ldr x1, [x23, SITE_NAME]
    str x1, [x0, KP_NAME]
    cbz x25, 2f
    bl register_kprobe
    b 3f
2:  bl unregister_kprobe
3:  add x23, x23, SITE_SIZE
    subs x24, x24, 1
    b.ne 1b
    ldr x25, [sp, 32]
    ldp x23, x24, [sp, 16]
    ldp x29, x30, [sp], 48
    ret
END mechanism_flip

// The handler of the entry probes, before the first instruction: x1 = frame.
FUNCTION rethook_entry
    stp x29, x30, [sp, -32]!
    str x1, [sp, 16]
    mov x2, 0
    bl rethook_hook
    cbz x0, 1f
    ldr x1, [sp, 16]
    ldr x3, [x1, 11 * 8]
    cmp x3, PASS_DEPTH
    b.ne 1f
    mrs x9, tpidr_el1
    ldr x10, [x9, CPU_SITES_ON]
    add x10, x10, 1
    str x10, [x9, CPU_SITES_ON]
    ldr x10, [x9, CPU_SITES_OFF]
    sub x10, x10, 1
    str x10, [x9, CPU_SITES_OFF]
1:  mov x0, 0
    ldp x29, x30, [sp], 32
    ret
END rethook_entry

.ltorg

.data
.balign 8
entry_probes:
    .fill SITE_ROOM * KP_SIZE / 8, 8, 0
