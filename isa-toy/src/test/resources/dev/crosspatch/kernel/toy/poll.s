// When it is time to patch. What is patched, and how, is the mechanism's.

// Fields of poll_state.
.set POLL_NEXT_FLIP, 0                   // time of the next flip
.set POLL_FLIP_INDEX, 8                  // in lab_flip_order
.set POLL_FLIPS_MADE, 16

.text

// Called between work iterations. On the patching CPU: flips the next key if it is time to and flips are left; once all
// are made, tells endless workers to stop.
FUNCTION patch_poll
    mfs r0, cpu
    PARAMETER r1, PARAM_PATCHING_CPU
    bne r0, r1, 3f
    li r4, poll_state
    li r5, 0
    PARAMETER r0, PARAM_FLIPS
    ld r1, [r4 + POLL_FLIPS_MADE]
    beq r0, r5, 1f
    bltu r1, r0, 1f
    li r0, work_stop
    li r1, 1
    sd r1, [r0]
    ret
1:  mfs r2, time
    ld r3, [r4 + POLL_NEXT_FLIP]
    bltu r2, r3, 3f
    PARAMETER r3, PARAM_FLIP_INTERVAL
    add r2, r2, r3
    sd r2, [r4 + POLL_NEXT_FLIP]
    addi r1, r1, 1
    sd r1, [r4 + POLL_FLIPS_MADE]

    ld r1, [r4 + POLL_FLIP_INDEX]
    li r2, lab_flip_order
    shli r3, r1, 3
    add r2, r2, r3
    ld r0, [r2]
    addi r1, r1, 1
    PARAMETER r2, PARAM_FLIP_ORDER_LENGTH
    bne r1, r2, 2f
    li r1, 0
2:  sd r1, [r4 + POLL_FLIP_INDEX]
    j mechanism_flip
3:  ret
END patch_poll

.data
.balign 64
poll_state:
    .fill 3, 8, 0
.set flips_made, poll_state + POLL_FLIPS_MADE
