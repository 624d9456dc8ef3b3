// Function calls on other CPUs.

// Interrupts all other CPUs that are online, which have been asked by request_call.
.macro SEND_CALLS
  .if USES_HOTPLUG
    bl send_calls
  .else
    CONSTANT x0, SGI_ALL_BUT_SELF + (SGI_CALL << 24)
    msr icc_sgi1r_el1, x0
  .endif
.endm

// All stores come before the interrupt that is sent next, which is no memory access.
.macro CALL_FENCE
  .if FAULT_CALL_FENCE == 0
    dsb ishst
  .endif
.endm

// Runs a function on all CPUs at once, with interrupts off, and waits until all others have run it.
.macro RUN_ON_ALL function
    adr x0, \function
    bl request_call
    CALL_FENCE
    SEND_CALLS
    IRQ_DISABLE
    bl \function
    IRQ_ENABLE
    bl await_calls
.endm

.text

// Runs function x0 on every CPU but this one and returns when all have run it: Linux's smp_call_function(..., wait). To
// be called with interrupts on, since two CPUs that called each other with interrupts masked would wait forever.
FUNCTION call_on_other_cpus
    stp x29, x30, [sp, -16]!
    mov x29, sp
  .if USES_TASKS
    bl preempt_disable
  .endif
    PARAMETER x1, PARAM_CPUS
    cmp x1, 1
    b.eq 1f
    bl request_call
    CALL_FENCE
    SEND_CALLS
    bl await_calls
1:  ldp x29, x30, [sp], 16
  .if USES_TASKS
    b preempt_enable
  .else
    ret
  .endif
END call_on_other_cpus

// Asks every other CPU to call x0.
FUNCTION request_call
    CONSTANT x1, LAB_CPU_AREAS
    mov x2, CPU_AREA_SIZE
    PARAMETER x3, PARAM_CPUS
    mrs x4, tpidr_el1
1:  cmp x1, x4
    b.eq 2f
  .if USES_HOTPLUG
    ldr x5, [x1, CPU_HOTPLUG]
    cmp x5, HOTPLUG_PARKED
    b.eq 2f
  .endif
    str x0, [x1, CPU_CALL]
2:  add x1, x1, x2
    subs x3, x3, 1
    b.ne 1b
    ret
END request_call

// Waits until every CPU has acknowledged.
FUNCTION await_calls
    CONSTANT x1, LAB_CPU_AREAS
    mov x2, CPU_AREA_SIZE
    PARAMETER x3, PARAM_CPUS
1:  add x4, x1, CPU_CALL
    mov w5, SPIN_LIMIT
2:  ldar x0, [x4]
    cbz x0, 3f
    yield
    subs w5, w5, 1
    b.ne 2b
    ldr x1, [x1, CPU_NUMBER]
    PANIC PANIC_IPI_TIMEOUT
3:  add x1, x1, x2
    subs x3, x3, 1
    b.ne 1b
    ret
END await_calls

// The interrupt on the other CPUs. The store that clears the request is the acknowledgement.
FUNCTION answer_call
    stp x29, x30, [sp, -16]!
    COUNT CPU_IPIS
  .if SITES_IN_CALL
    RUN_PATH path_call, CPU_PATH_CALL
  .endif
    mrs x0, tpidr_el1
    add x0, x0, CPU_CALL
    ldar x1, [x0]
    cbz x1, 1f
    blr x1
    mrs x0, tpidr_el1
    add x0, x0, CPU_CALL
    stlr xzr, [x0]
1:  ldp x29, x30, [sp], 16
    ret
END answer_call

// What a kick calls: nothing. Taking the interrupt is the context synchronization event, and returning from it is
// another.
FUNCTION do_nothing
    ret
END do_nothing

// kick_all_cpus_sync: after it no other CPU runs an instruction that it had fetched before.
FUNCTION kick_other_cpus
  .if FAULT_KICK == 0
    dmb ish
    adr x0, do_nothing
    b call_on_other_cpus
  .else
    ret
  .endif
END kick_other_cpus

.ltorg
