// Functions that return to a trampoline first (library part rethook): where they return to is noted for the task, and
// their return address replaced.

// A function that will return to the trampoline (rethook_node).
.set RH_NEXT, 0                          // older one of the same task, or the next free one
.set RH_RETURN, 8                        // where it returns to
.set RH_FRAME, 16                        // stack pointer at its entry
.set RH_HANDLER, 24                      // what is called when it returns, or 0
.set RH_SIZE, 32
.set RH_NODES, 64                        // of each CPU

.text

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

// The function that frame x1 is at the beginning of, before it has done anything with X30, returns to the trampoline,
// which calls x2 (0: nothing). If there is no node it returns as it would have, and x0 is 0, else 1. Changes x3 to x7.
// rethook_hook.
FUNCTION rethook_hook
    stp x29, x30, [sp, -16]!
    FREE_NODES
    ldp x7, x3, [x5]
    cbz x7, 1f
    ldr x3, [x7, RH_NEXT]
    str x3, [x5]
    b 2f
1:  mov x0, 0
    cmp x3, RH_NODES                     // nodes that were never used
    b.hs 3f
    add x4, x3, 1
    str x4, [x5, 8]
    add x3, x3, x6, lsl 6                // RH_NODES
    ADDRESS x7, rethook_nodes
    add x7, x7, x3, lsl 5                // RH_SIZE
2:  ldr x3, [x1, FRAME_X30]
    add x4, x1, FRAME_SIZE
    stp x3, x4, [x7, RH_RETURN]
    str x2, [x7, RH_HANDLER]
    adr x3, rethook_trampoline
    str x3, [x1, FRAME_X30]
    NODES_OF_TASK
    ldr x3, [x0]
    str x3, [x7, RH_NEXT]
    str x7, [x0]
    ADDRESS x0, rethook_entered
    bl increment
    mov x0, 1
3:  ldp x29, x30, [sp], 16
    ret
END rethook_hook

// Where functions return to that were hooked: keeps all registers and flags. arch_rethook_trampoline, before it became
// a BRK #7.
FUNCTION rethook_trampoline
    sub sp, sp, FRAME_SIZE
    STORE_SCRATCH
    mrs x1, nzcv
    str x1, [sp, FRAME_SPSR]
    add x0, sp, FRAME_SIZE
    bl rethook_return
    mov x30, x0
    ldr x1, [sp, FRAME_SPSR]
    msr nzcv, x1
    LOAD_SCRATCH
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
    ldr x8, [x2, RH_HANDLER]
    ldr x3, [x2, RH_NEXT]
    str x3, [x0]
    FREE_NODES
    ldr x3, [x5]
    str x3, [x2, RH_NEXT]
    str x2, [x5]
    IRQ_RESTORE x9
    stp x7, x8, [sp, 16]
    ADDRESS x0, rethook_returned
    bl increment
    ldr x8, [sp, 24]
    cbz x8, 2f
    blr x8
2:  ldr x0, [sp, 16]
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
