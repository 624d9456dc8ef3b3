// Return probes (kretprobe, rethook): the entry of a function has a probe while its key is on; that makes the function
// return to a trampoline.

.set KRETPROBE_SITES, 64                 // most

// A function that will return to the trampoline (rethook_node).
.set RH_NEXT, 0                          // older one of the same task, or the next free one
.set RH_RETURN, 8                        // where it returns to
.set RH_FRAME, 16                        // stack pointer at its entry
.set RH_SIZE, 32
.set RH_NODES, 64                        // of each CPU

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

// Where the newest node of the task that runs is noted, in x0: interrupts are off.
.macro NODES_OF_TASK
    mrs x0, tpidr_el1
  .if FAULT_RETHOOK_TASK == 0
    ldr x0, [x0, CPU_TASK]
    add x0, x0, TASK_RETHOOKS
  .else
    add x0, x0, CPU_TASK_0 + TASK_RETHOOKS
  .endif
.endm

// This CPU's free nodes, in x5. Changes x6.
.macro FREE_NODES
    mrs x6, tpidr_el1
    ldr x6, [x6, CPU_NUMBER]
    ADDRESS x5, rethook_free
    add x5, x5, x6, lsl 4
.endm

// The handler of the entry probes, before the first instruction: x1 = frame. rethook_hook. If there is no node the
// function returns as it would have.
FUNCTION rethook_entry
    stp x29, x30, [sp, -16]!
    FREE_NODES
    ldp x2, x3, [x5]
    cbz x2, 1f
    ldr x3, [x2, RH_NEXT]
    str x3, [x5]
    b 2f
1:  cmp x3, RH_NODES                     // nodes that were never used
    b.hs 3f
    add x4, x3, 1
    str x4, [x5, 8]
    add x3, x3, x6, lsl 6                // RH_NODES
    ADDRESS x2, rethook_nodes
    add x2, x2, x3, lsl 5                // RH_SIZE
2:  ldr x3, [x1, FRAME_X30]
    add x4, x1, FRAME_SIZE
    stp x3, x4, [x2, RH_RETURN]
    adr x3, rethook_trampoline
    str x3, [x1, FRAME_X30]
    NODES_OF_TASK
    ldr x3, [x0]
    str x3, [x2, RH_NEXT]
    str x2, [x0]
    ldr x3, [x1, 11 * 8]
    cmp x3, PASS_DEPTH
    b.ne 4f
    mrs x9, tpidr_el1
    ldr x10, [x9, CPU_SITES_ON]
    add x10, x10, 1
    str x10, [x9, CPU_SITES_ON]
    ldr x10, [x9, CPU_SITES_OFF]
    sub x10, x10, 1
    str x10, [x9, CPU_SITES_OFF]
4:  ADDRESS x0, rethook_entered
    bl increment
3:  mov x0, 0
    ldp x29, x30, [sp], 16
    ret
END rethook_entry

// Where functions return to that have a return probe: keeps all registers and flags. arch_rethook_trampoline, before it
// became a BRK #7.
FUNCTION rethook_trampoline
    sub sp, sp, FRAME_SIZE
    stp x0, x1, [sp, 0]
    stp x2, x3, [sp, 16]
    stp x4, x5, [sp, 32]
    stp x6, x7, [sp, 48]
    stp x8, x9, [sp, 64]
    stp x10, x11, [sp, 80]
    stp x12, x13, [sp, 96]
    stp x14, x15, [sp, 112]
    stp x16, x17, [sp, 128]
    mrs x1, nzcv
    str x1, [sp, FRAME_SPSR]
    add x0, sp, FRAME_SIZE
    bl rethook_return
    mov x30, x0
    ldr x1, [sp, FRAME_SPSR]
    msr nzcv, x1
    ldp x16, x17, [sp, 128]
    ldp x14, x15, [sp, 112]
    ldp x12, x13, [sp, 96]
    ldp x10, x11, [sp, 80]
    ldp x8, x9, [sp, 64]
    ldp x6, x7, [sp, 48]
    ldp x4, x5, [sp, 32]
    ldp x2, x3, [sp, 16]
    ldp x0, x1, [sp, 0]
    add sp, sp, FRAME_SIZE
    ret
END rethook_trampoline

// A function has returned to the trampoline: x0 = its stack pointer. Where it returns to, in x0.
FUNCTION rethook_return
    stp x29, x30, [sp, -32]!
    mov x29, sp
    mov x4, x0
    IRQ_FLAGS x9
    IRQ_DISABLE
    NODES_OF_TASK
    ldr x2, [x0]
    cbz x2, 1f
    ldp x7, x1, [x2, RH_RETURN]
    cmp x1, x4
    b.ne 1f
    ldr x3, [x2, RH_NEXT]
    str x3, [x0]
    FREE_NODES
    ldr x3, [x5]
    str x3, [x2, RH_NEXT]
    str x2, [x5]
    IRQ_RESTORE x9
    str x7, [sp, 16]
    ADDRESS x0, rethook_returned
    bl increment
    ldr x0, [sp, 16]
    ldp x29, x30, [sp], 32
    ret
1:  mov x0, x4
    mov x1, x2
    PANIC PANIC_RETURN_DIFFERS
END rethook_return

.ltorg

.data
.balign 64
rethook_entered:
    .quad 0
rethook_returned:
    .quad 0
.balign 64
rethook_free:                            // of each CPU: first free node; how many were ever used
    .fill 64 * 2, 8, 0
rethook_nodes:
    .fill 64 * RH_NODES * RH_SIZE / 8, 8, 0
entry_probes:
    .fill KRETPROBE_SITES * KP_SIZE / 8, 8, 0
