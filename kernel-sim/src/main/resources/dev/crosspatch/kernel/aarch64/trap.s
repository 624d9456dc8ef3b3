// Exceptions and interrupts.

.text

// An exception that this kernel never expects. x0 may go: nothing returns.
.macro UNEXPECTED vector
    .balign 128, 0
    mov x0, \vector
    b unexpected
.endm

// The vector table (Arm ARM D1.4.2): from this level with SP_EL0, from this level with SP_EL1, from EL0 in AArch64, in
// AArch32; each synchronous, IRQ, FIQ, SError.
.balign 2048, 0
.type vectors, %function
vectors:
    UNEXPECTED 0
    UNEXPECTED 1
    UNEXPECTED 2
    UNEXPECTED 3
    .balign 128, 0
    b synchronous_entry
    .balign 128, 0
    b irq_entry
    UNEXPECTED 6
    UNEXPECTED 7
    UNEXPECTED 8
    UNEXPECTED 9
    UNEXPECTED 10
    UNEXPECTED 11
    UNEXPECTED 12
    UNEXPECTED 13
    UNEXPECTED 14
    UNEXPECTED 15
END vectors

// x0 = number of the vector.
FUNCTION unexpected
    CONSTANT x28, LAB_DEVICE
    mrs x1, esr_el1
    LAB LAB_PANIC_SYNDROME, x1
    lsr x1, x1, ESR_CLASS_SHIFT
    mov x2, PANIC_EXCEPTION
    add x2, x2, x0, lsl 6
    add x2, x2, x1
    mrs x0, elr_el1
    mrs x1, far_el1
    b panic
END unexpected

.set TRAP_DEPTH_MAX, 16                  // breakpoint handlers one within the other that make a recursion

// Asks a handler whether the breakpoint is its own; then the frame says where to go on.
.macro OWNED_BY handler
    mov x0, sp
    bl \handler
    cbnz x0, 7f
.endm

// Breakpoints; anything else synchronous is a mistake.
FUNCTION synchronous_entry
    SAVE_FRAME
    mrs x0, esr_el1
    lsr x0, x0, ESR_CLASS_SHIFT
    cmp x0, CLASS_BRK
    b.ne 1f
  .if SITES_IN_TRAP || SITES_IN_TRAP_OUTER
    COUNT CPU_TRAP_DEPTH
  .endif
  .if SITES_IN_TRAP
    cmp x16, TRAP_DEPTH_MAX
    b.hi 4f
    RUN_PATH path_trap, CPU_PATH_TRAP
  .endif
  .if USES_POKE_BATCH
    OWNED_BY poke_breakpoint
  .endif
  .if USES_KPROBE
    OWNED_BY kprobe_breakpoint
  .endif
  .if HANDLES_BREAKPOINT
    OWNED_BY mechanism_breakpoint
  .endif
    b 2f
7:  COUNT CPU_TRAPS
  .if SITES_IN_TRAP_OUTER
    mrs x0, tpidr_el1
    ldr x0, [x0, CPU_TRAP_DEPTH]
    cmp x0, 1
    b.hi 5f                              // it has interrupted such a handler, which is on the path or will be
    RUN_PATH path_trap_outer, CPU_PATH_TRAP_OUTER
5:
  .endif
  .if SITES_IN_TRAP || SITES_IN_TRAP_OUTER
    mrs x0, tpidr_el1
    ldr x1, [x0, CPU_TRAP_DEPTH]
    sub x1, x1, 1
    str x1, [x0, CPU_TRAP_DEPTH]
  .endif
    RETURN_FRAME
1:  mov x0, 4
    b unexpected
2:  CONSTANT x28, LAB_DEVICE             // nobody's: this is where Linux dies with "Unexpected kernel BRK exception"
    ldr x0, [sp, FRAME_ELR]
    LAB LAB_UNCLAIMED, x0
3:  wfi
    b 3b
  .if SITES_IN_TRAP
4:  ldr x0, [sp, FRAME_ELR]
    mov x1, x16
    PANIC PANIC_TRAP_RECURSION
  .endif
END synchronous_entry

// Interrupts, and NMIs, which are interrupts of a higher priority. Where there are such, what is no NMI is handled with
// interrupts masked by priority, so that an NMI can come in; an NMI is handled with all masked, and so is a breakpoint
// (as in Linux, whose debug exceptions do not unmask).
FUNCTION irq_entry
    SAVE_FRAME
    mrs x0, icc_iar1_el1
  .if NMI
    cmp x0, SGI_NMI
    b.eq 4f
    IRQ_DISABLE
    msr daifclr, 2
  .endif
    cmp x0, SGI_CALL
    b.eq 1f
    cmp x0, PPI_VIRTUAL_TIMER
    b.eq 2f
    cmp x0, INTID_SPURIOUS
    b.eq 3f
    mov x1, x0
    mrs x0, elr_el1
    PANIC PANIC_UNEXPECTED_INTERRUPT

1:  msr icc_eoir1_el1, x0
    bl answer_call
    b 3f

2:  COUNT CPU_TICKS
    PARAMETER x1, PARAM_TICK_INTERVAL
    msr cntv_tval_el0, x1                // lowers the line; before the end of the interrupt, or it would come again
    isb
    msr icc_eoir1_el1, x0
  .if SITES_IN_TICK
    RUN_PATH path_tick, CPU_PATH_TICK
  .endif
  .if USES_TASKS
    bl preempt_tick
  .endif
3:  RETURN_FRAME

  .if NMI
4:  COUNT CPU_NMIS
  .if SITES_IN_NMI
    RUN_PATH path_nmi, CPU_PATH_NMI
  .endif
    mov x0, SGI_NMI
    msr icc_eoir1_el1, x0
    RETURN_FRAME
  .endif
END irq_entry

.ltorg
