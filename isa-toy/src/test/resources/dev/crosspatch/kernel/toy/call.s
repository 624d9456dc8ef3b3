// Function calls on other CPUs.

.text

// Runs function r0 on every CPU but this one and returns when all have run it. To be called with interrupts on.
FUNCTION call_on_other_cpus
    SAVE r10
    call request_calls
    call await_calls
    RESTORE r10
    ret
END call_on_other_cpus

// Asks every other CPU to call r0.
FUNCTION request_calls
    li r1, LAB_CPU_AREAS
    PARAMETER r2, PARAM_CPUS
    mfs r3, area
    li r4, 0                             // its number
1:  beq r1, r3, 2f
    sd r0, [r1 + CPU_CALL]
    send r4
2:  addi r1, r1, CPU_AREA_SIZE
    addi r4, r4, 1
    bne r4, r2, 1b
    ret
END request_calls

// Waits until every CPU has acknowledged.
FUNCTION await_calls
    li r1, LAB_CPU_AREAS
    PARAMETER r3, PARAM_CPUS
    li r6, 0
1:  li r5, SPIN_LIMIT
2:  ld r0, [r1 + CPU_CALL]
    beq r0, r6, 3f
    addi r5, r5, -1
    bne r5, r6, 2b
    ld r1, [r1 + CPU_NUMBER]
    PANIC PANIC_IPI_TIMEOUT
3:  addi r1, r1, CPU_AREA_SIZE
    addi r3, r3, -1
    bne r3, r6, 1b
    ret
END await_calls

// The interrupt on the other CPUs. The store that clears the request is the acknowledgement.
FUNCTION answer_call
    SAVE
    COUNT CPU_IPIS
    mfs r0, area
    ld r1, [r0 + CPU_CALL]
    li r2, 0
    beq r1, r2, 1f
    callr r1
    mfs r0, area
    li r2, 0
    sd r2, [r0 + CPU_CALL]
1:  RESTORE
    ret
END answer_call

// What a kick calls. The interrupt alone makes no CPU forget what it has fetched.
FUNCTION synchronize
  .if FAULT_SYNC == 0
    sync
  .endif
    ret
END synchronize

// After it no other CPU runs an instruction that it had fetched before.
FUNCTION kick_other_cpus
  .if FAULT_KICK == 0
    li r0, synchronize
    j call_on_other_cpus
  .else
    ret
  .endif
END kick_other_cpus
