// Stretches (library part stretches) in which a CPU answers late, or has nothing to do: every so many iterations it
// keeps interrupts off, or idles, for some ticks of the trace clock. On real machines it is these, not the stores, that
// a patch waits for.

.text

// Between two iterations. The counter is read without an ISB before it: a context synchronization would hide that one
// was left out elsewhere.
FUNCTION stretch_point
    mrs x0, tpidr_el1
  .if IRQS_OFF_LENGTH
    ldr x1, [x0, CPU_IRQS_OFF_IN]
    subs x1, x1, 1
    str x1, [x0, CPU_IRQS_OFF_IN]
    b.gt 2f
    CONSTANT x1, IRQS_OFF_EVERY
    str x1, [x0, CPU_IRQS_OFF_IN]
    IRQ_DISABLE
    CONSTANT x1, IRQS_OFF_LENGTH
    mrs x2, cntvct_el0
    add x1, x1, x2
1:  yield
    mrs x2, cntvct_el0
    cmp x2, x1
    b.lo 1b
    IRQ_ENABLE
2:
  .endif
  .if IDLE_LENGTH
    ldr x1, [x0, CPU_IDLE_IN]
    subs x1, x1, 1
    str x1, [x0, CPU_IDLE_IN]
    b.gt 4f
    CONSTANT x1, IDLE_EVERY
    str x1, [x0, CPU_IDLE_IN]
    CONSTANT x1, IDLE_LENGTH
    mrs x2, cntvct_el0
    add x1, x1, x2
3:  wfi                                  // until a tick, or a call
    mrs x2, cntvct_el0
    cmp x2, x1
    b.lo 3b
4:
  .endif
    ret
END stretch_point

.ltorg
