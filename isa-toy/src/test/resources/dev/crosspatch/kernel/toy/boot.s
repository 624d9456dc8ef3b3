// Boot: from the boot loader's jump to the work loop, and the end of the run.

.text
_text:
_stext:

// What both entry points begin with: r0 = CPU number, interrupts off, no stack yet. Leaves the CPU's area in r15.
.macro ENTER
    li r1, CPU_AREA_SIZE
    mul r15, r0, r1
    li r2, LAB_CPU_AREAS
    add r15, r15, r2
    add sp, r15, r1
    mts area, r15
    sd r15, [r15 + CPU_SELF]
    sd r0, [r15 + CPU_NUMBER]
    CONSTANT r20, LAB_DEVICE
    li r1, vectors
    mts vector, r1
.endm

// The boot CPU.
FUNCTION start
    ENTER
  .if HANDLES_BOOT
    call mechanism_boot
  .endif
    li r0, banner
    call print
    li r1, boot_done
    li r0, 1
    sd r0, [r1]
    j cpu_main
END start

// Every other CPU: waits until the boot CPU has set up what all share.
FUNCTION secondary_start
    ENTER
    li r1, boot_done
    li r2, SPIN_LIMIT
    li r3, 0
1:  ld r0, [r1]
    bne r0, r3, 2f
    addi r2, r2, -1
    bne r2, r3, 1b
    addi r0, sp, 0
    li r1, 0
    PANIC PANIC_BOOT_TIMEOUT
2:  j cpu_main
END secondary_start

// Where every CPU goes: works, polls for flips if it is the patching CPU, and idles when its work is done.
FUNCTION cpu_main
    ld r0, [r15 + CPU_NUMBER]
    li r1, lab_iterations
    shli r2, r0, 3
    add r1, r1, r2
    ld r17, [r1]
    li r1, BUFFER_SIZE
    mul r18, r0, r1
    li r1, LAB_BUFFERS
    add r18, r18, r1
    li r19, 0
    // Any seed but 0; CPUs shall not walk in step.
    CONSTANT r16, 0x1f3d5b791f3d5b79
    addi r0, r0, 1
    mul r16, r16, r0
    li r1, INTERRUPTS_ON
    mts status, r1
    li r0, cpus_online
    li r1, 1
    amoadd r1, [r0], r1

    li r2, SPIN_LIMIT
    PARAMETER r3, PARAM_CPUS
    li r5, 0
1:  ld r1, [r0]
    beq r1, r3, 2f
    addi r2, r2, -1
    bne r2, r5, 1b
    addi r0, sp, 0
    PANIC PANIC_BOOT_TIMEOUT

2:  li r1, 0
    beq r17, r1, 4f
    bge r17, r1, 3f
    li r0, work_stop
    ld r0, [r0]
    bne r0, r1, 4f
3:  call work_iteration
    COUNT CPU_ITERATIONS
    call patch_poll
    li r1, 0
    blt r17, r1, 2b
    addi r17, r17, -1
    j 2b

4:  li r0, cpus_done
    li r1, 1
    amoadd r1, [r0], r1
    mfs r0, cpu
    PARAMETER r1, PARAM_PATCHING_CPU
    beq r0, r1, finish
5:  wait                                 // interrupts are on: calls are still answered
    j 5b
END cpu_main

// The patching CPU after its work: makes the flips that are left, waits for the others, reports, ends the run.
FUNCTION finish
1:  call patch_poll
    li r0, flips_made
    ld r0, [r0]
    PARAMETER r1, PARAM_FLIPS
    bltu r0, r1, 2f                      // not all made; 0 = as many as fit
    li r0, cpus_done
    ld r0, [r0]
    PARAMETER r1, PARAM_CPUS
    beq r0, r1, 3f
    call watch_progress
2:  j 1b
3:  call report_counters
    li r0, 0
    LAB LAB_EXIT, r0
4:  wait
    j 4b
END finish

// Panics when the CPUs' iteration counters stand still for too many calls in a row.
FUNCTION watch_progress
    li r0, LAB_CPU_AREAS
    PARAMETER r2, PARAM_CPUS
    li r3, 0
    li r5, 0
1:  ld r4, [r0 + CPU_ITERATIONS]
    add r3, r3, r4
    addi r0, r0, CPU_AREA_SIZE
    addi r2, r2, -1
    bne r2, r5, 1b
    li r0, progress_seen
    ld r1, [r0]                          // the sum
    ld r2, [r0 + 8]                      // calls since it changed
    addi r2, r2, 1
    beq r1, r3, 2f
    li r2, 0
2:  sd r3, [r0]
    sd r2, [r0 + 8]
    li r4, SPIN_LIMIT
    bltu r2, r4, 3f
    addi r0, lr, 0
    addi r1, r3, 0
    PANIC PANIC_STALLED
3:  ret
END watch_progress

// Tells the laboratory all counters of all CPUs.
FUNCTION report_counters
    li r0, 0
    li r1, LAB_CPU_AREAS
    PARAMETER r2, PARAM_CPUS
    li r6, COUNTERS
1:  LAB LAB_COUNTER_CPU, r0
    li r3, 0
    addi r4, r1, CPU_COUNTERS
2:  LAB LAB_COUNTER_INDEX, r3
    ld r5, [r4]
    LAB LAB_COUNTER_VALUE, r5
    addi r4, r4, 8
    addi r3, r3, 1
    bltu r3, r6, 2b
    addi r1, r1, CPU_AREA_SIZE
    addi r0, r0, 1
    bltu r0, r2, 1b
    ret
END report_counters

// Prints the zero-terminated text at r0.
FUNCTION print
    li r2, 0
1:  lb r1, [r0]
    beq r1, r2, 2f
    LAB LAB_CONSOLE, r1
    addi r0, r0, 1
    j 1b
2:  ret
END print

// Ends the run: r2 = code, r0 = address, r1 = detail. The device need not be in r20 any more.
FUNCTION panic
    li r3, 0
    mts status, r3
    CONSTANT r20, LAB_DEVICE
    LAB LAB_PANIC_ADDRESS, r0
    LAB LAB_PANIC_DETAIL, r1
    LAB LAB_PANIC_CODE, r2
1:  wait
    j 1b
END panic

.section .rodata
banner:
    .asciz "crosspatch toy guest kernel\n"

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
