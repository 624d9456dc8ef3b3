// Grace periods (library part rcu-tasks).

.text

// synchronize_rcu_tasks: returns when every task that is not dead, on every CPU, has made a voluntary switch since. A
// task that was preempted has not: it may be anywhere. The caller's own call is one. To be called with interrupts on
// and preemption enabled. Changes what a function may.
FUNCTION synchronize_rcu_tasks
  .if FAULT_RCU_TASKS == 0
    stp x29, x30, [sp, -16]!
    mov x29, sp
    adr x0, note_switches
    bl for_each_task
    adr x0, await_switch
    bl for_each_task
    ldp x29, x30, [sp], 16
  .endif
    ret
END synchronize_rcu_tasks

// Calls x0 for every task of every CPU, with its record in x23, its CPU's area in x25.
FUNCTION for_each_task
    stp x29, x30, [sp, -48]!
    mov x29, sp
    stp x23, x24, [sp, 16]
    stp x25, x26, [sp, 32]
    mov x26, x0
    CONSTANT x25, LAB_CPU_AREAS
    PARAMETER x24, PARAM_CPUS
1:  add x23, x25, CPU_TASK_0
2:  blr x26
    ldr x23, [x23, TASK_NEXT]
    add x0, x25, CPU_TASK_0
    cmp x23, x0
    b.ne 2b
    mov x0, CPU_AREA_SIZE
    add x25, x25, x0
    subs x24, x24, 1
    b.ne 1b
    ldp x25, x26, [sp, 32]
    ldp x23, x24, [sp, 16]
    ldp x29, x30, [sp], 48
    ret
END for_each_task

FUNCTION note_switches
    add x0, x23, TASK_SWITCHES
    ldar x0, [x0]
    str x0, [x23, TASK_SNAPSHOT]
    ret
END note_switches

// Waits for task x23; this CPU's other tasks run meanwhile.
FUNCTION await_switch
    stp x29, x30, [sp, -32]!
    mov x29, sp
    str x24, [sp, 16]
    mov w24, SPIN_LIMIT
    b 2f
1:  bl schedule
    yield
    subs w24, w24, 1
    b.eq 4f
2:  mrs x0, tpidr_el1
    ldr x0, [x0, CPU_TASK]
    cmp x0, x23
    b.eq 3f
  .if USES_HOTPLUG
    add x0, x25, CPU_HOTPLUG
    ldar x0, [x0]
    cmp x0, HOTPLUG_PARKED
    b.eq 3f                              // between two iterations
  .endif
    add x0, x23, TASK_STATE
    ldar x0, [x0]
    cmp x0, TASK_DEAD
    b.eq 3f
    add x0, x23, TASK_SWITCHES
    ldar x0, [x0]
    ldr x1, [x23, TASK_SNAPSHOT]
    cmp x0, x1
    b.eq 1b
3:  ldr x24, [sp, 16]
    ldp x29, x30, [sp], 32
    ret
4:  ldr x0, [x23, TASK_SP]
    mov x1, x23
    PANIC PANIC_GRACE_TIMEOUT
END await_switch

.ltorg
