// When it is time to patch. What is patched, and how, is the mechanism's.

// Fields of poll_state.
.set POLL_NEXT_FLIP, 0                   // time of the next flip
.set POLL_FLIP_INDEX, 8                  // in lab_flip_order
.set POLL_FLIPS_MADE, 16

.text

  .if USES_TEXT_MUTEX == 0
// Called between work iterations. On the patching CPU: flips the next key if it is time to and flips are left; once all
// are made, tells endless workers to stop. The counter is read without an ISB before it: some ticks of jitter do no
// harm, a context synchronization would hide that one was left out elsewhere.
FUNCTION patch_poll
    mrs x1, tpidr_el1
    ldr x0, [x1, CPU_NUMBER]
    PARAMETER x1, PARAM_PATCHING_CPU
    cmp x0, x1
    b.ne 3f
    ADDRESS x4, poll_state
    PARAMETER x0, PARAM_FLIPS
    ldr x1, [x4, POLL_FLIPS_MADE]
    cbz x0, 1f
    cmp x1, x0
    b.lo 1f
    ADDRESS x0, work_stop
    mov x1, 1
    str x1, [x0]
    ret
1:  mrs x2, cntvct_el0
    ldr x3, [x4, POLL_NEXT_FLIP]
    cmp x2, x3
    b.lo 3f
    PARAMETER x3, PARAM_FLIP_INTERVAL
    add x2, x2, x3
    str x2, [x4, POLL_NEXT_FLIP]
    add x1, x1, 1
    str x1, [x4, POLL_FLIPS_MADE]

    ldr x1, [x4, POLL_FLIP_INDEX]
    ADDRESS x2, lab_flip_order
    ldr x0, [x2, x1, lsl 3]
    add x1, x1, 1
    PARAMETER x2, PARAM_FLIP_ORDER_LENGTH
    cmp x1, x2
    csel x1, x1, xzr, lo
    str x1, [x4, POLL_FLIP_INDEX]
  .if USES_TASKS || USES_HOTPLUG
    // Not jumped to: other tasks' returns are not this one's.
    stp x29, x30, [sp, -16]!
    mov x29, sp
    bl mechanism_flip
  .if USES_HOTPLUG
    bl hotplug_poll
  .endif
    ldp x29, x30, [sp], 16
    ret
  .else
    b mechanism_flip
  .endif
3:  ret
END patch_poll
  .endif

.data
.balign 64
text_physical:                           // physical address minus address of the text
    .quad 0
poll_state:
    .fill 3, 8, 0
.set flips_made, poll_state + POLL_FLIPS_MADE
