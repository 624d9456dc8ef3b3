// The text mutex, and flips of several CPUs (library part text-mutex), in place of poll.s's patch_poll.

.text

// As poll.s has it, on every CPU of PATCHING_CPUS: each flips after its own interval, and the next key goes to whoever
// is first.
FUNCTION patch_poll
    mrs x5, tpidr_el1
    ldr x0, [x5, CPU_NUMBER]
    CONSTANT x1, PATCHING_CPUS
    lsr x1, x1, x0
    tbz x1, 0, 3f
    ADDRESS x4, flips_made
    PARAMETER x3, PARAM_FLIPS
    cbz x3, 1f
    ldr x1, [x4]
    cmp x1, x3
    b.lo 1f
    ADDRESS x0, work_stop
    mov x1, 1
    str x1, [x0]
    ret
1:  mrs x1, cntvct_el0
    ldr x2, [x5, CPU_NEXT_FLIP]
    cmp x1, x2
    b.lo 3f
    PARAMETER x2, PARAM_FLIP_INTERVAL
    add x1, x1, x2
    str x1, [x5, CPU_NEXT_FLIP]
    stp x29, x30, [sp, -32]!
    mov x29, sp
    mov x0, x4
    bl increment                         // x1 = flips begun, this one too
    sub x1, x1, 1
    cbz x3, 2f
    cmp x1, x3
    b.hs 4f                              // another has begun the last
2:  PARAMETER x2, PARAM_FLIP_ORDER_LENGTH
    udiv x0, x1, x2
    msub x1, x0, x2, x1
    ADDRESS x0, lab_flip_order
    ldr x0, [x0, x1, lsl 3]
    str x0, [sp, 16]
    bl lock_text_mutex
    ldr x0, [sp, 16]
    bl mechanism_flip
  .if USES_HOTPLUG
    bl hotplug_poll
  .endif
    bl unlock_text_mutex
4:  ldp x29, x30, [sp], 32
3:  ret
END patch_poll

// Takes the mutex that all patching holds; interrupts must be on, or whoever has it waits for an answer for ever.
FUNCTION lock_text_mutex
  .if FAULT_TEXT_MUTEX == 0
    stp x29, x30, [sp, -32]!
    mov x29, sp
    str x23, [sp, 16]
  .if FAULT_MUTEX_INTERRUPTS
    IRQ_DISABLE
  .endif
    mov w23, SPIN_LIMIT
1:  ADDRESS x0, text_mutex
    mrs x1, tpidr_el1
    ldaxr x2, [x0]
    cbnz x2, 2f
    stxr w3, x1, [x0]
    cbnz w3, 1b
  .if FAULT_MUTEX_INTERRUPTS
    IRQ_ENABLE
  .endif
    ldr x23, [sp, 16]
    ldp x29, x30, [sp], 32
    ret
2:  clrex
  .if USES_TASKS
    bl schedule
  .endif
    yield
    subs w23, w23, 1
    b.ne 1b
    ldr x0, [sp, 8]
    ADDRESS x1, text_mutex
    ldr x1, [x1]
    PANIC PANIC_MUTEX_TIMEOUT
  .else
    ret
  .endif
END lock_text_mutex

FUNCTION unlock_text_mutex
  .if FAULT_TEXT_MUTEX == 0
    ADDRESS x0, text_mutex
    stlr xzr, [x0]
  .endif
    ret
END unlock_text_mutex

.ltorg

.data
.balign 64
text_mutex:                              // area of the CPU that has it
    .quad 0
