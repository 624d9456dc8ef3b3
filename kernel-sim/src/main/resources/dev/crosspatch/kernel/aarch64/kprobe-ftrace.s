// Probes at the entry of traced functions (library part kprobe-ftrace, KPROBE_FLAG_FTRACE): nothing is armed, ftrace's
// trampoline calls.

.text

// Registers probe x0, which stands where a traced function has its site: whoever registers it has that traced, by
// kprobe_ftrace_handler.
FUNCTION register_ftrace_kprobe
  .if FAULT_KPROBE_FTRACE == 0
    mov x2, x0
    ldr x0, [x2, KP_ADDRESS]
    mov x3, x30
    bl kprobe_chain
    ldr x1, [x0]
    str x1, [x2, KP_NEXT]
    dmb ish                              // whoever finds it finds all of it
    str x2, [x0]
    ret x3
  .else
    b register_kprobe
  .endif
END register_ftrace_kprobe

// The reverse, once the function is not traced for the probe's sake any more.
FUNCTION unregister_ftrace_kprobe
  .if FAULT_KPROBE_FTRACE == 0
    mov x2, x0
    ldr x0, [x2, KP_ADDRESS]
    mov x3, x30
    bl kprobe_chain
    b 2f
1:  add x0, x1, KP_NEXT
2:  ldr x1, [x0]
    cmp x1, x2
    b.ne 1b
    ldr x1, [x2, KP_NEXT]
    str x1, [x0]
    ret x3
  .else
    b unregister_kprobe
  .endif
END unregister_ftrace_kprobe

// What a trampoline is to call, maybe among others: the handler of the probe at x0, if there is one. It gets no frame.
FUNCTION kprobe_ftrace_handler
    stp x29, x30, [sp, -32]!
    mov x29, sp
    stp x23, x24, [sp, 16]
    bl preempt_disable
    mov x23, x0
    bl kprobe_chain
    ldr x24, [x0]
    b 2f
1:  ldr x1, [x24, KP_ADDRESS]
    cmp x1, x23
    b.eq 3f
    ldr x24, [x24, KP_NEXT]
2:  cbnz x24, 1b
    b 5f
3:  mrs x0, tpidr_el1
    ldr x0, [x0, CPU_NUMBER]
    ADDRESS x23, kprobe_control
    add x23, x23, x0, lsl 6              // KC_SIZE
    ldr x0, [x23, KC_CURRENT]
    cbnz x0, 4f
    mov x0, KPROBE_HIT_ACTIVE
    stp x24, x0, [x23, KC_CURRENT]
    mov x0, x24
    mov x1, 0
    ldr x2, [x24, KP_HANDLER]
    blr x2
    str xzr, [x23, KC_CURRENT]
    b 5f
4:  add x0, x24, KP_MISSED
    bl increment
5:  bl preempt_enable
    ldp x23, x24, [sp, 16]
    ldp x29, x30, [sp], 32
    ret
END kprobe_ftrace_handler
