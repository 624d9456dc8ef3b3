// New text is announced, and given up only when all observers have acknowledged it (library part mappings).

.text

// Tells the laboratory where acknowledgements are looked for; called once, from mechanism_boot. Changes x0.
FUNCTION init_mappings
    ADDRESS x0, acknowledgements
    LAB LAB_MAPPING_ACKNOWLEDGEMENTS, x0
    ret
END init_mappings

// Announces x2 bytes of text at x0, x1 = their name, zero-terminated: from here on they may run. Returns the number of
// the mapping in x0. Changes x3, x4. For one CPU at a time.
FUNCTION announce_mapping
    ADDRESS x3, mappings_announced
    ldr x4, [x3]
    add x4, x4, 1
    str x4, [x3]
    sub sp, sp, MAPPING_SIZE
    str x0, [sp, MAPPING_ADDRESS]
    str x2, [sp, MAPPING_LENGTH]
    str x1, [sp, MAPPING_NAME]
    str x4, [sp, MAPPING_SEQUENCE]
    mov x3, sp
    LAB LAB_MAPPING_ANNOUNCE, x3
    add sp, sp, MAPPING_SIZE
    mov x0, x4
    ret
END announce_mapping

// Gives up mapping x0, which nobody runs any more: behind it its text may be overwritten.
FUNCTION withdraw_mapping
    LAB LAB_MAPPING_WITHDRAW, x0
    ret
END withdraw_mapping

// Whether observer x1 has acknowledged mapping x0, or is waited for no more: C is 1 if so. Changes x2.
FUNCTION mapping_acknowledged
    ADDRESS x2, observers_lost
    ldr x2, [x2, x1, lsl 3]
    cmp x2, 1
    b.eq 1f                              // equal: C is 1
    ADDRESS x2, acknowledgements
    add x2, x2, x1, lsl 3
    ldar x2, [x2]
    cmp x2, x0
1:  ret
END mapping_acknowledged

// Waits until every observer has acknowledged mapping x0. One that takes too long is told of and waited for no more, or
// ends the run, as the scenario has it. Changes x0 to x5.
FUNCTION await_acknowledgement
    stp x29, x30, [sp, -16]!
    mov x29, sp
  .if FAULT_ACKNOWLEDGE == 0
    mrs x3, cntvct_el0                   // when it began
    mov x1, 0
1:  bl mapping_acknowledged
    b.hs 3f
    mrs x4, cntvct_el0
    sub x4, x4, x3
    CONSTANT x5, OBSERVER_PATIENCE
    cmp x4, x5
    b.hs 2f
    yield
    b 1b
2:  ADDRESS x2, observers_lost
    mov x4, 1
    str x4, [x2, x1, lsl 3]
    LAB LAB_MAPPING_OBSERVER, x1
    LAB LAB_MAPPING_TIMEOUT, x0
  .if OBSERVER_PANICS
    ldr x0, [sp, 8]
    PANIC PANIC_OBSERVER_TIMEOUT
  .endif
3:  add x1, x1, 1
    cmp x1, OBSERVERS
    b.lo 1b
  .endif
    ldp x29, x30, [sp], 16
    ret
END await_acknowledgement

.ltorg

.data
.balign 64
// By observer, the number of the last mapping that it has acknowledged: the laboratory writes here.
acknowledgements:
    .fill OBSERVERS, 8, 0
.balign 64
// By observer, 1 if it is waited for no more.
observers_lost:
    .fill OBSERVERS, 8, 0
mappings_announced:
    .quad 0
