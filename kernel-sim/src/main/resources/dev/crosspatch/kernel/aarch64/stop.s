// stop_machine (library part stop-machine): one CPU runs a function while all others are parked with interrupts off.

// States that all CPUs go through together, as in Linux's multi_cpu_stop: who is in one has acknowledged it, and the
// last to do so begins the next.
.set STOP_PREPARE, 1
.set STOP_DISABLE_IRQ, 2
.set STOP_RUN, 3
.set STOP_EXIT, 4

// Fields of stop_data.
.set STOP_STATE, 0
.set STOP_LEFT, 8                        // CPUs that have not acknowledged the state
.set STOP_FUNCTION, 16
.set STOP_ARGUMENT, 24
.set STOP_ARRIVED, 32                    // CPUs that have come to STOP_RUN; one more when the function has returned

.text

// Parks all CPUs but one, which runs function x0 with argument x1: the last that comes, as in Linux's
// aarch64_insn_patch_text since April 2022. Returns when all have been let go. To be called with interrupts on, by one
// CPU at a time. Changes what a function may.
FUNCTION stop_machine
    stp x29, x30, [sp, -16]!
    mov x29, sp
  .if USES_TASKS
    bl preempt_disable
  .endif
    ADDRESS x2, stop_data
    stp x0, x1, [x2, STOP_FUNCTION]
    str xzr, [x2, STOP_ARRIVED]
    mov x3, STOP_PREPARE
    ADDRESS x4, cpus_online
    ldr x4, [x4]
    stp x3, x4, [x2, STOP_STATE]
    RUN_ON_ALL multi_cpu_stop
    ldp x29, x30, [sp], 16
  .if USES_TASKS
    b preempt_enable
  .else
    ret
  .endif
END stop_machine

// What each CPU runs, with interrupts off: goes through the states with the others.
FUNCTION multi_cpu_stop
    stp x29, x30, [sp, -32]!
    mov x29, sp
    stp x23, x24, [sp, 16]
    ADDRESS x24, stop_data
  .if FAULT_STOP_WAIT == 0
    mov x23, 0                           // the state that this CPU has acknowledged
1:  mov w2, SPIN_LIMIT
2:  ldar x0, [x24]
    cmp x0, x23
    b.ne 3f
    yield
    subs w2, w2, 1
    b.ne 2b
    ldr x0, [x24, STOP_FUNCTION]
    ldr x1, [x24, STOP_LEFT]
    PANIC PANIC_IPI_TIMEOUT
3:  mov x23, x0
    cmp x23, STOP_RUN
    b.ne 4f
    bl stop_run
4:  bl stop_acknowledge
    cmp x23, STOP_EXIT
    b.ne 1b
  .else
    bl stop_run                          // nobody is waited for
  .endif
    ldp x23, x24, [sp, 16]
    ldp x29, x30, [sp], 32
    ret
END multi_cpu_stop

// In STOP_RUN: the last CPU runs the function, all others wait until it has returned and then forget what they had
// fetched. Where nobody is waited for it is the first, while the others are still on their way; Linux's
// aarch64_insn_patch_text_cb had it so before April 2022.
FUNCTION stop_run
    stp x29, x30, [sp, -16]!
    mov x29, sp
    ADDRESS x0, stop_data + STOP_ARRIVED
    bl increment                         // x1 = how many have come
    ADDRESS x0, cpus_online
    ldr x2, [x0]
    ADDRESS x3, stop_data
  .if FAULT_STOP_WAIT == 0
    cmp x1, x2
  .else
    cmp x1, 1
  .endif
    b.ne 1f
    ldp x1, x0, [x3, STOP_FUNCTION]
    blr x1
    ADDRESS x0, stop_data + STOP_ARRIVED
    bl increment
    b 3f
1:  add x3, x3, STOP_ARRIVED
2:  ldar x0, [x3]
    yield
    cmp x0, x2
    b.ls 2b
  .if FAULT_STOP_ISB == 0
    isb
  .endif
3:  ldp x29, x30, [sp], 16
    ret
END stop_run

// This CPU is in the state there is; if it is the last, the next one begins.
FUNCTION stop_acknowledge
    ADDRESS x0, stop_data + STOP_LEFT
1:  ldaxr x1, [x0]
    sub x1, x1, 1
    stlxr w2, x1, [x0]
    cbnz w2, 1b
    cbnz x1, 2f
    ADDRESS x1, cpus_online
    ldr x1, [x1]
    str x1, [x0]
    ADDRESS x0, stop_data
    ldr x1, [x0]
    add x1, x1, 1
    stlr x1, [x0]
2:  ret
END stop_acknowledge

.ltorg

.data
.balign 64
stop_data:
    .fill 5, 8, 0
