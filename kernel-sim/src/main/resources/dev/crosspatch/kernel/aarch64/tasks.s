// Tasks (library part tasks): each CPU has TASKS of them, pinned, each with a stack and registers of its own, and takes
// turns. A timer tick switches to the next one wherever the present one is, unless it has preemption disabled; a task
// also goes on to the next where it says so (schedule). Task 0 is the CPU's own, which also makes flips.
//
// A task's record lies below its stack, that of task 0 in the CPU's area. What the CPU counts belongs to the task that
// runs: a task that is preempted between reading and writing a counter finds it as it was.

// What switch_task takes from a stack: x19 to x30.
.set SWITCH_FRAME, 6 * 16

.text

// Makes the tasks of this CPU; it goes on as task 0. x20 = iterations of the CPU, of which x20 becomes the share of
// task 0. Interrupts are off.
FUNCTION init_tasks
    stp x29, x30, [sp, -16]!
    mrs x9, tpidr_el1
    ldr x10, [x9, CPU_NUMBER]
    CONSTANT x11, (TASKS - 1) * TASK_AREA_SIZE
    CONSTANT x12, LAB_TASKS
    madd x12, x10, x11, x12              // record of the next task
    add x13, x9, CPU_TASK_0
    str x13, [x9, CPU_TASK]
    mov x0, TASKS
    str x0, [x9, CPU_TASKS]
    mov x14, x13                         // the task before
    mov x15, 1
1:  cmp x15, TASKS
    b.hs 2f
    str x12, [x14, TASK_NEXT]
    CONSTANT x1, TASK_AREA_SIZE - SWITCH_FRAME
    add x1, x12, x1
    str x1, [x12, TASK_SP]
    add x0, x10, x15
    add x0, x0, 1
    add x0, x0, x15, lsl 33
    CONSTANT x2, 0x1f3d5b791f3d5b79
    mul x2, x2, x0                       // x19: any seed but 0
    mov x0, x15
    bl task_share
    stp x2, x0, [x1]
    stp x21, xzr, [x1, 16]
    str x28, [x1, 72]
    adr x0, task_main
    stp xzr, x0, [x1, 80]                // end of the chain of frames; where it goes on
    mov x14, x12
    add x12, x12, TASK_AREA_SIZE
    add x15, x15, 1
    b 1b
2:  str x13, [x14, TASK_NEXT]            // a ring
    mov x0, 0
    bl task_share
    mov x20, x0
    ldp x29, x30, [sp], 16
    ret
END init_tasks

// Of x20 iterations those that task x0 makes, in x0. Changes x3.
FUNCTION task_share
    sub x0, x20, x0
    tbnz x20, 63, 1f
    add x0, x0, TASKS - 1
    mov x3, TASKS
    udiv x0, x0, x3
    ret
1:  mov x0, x20
    ret
END task_share

// What every task but the first does: its share of the work, then nothing any more.
FUNCTION task_main
    IRQ_ENABLE
1:  cbz x20, 4f
    tbz x20, 63, 2f
    ADDRESS x0, work_stop
    ldr x0, [x0]
    cbnz x0, 4f
2:  bl work_iteration
    COUNT CPU_ITERATIONS
    bl cond_resched
  .if USES_STRETCHES
    bl stretch_point
  .endif
    tbnz x20, 63, 1b
    sub x20, x20, 1
    b 1b
4:  IRQ_DISABLE
    mrs x1, tpidr_el1
    ldr x0, [x1, CPU_TASK]
    mov x2, TASK_DEAD
    str x2, [x0, TASK_STATE]
    ldr x2, [x1, CPU_TASKS]
    sub x2, x2, 1
    str x2, [x1, CPU_TASKS]
    bl switch_task                       // task 0 is never dead before the others
    udf 0
END task_main

// Task 0, when its own work is done: until all tasks of its CPU are done, too, makes the flips that are due.
FUNCTION await_tasks
    stp x29, x30, [sp, -16]!
    mov x29, sp
1:  mrs x0, tpidr_el1
    ldr x0, [x0, CPU_TASKS]
    cmp x0, 1
    b.eq 2f
    bl patch_poll
    bl schedule
    b 1b
2:  ldp x29, x30, [sp], 16
    ret
END await_tasks

// The CPU has nothing left to do: nobody waits for its task 0 any more.
FUNCTION task_0_ends
    mrs x0, tpidr_el1
    ldr x0, [x0, CPU_TASK]
    mov x1, TASK_DEAD
    add x0, x0, TASK_STATE
    stlr x1, [x0]
    ret
END task_0_ends

// A place at which a task may be switched, between iterations: a voluntary switch, to itself if no other is due
// (Linux's cond_resched_tasks_rcu_qs). Changes x0, x1.
FUNCTION cond_resched
    mrs x0, tpidr_el1
    ldr x1, [x0, CPU_NEED_RESCHED]
    cbnz x1, schedule
    ldr x0, [x0, CPU_TASK]
    ldr x1, [x0, TASK_SWITCHES]
    add x1, x1, 1
    str x1, [x0, TASK_SWITCHES]
    ret
END cond_resched

// Goes on with the next task: a voluntary switch.
FUNCTION schedule
    stp x29, x30, [sp, -32]!
    mov x29, sp
    IRQ_FLAGS x0
    str x0, [sp, 16]
    IRQ_DISABLE
    mrs x0, tpidr_el1
    ldr x0, [x0, CPU_TASK]
    ldr x1, [x0, TASK_SWITCHES]
    add x1, x1, 1
    str x1, [x0, TASK_SWITCHES]
    bl switch_task
    ldr x0, [sp, 16]
    IRQ_RESTORE x0
    ldp x29, x30, [sp], 32
    ret
END schedule

// The timer's tick, with interrupts off and its end told: preempts the task, or notes that it is to be.
FUNCTION preempt_tick
    mrs x0, tpidr_el1
    mov x1, 1
    str x1, [x0, CPU_NEED_RESCHED]
    ldr x1, [x0, CPU_PREEMPT_COUNT]
    cbz x1, switch_task
    ret
END preempt_tick

// A stretch begins in which the task is not to be preempted; such stretches nest. Changes x16, x17.
FUNCTION preempt_disable
    mrs x17, tpidr_el1
    ldr x16, [x17, CPU_PREEMPT_COUNT]
    add x16, x16, 1
    str x16, [x17, CPU_PREEMPT_COUNT]
    ret
END preempt_disable

// Its end; the outermost makes up for a tick in it.
FUNCTION preempt_enable
    mrs x1, tpidr_el1
    ldr x0, [x1, CPU_PREEMPT_COUNT]
    sub x0, x0, 1
    str x0, [x1, CPU_PREEMPT_COUNT]
    cbnz x0, 1f
    ldr x0, [x1, CPU_NEED_RESCHED]
    cbz x0, 1f
    stp x29, x30, [sp, -32]!
    mov x29, sp
    IRQ_FLAGS x0
    str x0, [sp, 16]
    IRQ_DISABLE
    bl switch_task
    ldr x0, [sp, 16]
    IRQ_RESTORE x0
    ldp x29, x30, [sp], 32
1:  ret
END preempt_enable

// Goes on with the next task that is not dead, if there is another. Interrupts are off. Changes x0 to x10.
FUNCTION switch_task
    mrs x3, tpidr_el1
    str xzr, [x3, CPU_NEED_RESCHED]
    ldr x0, [x3, CPU_TASK]
    mov x1, x0
1:  ldr x1, [x1, TASK_NEXT]
    cmp x1, x0
    b.eq 3f
    ldr x2, [x1, TASK_STATE]
    cmp x2, TASK_DEAD
    b.eq 1b
    stp x19, x20, [sp, -SWITCH_FRAME]!
    stp x21, x22, [sp, 16]
    stp x23, x24, [sp, 32]
    stp x25, x26, [sp, 48]
    stp x27, x28, [sp, 64]
    stp x29, x30, [sp, 80]
    mov x2, sp
    str x2, [x0, TASK_SP]
    add x4, x0, TASK_COUNTERS
    add x5, x1, TASK_COUNTERS
    add x6, x3, CPU_COUNTERS
    mov x7, COUNTERS
2:  ldr x8, [x5], 8
4:  ldxr x9, [x6]                        // whoever interrupts this counts, too
    stxr w10, x8, [x6]
    cbnz w10, 4b
    add x6, x6, 8
    str x9, [x4], 8
    subs x7, x7, 1
    b.ne 2b
    str x1, [x3, CPU_TASK]
    ldr x2, [x1, TASK_SP]
    mov sp, x2
    ldp x29, x30, [sp, 80]
    ldp x27, x28, [sp, 64]
    ldp x25, x26, [sp, 48]
    ldp x23, x24, [sp, 32]
    ldp x21, x22, [sp, 16]
    ldp x19, x20, [sp], SWITCH_FRAME
3:  ret
END switch_task

// Adds to x5 what the tasks of the CPU with area x1 that do not run have of counter x3. Changes x6 to x8.
FUNCTION add_task_counters
    ldr x6, [x1, CPU_TASK]
    mov x7, x6
1:  ldr x7, [x7, TASK_NEXT]
    cmp x7, x6
    b.eq 2f
    add x8, x7, TASK_COUNTERS
    ldr x8, [x8, x3, lsl 3]
    add x5, x5, x8
    b 1b
2:  ret
END add_task_counters

.ltorg
