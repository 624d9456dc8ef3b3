// Exceptions and interrupts.

.text

.balign 128, 0
.type vectors, %function
vectors:
    j exception_entry
    .balign 64, 0
    j interrupt_entry
END vectors

// Breakpoints; any other exception is a mistake.
FUNCTION exception_entry
    SAVE_FRAME
    mfs r0, cause
    li r1, CAUSE_TRAP
    bne r0, r1, 1f
    addi r0, sp, 0
  .if HANDLES_BREAKPOINT
    call mechanism_breakpoint
  .else
    li r0, 0
  .endif
    li r1, 0
    beq r0, r1, 2f
    COUNT CPU_TRAPS
    RETURN_FRAME
1:  CONSTANT r20, LAB_DEVICE
    LAB LAB_PANIC_SYNDROME, r0
    addi r2, r0, PANIC_EXCEPTION
    mfs r0, epc
    mfs r1, address
    j panic
2:  CONSTANT r20, LAB_DEVICE             // nobody's
    ld r0, [sp + FRAME_EPC]
    LAB LAB_UNCLAIMED, r0
3:  wait
    j 3b
END exception_entry

// The one interrupt there is: another CPU calls.
FUNCTION interrupt_entry
    SAVE_FRAME
    call answer_call
    RETURN_FRAME
END interrupt_entry
