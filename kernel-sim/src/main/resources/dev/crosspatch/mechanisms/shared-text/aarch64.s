// Text that mechanisms share: functions that are traced at their entry (the site), with an instruction to be probed and
// a static branch behind it. Every caller looks whether all that is there was counted.

// A key's combination: what of its functions is on.
.set KEY_ON, 1
.set TRACED, 2
.set PROBED, 4

// A key's word in key_words: how often a call of its functions counts as on now, and whether that is being changed;
// above that how often it was.
.set COUNTED, 15
.set CHANGING, 16
.set CHANGES, 32

// Places behind a site.
.set PROBED_INSN, 4
.set BRANCH, 8

// Probes of a site, KP_SIZE each: of the site itself, through ftrace; beside the branch; of the branch, which is
// refused.
.set PROBES_SIZE, KP_SIZE * 3

.text

// The word of site n's key in `register`. Changes x12.
.macro KEY_WORD register, n
    ADDRESS \register, key_words
    CONSTANT x12, site_\n\()_key
    add \register, \register, x12, lsl 3
    ldar \register, [\register]
.endm

// A call of function n, which makes n + 1 of n and 1. If nobody changed the key from before the call until behind it,
// as much was counted as the key's word says.
.macro SITE n, length, boundary, offset
    mrs x9, tpidr_el1
    ldr x10, [x9, CPU_SITES_ON]
    KEY_WORD x11, \n
    stp x10, x11, [sp, -16]!
    mov x0, \n
    mov x1, 1
    bl shared_\n
    ldp x10, x11, [sp], 16
    mrs x9, tpidr_el1
    KEY_WORD x13, \n
    cmp x11, x13
    b.ne .Lsite_\n\()_end
    tbnz x11, 4, .Lsite_\n\()_end        // CHANGING
    and x11, x11, COUNTED
    ldr x12, [x9, CPU_SITES_ON]
    sub x12, x12, x10
    cmp x11, x12
    b.eq .Lsite_\n\()_end
    ADDRESS x0, site_\n
    mov x1, x12
    PANIC PANIC_COUNT_DIFFERS

    FENTRY \n, shared_\n, \boundary, \offset
    add x0, x0, x1
    nop
    COUNT CPU_SITES_OFF
    ret
site_\n\()_on:
    COUNT CPU_SITES_ON
    ret
    END shared_\n
.Lsite_\n\()_end:
    ldr x10, [x9, CPU_CHECKSUM]
    add x10, x10, x0
    str x10, [x9, CPU_CHECKSUM]
.endm

// All branches are reserved.
FUNCTION mechanism_boot
    stp x29, x30, [sp, -32]!
    mov x29, sp
    stp x23, x24, [sp, 16]
    bl init_text_alloc
    ADDRESS x23, lab_sites
    ADDRESS x24, lab_keys                // which stand behind all sites
1:  ldr x0, [x23, SITE_CODE]
    add x0, x0, BRANCH
    bl reserve_text
    add x23, x23, SITE_SIZE
    cmp x23, x24
    b.lo 1b
    ldp x23, x24, [sp, 16]
    ldp x29, x30, [sp], 32
    b ftrace_init
END mechanism_boot

// Key x0 goes on to the next of eight combinations, in the order of the Gray code: one of the three is switched, while
// both others are on or off.
FUNCTION mechanism_flip
    stp x29, x30, [sp, -48]!
    mov x29, sp
    stp x23, x24, [sp, 16]
    stp x25, x26, [sp, 32]
    mov x23, x0
    ADDRESS x1, key_words
    add x1, x1, x0, lsl 3
    ldr x2, [x1]
    add x2, x2, CHANGING
    stlr x2, [x1]
    dmb ish
    ADDRESS x1, lab_key_state
    ldr x2, [x1, x0, lsl 3]
    eor x25, x2, x2, lsr 1
    add x2, x2, 1
    and x2, x2, 7
    str x2, [x1, x0, lsl 3]
    eor x24, x2, x2, lsr 1               // the combination from now on
    eor x25, x25, x24                    // what is switched
    ADDRESS x26, lab_keys
    add x26, x26, x0, lsl 4              // KEY_SIZE
    cmp x25, TRACED
    b.eq 3f
    cmp x25, PROBED
    b.eq 2f
    adr x0, switch_branch
    bl for_each_site
    bl poke_finish
    b 4f
2:  tbz x24, 2, 1f                       // PROBED
    adr x0, register_probes
    bl for_each_site
    b 3f
1:  bl trace_entries
    adr x0, unregister_probes
    bl for_each_site
    b 4f
3:  bl trace_entries

    // What a call counts: the trampoline, the branch, each probe.
4:  ADDRESS x1, ftrace_targets
    ldr x1, [x1, x23, lsl 3]
    and x0, x24, KEY_ON
    cmp x1, 0
    cinc x0, x0, ne
    tbz x24, 2, 5f                       // PROBED
    ADDRESS x1, probes_of_site
    ldr x1, [x1]
    add x0, x0, x1
5:  ADDRESS x1, key_words
    add x1, x1, x23, lsl 3
    ldr x2, [x1]
    and x2, x2, -CHANGING
    add x2, x2, x0
    add x2, x2, CHANGES - CHANGING
    stlr x2, [x1]
    ldp x25, x26, [sp, 32]
    ldp x23, x24, [sp, 16]
    ldp x29, x30, [sp], 48
    ret
END mechanism_flip

// Calls x0 with each site of the key at x26 in x0; it may use x24.
FUNCTION for_each_site
    stp x29, x30, [sp, -48]!
    mov x29, sp
    stp x23, x25, [sp, 16]
    str x27, [sp, 32]
    mov x27, x0
    ldr x23, [x26, KEY_FIRST]
    ldr x25, [x26, KEY_COUNT]
1:  mov x0, x23
    blr x27
    add x23, x23, SITE_SIZE
    subs x25, x25, 1
    b.ne 1b
    ldr x27, [sp, 32]
    ldp x23, x25, [sp, 16]
    ldp x29, x30, [sp], 48
    ret
END for_each_site

// Queues the poke that brings the branch of site x0 to combination x24.
FUNCTION switch_branch
    stp x29, x30, [sp, -32]!
    mov x29, sp
    str x23, [sp, 16]
    mov x23, x0
  .if FAULT_OLD_TEXT == 0
    // The text must be what the other state says.
    eor x1, x24, KEY_ON
    bl branch_text
    ldr w3, [x0]
    cmp w2, w3
    b.ne 9f
    mov x0, x23
  .endif
    mov x1, x24
    bl branch_text
    mov w1, w2
    ldr x2, [x23, SITE_NAME]
    bl poke_queue
    ldr x23, [sp, 16]
    ldp x29, x30, [sp], 32
    ret
9:  mov w1, w3
    PANIC PANIC_OLD_TEXT_DIFFERS
END switch_branch

// The branch of site x0 in combination x1 in w2, its address in x0. Changes x3.
FUNCTION branch_text
    ldr x2, [x0, SITE_TARGET]
    ldr x0, [x0, SITE_CODE]
    add x0, x0, BRANCH
    tbz x1, 0, 1f                        // KEY_ON
    sub x2, x2, x0
    ubfx x2, x2, 2, 26
    CONSTANT w3, INSN_B
    orr w2, w2, w3
    ret
1:  CONSTANT w2, INSN_NOP
    ret
END branch_text

// The entries of key x23, with combination x24, call ftrace_caller if anybody wants it.
FUNCTION trace_entries
    mov x0, x23
    adr x1, ftrace_caller
    ADDRESS x2, ops
  .if FAULT_KPROBE_FTRACE == 0
    tst x24, TRACED + PROBED
  .else
    tst x24, TRACED
  .endif
    csel x1, x1, xzr, ne
    b ftrace_set
END trace_entries

// What the trampoline calls, with the site's address in x0: it counts, and so do probes of entries.
FUNCTION count_call
    COUNT CPU_SITES_ON
  .if FAULT_KPROBE_FTRACE == 0
    b kprobe_ftrace_handler
  .else
    ret
  .endif
END count_call

// The handler of all probes.
FUNCTION count_hit
    COUNT CPU_SITES_ON
    mov x0, 0
    ret
END count_hit

// The probes of site x0, in x0: they stand as the sites do. Changes x1.
FUNCTION site_probes
    ADDRESS x1, lab_sites
    sub x0, x0, x1
    add x0, x0, x0, lsl 1
    ADDRESS x1, probes
    add x0, x1, x0, lsl 1                // KP_SIZE is twice SITE_SIZE
    ret
END site_probes

// The probes of site x0 come: one through ftrace, one beside the branch, one that is refused.
FUNCTION register_probes
    stp x29, x30, [sp, -32]!
    mov x29, sp
    stp x23, x24, [sp, 16]
    mov x24, x0
    bl site_probes
    mov x23, x0
    mov x1, 0
    bl fill_probe
    bl register_ftrace_kprobe
    add x0, x23, KP_SIZE
    mov x1, PROBED_INSN
    bl fill_probe
    bl register_kprobe
    add x0, x23, KP_SIZE * 2
    mov x1, BRANCH
    bl fill_probe
    bl register_kprobe
    add x0, x0, 2
    ADDRESS x1, probes_of_site
    str x0, [x1]
    ldp x23, x24, [sp, 16]
    ldp x29, x30, [sp], 32
    ret
END register_probes

// Probe x0 is to stand x1 bytes behind the beginning of site x24. Changes x1 to x3.
FUNCTION fill_probe
    ldr x2, [x24, SITE_CODE]
    add x1, x1, x2
    adr x2, count_hit
    stp x1, x2, [x0, KP_ADDRESS]
    ldr x3, [x24, SITE_NAME]
    str x3, [x0, KP_NAME]
    ret
END fill_probe

// They go, those that came.
FUNCTION unregister_probes
    stp x29, x30, [sp, -32]!
    mov x29, sp
    str x23, [sp, 16]
    bl site_probes
    mov x23, x0
    ADDRESS x1, probes_of_site
    ldr x1, [x1]
    cmp x1, 3
    b.ne 1f
    add x0, x23, KP_SIZE * 2
    bl unregister_kprobe
1:  add x0, x23, KP_SIZE
    bl unregister_kprobe
    mov x0, x23
    ldr x23, [sp, 16]
    ldp x29, x30, [sp], 32
    b unregister_ftrace_kprobe
END unregister_probes

.ltorg

.section .rodata
.balign 8
ops:
    .quad count_call

.data
.balign 64
probes_of_site:                          // how many of a site's are registered
    .quad 0
key_words:
    .fill KEYS, 8, 0
.balign 64
probes:
    .fill SITE_ROOM * PROBES_SIZE / 8, 8, 0
