// Crosspatch guest kernel for AArch64: names and macros of all files.
//
// Registers that keep their meaning in all code outside exception handlers:
//   x19  pseudo-random number of this CPU (xorshift)
//   x20  work iterations left, negative if endless
//   x21  this CPU's buffer for memory work
//   x22  offset in that buffer, a multiple of 64
//   x28  virtual address of the laboratory device
//   TPIDR_EL1  this CPU's area
// Functions may change x0 to x17 and keep the others, as the AAPCS64 has it.

// Steps of the library that only mechanisms have whose manifests name them.
.irp step, CALL_FENCE, MUTEX_INTERRUPTS
  .ifndef FAULT_\step
    .set FAULT_\step, 0
  .endif
.endr

// Interrupts of the generic interrupt controller.
.set SGI_CALL, 1
.set SGI_NMI, 2
.set PPI_VIRTUAL_TIMER, 27
.set INTID_SPURIOUS, 1023
.set SGI_ALL_BUT_SELF, 1 << 40           // ICC_SGI1R_EL1.IRM

// Priorities where there are NMIs (Linux with irqchip.gicv3_pseudo_nmi=1): a lower number is more urgent, and what is
// not below ICC_PMR_EL1 waits. Interrupts other than the NMI have 0xa0 from the firmware.
.set PRIORITY_IRQ_ON, 0xe0
.set PRIORITY_IRQ_OFF, 0x60
.set PRIORITY_NMI, 0x20
// A redistributor's registers: one frame of its own, one for private interrupts, each 64 KiB.
.set GICR_STRIDE, 0x20000
.set GICR_IPRIORITYR, 0x10400

.set TIMER_ENABLE, 1
.set ESR_CLASS_SHIFT, 26
.set CLASS_BRK, 0x3c

// CTR_EL0: stores reach the point of unification by themselves; instruction caches snoop it.
.set CTR_IDC_BIT, 28
.set CTR_DIC_BIT, 29

// What an exception saves on the stack.
.set FRAME_X30, 18 * 8
.set FRAME_ELR, 19 * 8
.set FRAME_SPSR, 20 * 8
.set FRAME_PMR, 21 * 8
.set FRAME_SIZE, 22 * 8

// A function: aligned, typed, sized. What is between functions is never run: zeros are UDF.
.macro FUNCTION name
    .balign 16, 0
    .type \name, %function
\name:
.endm

// Puts x0, a descriptor of a table of level 3, into the kernel's table of level 2 for the address in x1. Changes x2 to
// x5.
.macro LINK_TABLE
    CONSTANT x2, DIRECT_MAP
    mrs x3, ttbr1_el1
    mov x4, 39                           // lowest bit of the level's index
1:  and x3, x3, 0x0000fffffffff000
    add x3, x3, x2
    lsr x5, x1, x4
    and x5, x5, 511
    cmp x4, 21
    b.eq 2f
    ldr x3, [x3, x5, lsl 3]
    sub x4, x4, 9
    b 1b
2:  str x0, [x3, x5, lsl 3]
.endm

.macro END name
    .size \name, . - \name
.endm

// Address of a symbol of this kernel.
.macro ADDRESS register, symbol
    adrp \register, \symbol
    add \register, \register, :lo12:\symbol
.endm

// A number of any size.
.macro CONSTANT register, value
    ldr \register, =\value
.endm

// A field of lab_params.
.macro PARAMETER register, field
    ADDRESS \register, lab_params
    ldr \register, [\register, \field]
.endm

// Adds 1 to a counter of this CPU. Changes x16, x17.
.macro COUNT counter
    mrs x17, tpidr_el1
    ldr x16, [x17, \counter]
    add x16, x16, 1
    str x16, [x17, \counter]
.endm

// Stores a 64-bit register in the laboratory device.
.macro LAB register, value
    str \value, [x28, \register]
.endm

// Gives up: code as named, x0 = address that tells most, x1 = detail.
.macro PANIC code
    mov x2, \code
    b panic
.endm

// local_irq_disable and local_irq_enable. Where there are NMIs, interrupts are masked by priority and NMIs are not; the
// I bit is set only where an exception is entered and left. Change x17.
.macro IRQ_DISABLE
  .if NMI
    mov x17, PRIORITY_IRQ_OFF
    msr icc_pmr_el1, x17
  .else
    msr daifset, 2
  .endif
.endm

.macro IRQ_ENABLE
  .if NMI
    mov x17, PRIORITY_IRQ_ON
    msr icc_pmr_el1, x17
  .else
    msr daifclr, 2
  .endif
.endm

// local_save_flags and local_irq_restore: to and from `register`.
.macro IRQ_FLAGS register
  .if NMI
    mrs \register, icc_pmr_el1
  .else
    mrs \register, daif
  .endif
.endm

.macro IRQ_RESTORE register
  .if NMI
    msr icc_pmr_el1, \register
  .else
    msr daif, \register
  .endif
.endm

// Runs the sites of a path (path_NAME) within a handler. They count as sites of the work do, but what they count is the
// path's: `counter` gets a pass and their checksum by one store, and the work's counters are as they were, which what
// is interrupted may be in the middle of adding to. Changes what a function may, x30 too.
.macro RUN_PATH name, counter
    mrs x9, tpidr_el1
    ldr x10, [x9, CPU_CHECKSUM]
    ldr x11, [x9, CPU_SITES_OFF]
    ldr x12, [x9, CPU_SITES_ON]
    stp x10, x11, [sp, -32]!
    str x12, [sp, 16]
    str xzr, [x9, CPU_CHECKSUM]
    bl \name
    mrs x9, tpidr_el1
    ldr x0, [x9, CPU_CHECKSUM]
    ldr x12, [sp, 16]
    ldp x10, x11, [sp], 32
    str x10, [x9, CPU_CHECKSUM]
    str x11, [x9, CPU_SITES_OFF]
    str x12, [x9, CPU_SITES_ON]
    ldr x10, [x9, \counter]
    CONSTANT x11, PATH_PASS
    add x10, x10, x11
    add x10, x10, x0
    str x10, [x9, \counter]
.endm

// X0 to X17, which called functions may change, at the bottom of a frame.
.macro STORE_SCRATCH
    stp x0, x1, [sp, 0]
    stp x2, x3, [sp, 16]
    stp x4, x5, [sp, 32]
    stp x6, x7, [sp, 48]
    stp x8, x9, [sp, 64]
    stp x10, x11, [sp, 80]
    stp x12, x13, [sp, 96]
    stp x14, x15, [sp, 112]
    stp x16, x17, [sp, 128]
.endm

.macro LOAD_SCRATCH
    ldp x16, x17, [sp, 128]
    ldp x14, x15, [sp, 112]
    ldp x12, x13, [sp, 96]
    ldp x10, x11, [sp, 80]
    ldp x8, x9, [sp, 64]
    ldp x6, x7, [sp, 48]
    ldp x4, x5, [sp, 32]
    ldp x2, x3, [sp, 16]
    ldp x0, x1, [sp, 0]
.endm

// Saves what called functions may change, and where to return.
.macro SAVE_FRAME
    sub sp, sp, FRAME_SIZE
    STORE_SCRATCH
    mrs x0, elr_el1
    mrs x1, spsr_el1
    stp x30, x0, [sp, FRAME_X30]
    str x1, [sp, FRAME_SPSR]
  .if NMI
    mrs x0, icc_pmr_el1
    str x0, [sp, FRAME_PMR]
  .endif
.endm

.macro RETURN_FRAME
  .if NMI
    msr daifset, 2
    ldr x1, [sp, FRAME_PMR]
    msr icc_pmr_el1, x1
  .endif
    ldr x1, [sp, FRAME_SPSR]
    ldp x30, x0, [sp, FRAME_X30]
    msr spsr_el1, x1
    msr elr_el1, x0
    LOAD_SCRATCH
    add sp, sp, FRAME_SIZE
    eret
.endm

// The next pseudo-random number in x19 (xorshift, Marsaglia 2003).
.macro RANDOM
    eor x19, x19, x19, lsl 13
    eor x19, x19, x19, lsr 7
    eor x19, x19, x19, lsl 17
.endm
