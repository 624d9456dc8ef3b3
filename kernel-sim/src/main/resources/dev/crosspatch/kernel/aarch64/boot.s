// Boot: from the boot loader's jump to the work loop, and the end of the run.

.text
_text:
_stext:

// What both entry points begin with: x0 = CPU number, all exceptions masked, no stack yet. Leaves the CPU's area in
// x29.
.macro ENTER
    mov x1, CPU_AREA_SIZE
    CONSTANT x29, LAB_CPU_AREAS
    madd x29, x0, x1, x29
    add sp, x29, x1
    msr tpidr_el1, x29
    str x29, [x29, CPU_SELF]
    str x0, [x29, CPU_NUMBER]
    CONSTANT x28, LAB_DEVICE
    ADDRESS x1, vectors
    msr vbar_el1, x1
    isb
.endm

// The boot CPU.
FUNCTION start
    ENTER
    bl init_gic
    bl init_patching
  .if HANDLES_BOOT
    bl mechanism_boot
  .endif
    ADDRESS x0, banner
    bl print
    ADDRESS x1, boot_done
    mov x0, 1
    stlr x0, [x1]
    b cpu_main
END start

// Every other CPU: waits until the boot CPU has set up what all share.
FUNCTION secondary_start
    ENTER
    bl init_gic
    ADDRESS x1, boot_done
    mov w2, BOOT_SPIN_LIMIT
1:  ldar x0, [x1]
    cbnz x0, 2f
    yield
    subs w2, w2, 1
    b.ne 1b
    mov x0, sp
    mov x1, 0
    PANIC PANIC_BOOT_TIMEOUT
2:
  .if HANDLES_BOOT
    isb                                  // text that mechanism_boot wrote may have been fetched before
  .endif
    b cpu_main
END secondary_start

// The interrupt controller's interface of this CPU, and the timer tick if there shall be one. Interrupts are still
// masked.
FUNCTION init_gic
    mrs x0, icc_sre_el1
    orr x0, x0, 1
    msr icc_sre_el1, x0
    isb
  .if NMI
    mov x0, PRIORITY_IRQ_ON
    msr icc_pmr_el1, x0
    ldr x0, [x29, CPU_NUMBER]
    mov x1, GICR_STRIDE
    CONSTANT x2, REGISTERS_GICR + GICR_IPRIORITYR + SGI_NMI
    madd x2, x0, x1, x2
    mov w0, PRIORITY_NMI
    strb w0, [x2]
  .else
    mov x0, 0xf0
    msr icc_pmr_el1, x0
  .endif
    mov x0, 1
    msr icc_igrpen1_el1, x0
    isb
    PARAMETER x0, PARAM_TICK_INTERVAL
    cbz x0, 1f
    msr cntv_tval_el0, x0
    mov x0, TIMER_ENABLE
    msr cntv_ctl_el0, x0
    isb
1:  ret
END init_gic

// Where every CPU goes: works, polls for flips if it is the patching CPU, and idles when its work is done.
FUNCTION cpu_main
    ldr x0, [x29, CPU_NUMBER]
    ADDRESS x1, lab_iterations
    ldr x20, [x1, x0, lsl 3]
    mov x1, BUFFER_SIZE
    CONSTANT x21, LAB_BUFFERS
    madd x21, x0, x1, x21
    mov x22, 0
    // Any seed but 0; CPUs shall not walk in step.
    CONSTANT x19, 0x1f3d5b791f3d5b79
    add x0, x0, 1
    mul x19, x19, x0
    mov x29, 0                           // end of the chain of frames
  .if USES_TASKS
    bl init_tasks
  .endif
    ADDRESS x0, cpus_online
    bl increment
    msr daifclr, 2

    // A broadcast reaches only CPUs that have their interrupt controller on.
    mov w2, SPIN_LIMIT
    PARAMETER x3, PARAM_CPUS
    ADDRESS x4, cpus_online
1:  ldar x1, [x4]
    cmp x1, x3
    b.eq 2f
    yield
    subs w2, w2, 1
    b.ne 1b
    mov x0, sp
    PANIC PANIC_BOOT_TIMEOUT

2:  cbz x20, 4f
    tbz x20, 63, 3f
    ADDRESS x0, work_stop
    ldr x0, [x0]
    cbnz x0, 4f
3:  bl work_iteration
    COUNT CPU_ITERATIONS
    bl patch_poll
  .if USES_TASKS
    bl cond_resched
  .endif
  .if USES_HOTPLUG
    bl hotplug_point
  .endif
  .if USES_STRETCHES
    bl stretch_point
  .endif
    tbnz x20, 63, 2b
    sub x20, x20, 1
    b 2b

4:
  .if USES_TASKS
    bl await_tasks
  .endif
  .if USES_HOTPLUG
    bl hotplug_done
  .endif
    ADDRESS x0, cpus_done
    bl increment
    mrs x1, tpidr_el1
    ldr x0, [x1, CPU_NUMBER]
    PARAMETER x1, PARAM_PATCHING_CPU
    cmp x0, x1
    b.eq finish
  .if USES_TASKS
    bl task_0_ends
  .endif
5:  wfi                                  // interrupts are on: calls are still answered
    b 5b
END cpu_main

// Adds 1 to the counter at x0 that CPUs share.
FUNCTION increment
1:  ldaxr x1, [x0]
    add x1, x1, 1
    stlxr w2, x1, [x0]
    cbnz w2, 1b
    ret
END increment

// The patching CPU after its work: makes the flips that are left, waits for the others, reports, ends the run.
FUNCTION finish
1:  bl patch_poll
    ADDRESS x0, flips_made
    ldr x0, [x0]
    PARAMETER x1, PARAM_FLIPS
    cmp x0, x1
    b.lo 2f                              // not all made; 0 = as many as fit
    ADDRESS x0, cpus_done
    ldar x0, [x0]
    PARAMETER x1, PARAM_CPUS
    cmp x0, x1
    b.eq 3f
    bl watch_progress
2:
  .if USES_TASKS && USES_TEXT_MUTEX
    bl schedule                          // another CPU may flip, and wait for this task's switch
  .endif
    yield
    b 1b
3:  bl report_counters
    mov x0, 0
    LAB LAB_EXIT, x0
4:  wfi
    b 4b
END finish

// Panics when the CPUs' iteration counters stand still for too many calls in a row.
FUNCTION watch_progress
    CONSTANT x0, LAB_CPU_AREAS
    mov x1, CPU_AREA_SIZE
    PARAMETER x2, PARAM_CPUS
    mov x3, 0
1:  ldr x4, [x0, CPU_ITERATIONS]
    add x3, x3, x4
    add x0, x0, x1
    subs x2, x2, 1
    b.ne 1b
    ADDRESS x0, progress_seen
    ldp x1, x2, [x0]                     // sum, calls since it changed
    cmp x1, x3
    csinc x2, xzr, x2, ne
    stp x3, x2, [x0]
    mov x4, SPIN_LIMIT
    cmp x2, x4
    b.lo 2f
    mov x0, x30
    mov x1, x3
    PANIC PANIC_STALLED
2:  ret
END watch_progress

// Tells the laboratory all counters of all CPUs.
FUNCTION report_counters
    mov x0, 0
    CONSTANT x1, LAB_CPU_AREAS
    PARAMETER x2, PARAM_CPUS
1:  LAB LAB_COUNTER_CPU, x0
    mov x3, 0
    add x4, x1, CPU_COUNTERS
2:  LAB LAB_COUNTER_INDEX, x3
    ldr x5, [x4, x3, lsl 3]
  .if USES_TASKS
    mov x9, x30
    bl add_task_counters
    mov x30, x9
  .endif
    LAB LAB_COUNTER_VALUE, x5
    add x3, x3, 1
    cmp x3, COUNTERS
    b.lo 2b
    add x1, x1, CPU_AREA_SIZE
    add x0, x0, 1
    cmp x0, x2
    b.lo 1b
    ret
END report_counters

// Prints the zero-terminated text at x0.
FUNCTION print
1:  ldrb w1, [x0], 1
    cbz w1, 2f
    LAB LAB_CONSOLE, x1
    b 1b
2:  ret
END print

// Ends the run: x2 = code, x0 = address, x1 = detail. The device need not be in x28 any more.
FUNCTION panic
    msr daifset, 15
    CONSTANT x28, LAB_DEVICE
    LAB LAB_PANIC_ADDRESS, x0
    LAB LAB_PANIC_DETAIL, x1
    LAB LAB_PANIC_CODE, x2
1:  wfi
    b 1b
END panic

.ltorg

.section .rodata
banner:
    .asciz "crosspatch aarch64 guest kernel\n"

.data
.balign 64
boot_done:
    .quad 0
cpus_online:
    .quad 0
.balign 64
cpus_done:
    .quad 0
work_stop:
    .quad 0
progress_seen:
    .quad 0, 0
