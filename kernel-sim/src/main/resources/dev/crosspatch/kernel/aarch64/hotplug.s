// CPU hotplug (library part hotplug): CPU HOTPLUG_CPU is parked after HOTPLUG_EVERY flips and brought up again after as
// many more, by a CPU that patches, between two flips. It parks itself between two iterations, as Linux's cpu_die does
// from the idle task: nobody calls it then, no interrupt synchronizes it, and whatever is patched meanwhile it has to
// forget as it comes up.

.text

// After each flip, on the CPU that made it, while no other patches: parks the CPU or brings it up if it is time to.
FUNCTION hotplug_poll
    ADDRESS x0, hotplug_flips
    ldr x1, [x0]
    add x1, x1, 1
    CONSTANT x2, HOTPLUG_EVERY
    cmp x1, x2
    csel x1, x1, xzr, lo
    str x1, [x0]
    cbnz x1, 3f
    CONSTANT x0, LAB_CPU_AREAS + HOTPLUG_CPU * CPU_AREA_SIZE + CPU_HOTPLUG
1:  ldaxr x1, [x0]
    cbnz x1, 2f                          // not HOTPLUG_UP
    mov x2, HOTPLUG_ASKED
    stlxr w3, x2, [x0]
    cbnz w3, 1b
    mov x2, HOTPLUG_PARKED
    b await_hotplug
2:  clrex
    cmp x1, HOTPLUG_PARKED
    b.ne 3f
  .if HANDLES_HOTPLUG
    stp x29, x30, [sp, -16]!
    mov x29, sp
    bl mechanism_hotplug
    ldp x29, x30, [sp], 16
    CONSTANT x0, LAB_CPU_AREAS + HOTPLUG_CPU * CPU_AREA_SIZE + CPU_HOTPLUG
  .endif
    mov x2, HOTPLUG_COMING
    stlr x2, [x0]
    mov x2, HOTPLUG_UP
    b await_hotplug
3:  ret
END hotplug_poll

// Waits until the state at x0 is x2, or done.
FUNCTION await_hotplug
    mov w3, SPIN_LIMIT
1:  ldar x1, [x0]
    cmp x1, x2
    b.eq 2f
    cmp x1, HOTPLUG_DONE
    b.eq 2f
    yield
    subs w3, w3, 1
    b.ne 1b
    mov x0, x2
    PANIC PANIC_HOTPLUG_TIMEOUT
2:  ret
END await_hotplug

// Between two iterations: parks this CPU if it is asked to, until it is to come up or all flips are made. Nothing here
// synchronizes the context but what says so.
FUNCTION hotplug_point
    mrs x0, tpidr_el1
    add x0, x0, CPU_HOTPLUG
    ldar x1, [x0]
    cmp x1, HOTPLUG_ASKED
    b.eq cpu_park
    ret
END hotplug_point

// Parks the CPU, whose state is at x0.
FUNCTION cpu_park
    stp x29, x30, [sp, -32]!
    mov x29, sp
    str x0, [sp, 16]
    IRQ_DISABLE
    PARAMETER x1, PARAM_TICK_INTERVAL
    cbz x1, 1f
    msr cntv_ctl_el0, xzr
1:  mov x1, -1
    bl add_online
    ldr x0, [sp, 16]
    mov x1, HOTPLUG_PARKED
    stlr x1, [x0]
    ADDRESS x2, work_stop
2:  yield
    ldar x1, [x0]
    cmp x1, HOTPLUG_COMING
    b.eq 3f
    ldr x1, [x2]
    cbz x1, 2b
3:
  .if FAULT_HOTPLUG_SYNC == 0
    isb
  .endif
    mov x1, 1
    bl add_online
    ldr x0, [sp, 16]
    mov x1, HOTPLUG_UP
    stlr x1, [x0]
    PARAMETER x1, PARAM_TICK_INTERVAL
    cbz x1, 4f
    msr cntv_tval_el0, x1
    mov x1, TIMER_ENABLE
    msr cntv_ctl_el0, x1
4:  IRQ_ENABLE
    ldp x29, x30, [sp], 32
    ret
END cpu_park

// Adds x1 to the number of CPUs that are online. Changes x0, x2, x3.
FUNCTION add_online
    ADDRESS x0, cpus_online
1:  ldaxr x2, [x0]
    add x2, x2, x1
    stlxr w3, x2, [x0]
    cbnz w3, 1b
    ret
END add_online

// This CPU has no work left: it is not parked any more. One that is just asked to parks first.
FUNCTION hotplug_done
    stp x29, x30, [sp, -16]!
    mov x29, sp
1:  bl hotplug_point
    mrs x0, tpidr_el1
    add x0, x0, CPU_HOTPLUG
    ldaxr x1, [x0]
    cbnz x1, 2f                          // not HOTPLUG_UP
    mov x2, HOTPLUG_DONE
    stlxr w3, x2, [x0]
    cbnz w3, 1b
    ldp x29, x30, [sp], 16
    ret
2:  clrex
    b 1b
END hotplug_done

// Sends the function-call interrupt to every other CPU that is not parked. Changes x0 to x6.
FUNCTION send_calls
    mrs x0, tpidr_el1
    CONSTANT x1, LAB_CPU_AREAS
    PARAMETER x2, PARAM_CPUS
1:  cmp x0, x1
    b.eq 2f
    ldr x3, [x1, CPU_HOTPLUG]
    cmp x3, HOTPLUG_PARKED
    b.eq 2f
    ldr x3, [x1, CPU_NUMBER]
    CONSTANT x4, SGI_CALL << 24
    and x5, x3, 15                       // Aff0, a bit of the list
    mov x6, 1
    lsl x6, x6, x5
    orr x4, x4, x6
    lsr x3, x3, 4                        // Aff1
    orr x4, x4, x3, lsl 16
    msr icc_sgi1r_el1, x4
2:  mov x3, CPU_AREA_SIZE
    add x1, x1, x3
    subs x2, x2, 1
    b.ne 1b
    ret
END send_calls

.ltorg

.data
.balign 8
hotplug_flips:                           // since the last change
    .quad 0
