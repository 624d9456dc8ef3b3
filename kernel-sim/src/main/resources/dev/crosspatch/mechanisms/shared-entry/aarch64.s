// What meets at a function's entry (the site): a tracer, a program of BPF, a live patch and a return probe come and go,
// each beside all combinations of the others. The first three go through ftrace, the probe stands before the site.
// Every caller looks whether all that is there was counted.

// What is at the entries of a key's functions: bits of a combination.
.set TRACED, 1
.set ATTACHED, 2
.set REPLACED, 4
.set HOOKED, 8

// What traces a function (struct ftrace_ops), whose address its pointer is.
.set OPS_FUNC, 0
.set OPS_DIRECT, 8                       // trampoline that is called in place of all that (direct_call), or 0

// What is known of a key, in entry_keys.
.set EK_WORD, 0                          // how often a call of its functions counts as on at least; whether it may once
                                         // more (CHANGING); above that how often that was said
.set EK_OPS, 8                           // what the list calls, a combination
.set EK_DIRECT_OPS, 16                   // OPS_FUNC and OPS_DIRECT of its program
.set EK_DIRECT, EK_DIRECT_OPS + OPS_DIRECT // the program's trampoline, or 0
.set EK_ATTACHES, 32                     // how often a program came
.set EK_REFUSED, 40                      // 1: it was not let in
.set EK_NUMBER, 48
.set EK_SIZE, 64
.set COUNTED, 15
.set CHANGING, 16
.set CHANGES, 32

.text

// The word of site n's key in `register`. Changes x12.
.macro KEY_WORD register, n
    ADDRESS \register, entry_keys
    CONSTANT x12, site_\n\()_key
    add \register, \register, x12, lsl 6 // EK_SIZE
    ldar \register, [\register]
.endm

// A call of function n, which makes n + 1 of n and 1. If nobody changed the key's word from before the call until
// behind it, as much was counted as that says.
.macro SITE n, length, boundary, offset
    mrs x9, tpidr_el1
    ldr x10, [x9, CPU_SITES_ON]
    KEY_WORD x11, \n
    stp x10, x11, [sp, -16]!
    mov x0, \n
    mov x1, 1
    bl entry_\n
    ldp x10, x11, [sp], 16
    mrs x9, tpidr_el1
    KEY_WORD x13, \n
    cmp x11, x13
    b.ne .Lsite_\n\()_end
    ldr x1, [x9, CPU_SITES_ON]
    sub x1, x1, x10
    and x12, x11, COUNTED
    cmp x1, x12
    b.eq .Lsite_\n\()_end
    tbz x11, 4, 1f                       // CHANGING
    add x12, x12, 1
    cmp x1, x12
    b.eq .Lsite_\n\()_end
1:  ADDRESS x0, site_\n
    PANIC PANIC_COUNT_DIFFERS

    FENTRY \n, entry_\n, \boundary, \offset
    COUNT CPU_SITES_OFF
    add x0, x0, x1
    ret
    END entry_\n

    FUNCTION replacement_\n
site_\n\()_on:
    COUNT CPU_SITES_ON
    add x0, x1, x0
    ret
    END replacement_\n
.Lsite_\n\()_end:
    ldr x10, [x9, CPU_CHECKSUM]
    add x10, x10, x0
    str x10, [x9, CPU_CHECKSUM]
.endm

// Keys get their numbers, and their programs' ops a function.
FUNCTION mechanism_boot
    stp x29, x30, [sp, -16]!
    mov x29, sp
    bl init_text_alloc
    ADDRESS x0, entry_keys
    ADDRESS x1, entry_list
    mov x2, 0
1:  str x2, [x0, EK_NUMBER]
    str x1, [x0, EK_DIRECT_OPS]
    add x0, x0, EK_SIZE
    add x2, x2, 1
    cmp x2, KEYS
    b.ne 1b
    ldp x29, x30, [sp], 16
    b ftrace_init
END mechanism_boot

// What entries call where the pointer or the list has something for them: as ftrace_caller, but goes to a trampoline at
// once if the pointer says so (ftrace_caller_direct), or behind all others if the list does
// (ftrace_caller_direct_late).
FUNCTION direct_caller
    bti c
    and x11, x30, 0xfffffffffffffff8
    ldr x11, [x11, -16]
    ldr x17, [x11, OPS_DIRECT]
    cbz x17, 1f
    br x17
1:  stp x29, x9, [sp, -112]!
    mov x29, sp
    stp x0, x1, [sp, 16]
    stp x2, x3, [sp, 32]
    stp x4, x5, [sp, 48]
    stp x6, x7, [sp, 64]
    str x8, [sp, 80]
    stp x30, xzr, [sp, 88]
    sub x0, x30, 4
    add x1, sp, 88
    ldr x11, [x11, OPS_FUNC]
    blr x11
    ldp x10, x17, [sp, 88]
    ldr x8, [sp, 80]
    ldp x6, x7, [sp, 64]
    ldp x4, x5, [sp, 48]
    ldp x2, x3, [sp, 32]
    ldp x0, x1, [sp, 16]
    ldp x29, x30, [sp], 112
    cbnz x17, 2f
    ret x10
2:  mov x9, x30
    mov x30, x10
    br x17
END direct_caller

// What a pointer leads to where there is a tracer only.
FUNCTION count_call
    COUNT CPU_SITES_ON
    ret
END count_call

// All that is at the entry of site x0, by its key's EK_OPS. At x1 lie where it goes on, and the trampoline that it goes
// to before that, or 0 (arch_ftrace_ops_list_func). Changes x2 to x5, x16, x17.
FUNCTION entry_list
    ADDRESS x2, lab_sites
1:  ldr x3, [x2, SITE_CODE]
    cmp x0, x3
    b.eq 2f
    add x2, x2, SITE_SIZE
    b 1b
2:  ADDRESS x3, lab_keys                 // that key whose sites end behind x2
    ADDRESS x4, entry_keys
    b 4f
3:  add x3, x3, KEY_SIZE
    add x4, x4, EK_SIZE
4:  ldp x5, x16, [x3]                    // KEY_FIRST, KEY_COUNT
    mov x17, SITE_SIZE
    madd x5, x16, x17, x5
    cmp x2, x5
    b.hs 3b
    ldr x5, [x4, EK_OPS]
    tbz x5, 0, 5f                        // TRACED
    COUNT CPU_SITES_ON
5:  tbz x5, 1, 6f                        // ATTACHED
    ldr x3, [x4, EK_DIRECT]              // call_direct_funcs
    str x3, [x1, 8]
6:  tbz x5, 2, 7f                        // REPLACED
    ldr x3, [x2, SITE_TARGET]            // klp_ftrace_handler
    str x3, [x1]
7:  ret
END entry_list

// The handler of return probes.
FUNCTION count_return
    COUNT CPU_SITES_ON
    ret
END count_return

// The handler of their probes: x1 = frame.
FUNCTION hook_entry
    stp x29, x30, [sp, -16]!
    ADDRESS x2, count_return
    bl rethook_hook
    mov x0, 0
    ldp x29, x30, [sp], 16
    ret
END hook_entry

// The program: x0 points to two arguments of the function, of which the second is 1.
FUNCTION bpf_prog
    bti c
    mrs x17, tpidr_el1
    ldr x16, [x17, CPU_SITES_ON]
    ldr x1, [x0, 8]
    add x16, x16, x1
    str x16, [x17, CPU_SITES_ON]
    mov x0, 0
    mov x1, 0
    ret
END bpf_prog

// Key x0 goes on to the next of 16 combinations: one of the four comes or goes, while the others are there or not.
FUNCTION mechanism_flip
    stp x29, x30, [sp, -64]!
    mov x29, sp
    stp x23, x24, [sp, 16]
    stp x25, x26, [sp, 32]
    str x27, [sp, 48]
    ADDRESS x23, entry_keys
    add x23, x23, x0, lsl 6              // EK_SIZE
    ADDRESS x26, lab_keys
    add x26, x26, x0, lsl 4              // KEY_SIZE
    ADDRESS x27, lab_key_state
    add x27, x27, x0, lsl 3
    ldr x1, [x27]
    bl combination
    mov x25, x2
    add x1, x1, 1
    and x1, x1, 15
    str x1, [x27]
    bl combination
    mov x24, x2                          // from now on
    and x1, x2, x25
    eor x25, x2, x25                     // what comes or goes
    mov x0, CHANGING
    bl entry_word
    dmb ish

    cmp x25, HOOKED
    b.eq 3f
    tst x24, x25
    b.eq 2f
    cmp x25, ATTACHED
    b.ne 1f
    bl make_trampoline
1:  bl change_ops
    bl update_entries
    b 5f
2:  bl update_entries
    bl change_ops
    cmp x25, ATTACHED
    b.ne 5f
    bl free_trampoline
    b 5f
3:  bl change_probes

5:  mov x1, x24
    mov x0, 0
    bl entry_word
    ldr x27, [sp, 48]
    ldp x25, x26, [sp, 32]
    ldp x23, x24, [sp, 16]
    ldp x29, x30, [sp], 64
    ret
END mechanism_flip

// The combination that key x0 has behind x1 flips, in x2: the Gray code, in which TRACED and ATTACHED have changed
// places for odd keys. Changes x3.
FUNCTION combination
    eor x2, x1, x1, lsr 1
    tbz x0, 0, 1f
    add x3, x2, 1
    tbz x3, 1, 1f                        // both, or none
    eor x2, x2, TRACED + ATTACHED
1:  ret
END combination

// Says of key x23 that calls count what combination x1 has, and maybe one more if x0 is CHANGING. Changes x1 to x3.
FUNCTION entry_word
  .if FAULT_FTRACE_MANAGED == 1
    ldr x2, [x23, EK_REFUSED]
    cbz x2, 1f
    and x1, x1, 0xfffffffffffffffd       // ATTACHED
1:
  .endif
    ldr x2, [x23]                        // EK_WORD
    and x2, x2, -CHANGES
    add x2, x2, x0
    add x2, x2, CHANGES
2:  and x3, x1, 1
    add x2, x2, x3
    lsr x1, x1, 1
    cbnz x1, 2b
    stlr x2, [x23]
    ret
END entry_word

// The list calls x25 from now on, or no longer.
FUNCTION change_ops
    ldr x0, [x23, EK_OPS]
    eor x0, x0, x25
  .if FAULT_FTRACE_MANAGED == 1
    and x0, x0, 0xfffffffffffffffd       // ATTACHED
  .endif
    add x1, x23, EK_OPS
    stlr x0, [x1]
    ret
END change_ops

// The entries of key x23 call what combination x24 wants: where one alone is there, its pointer leads to that, else to
// the list (arm64_rec_get_ops). A program that is alone is called by its BL; that of an odd key, as if it were too far
// for that, by its pointer (ftrace_find_callable_addr).
FUNCTION update_entries
  .if FAULT_FTRACE_MANAGED == 1
    cmp x25, ATTACHED
    b.eq poke_program
  .endif
    and x3, x24, TRACED + ATTACHED + REPLACED
  .if FAULT_FTRACE_MANAGED == 1
    and x3, x3, 0xfffffffffffffffd       // ATTACHED
  .endif
    ldr x0, [x23, EK_NUMBER]
    mov x1, 0
    mov x2, 0
    cbz x3, 2f
    ADDRESS x1, direct_caller
    ADDRESS x2, tracer_ops
    cmp x3, TRACED
    b.eq 2f
    ADDRESS x2, list_ops
    cmp x3, ATTACHED
    b.ne 2f
    add x2, x23, EK_DIRECT_OPS
    tbnz x0, 0, 2f
    ldr x1, [x23, EK_DIRECT]
    mov x2, 0
2:  b ftrace_set
END update_entries

// Calls x0 with each site of the key at x26 in x0; it may use x23 to x25.
FUNCTION for_each_site
    stp x29, x30, [sp, -48]!
    mov x29, sp
    stp x23, x27, [sp, 16]
    ldp x1, x2, [x26]                    // KEY_FIRST, KEY_COUNT
    stp x0, x2, [sp, 32]
    mov x27, x1
1:  mov x0, x27
    ldr x1, [sp, 32]
    blr x1
    add x27, x27, SITE_SIZE
    ldr x2, [sp, 40]
    subs x2, x2, 1
    str x2, [sp, 40]
    b.ne 1b
    ldp x23, x27, [sp, 16]
    ldp x29, x30, [sp], 48
    ret
END for_each_site

// The return probes of the key at x26 come or go, by combination x24.
FUNCTION change_probes
    adr x0, register_hook
    adr x1, unregister_hook
    tst x24, HOOKED
    csel x0, x0, x1, ne
    b for_each_site
END change_probes

FUNCTION register_hook
    ldr x2, [x0, SITE_CODE]
  .if FAULT_RETHOOK_PLACE == 0
    sub x2, x2, 4                        // MOV X9, LR
  .endif
    ldr x3, [x0, SITE_NAME]
    ADDRESS x1, lab_sites
    sub x0, x0, x1
    ADDRESS x1, probes
    add x0, x1, x0, lsl 1                // KP_SIZE is twice SITE_SIZE
    ADDRESS x1, hook_entry
    stp x2, x1, [x0, KP_ADDRESS]
    str x3, [x0, KP_NAME]
    b register_kprobe
END register_hook

FUNCTION unregister_hook
    ADDRESS x1, lab_sites
    sub x0, x0, x1
    ADDRESS x1, probes
    add x0, x1, x0, lsl 1
    b unregister_kprobe
END unregister_hook

// Programs

// Makes the trampoline of key x23's next program: room is found, a copy written there and told of
// (arch_prepare_bpf_trampoline). They run before their functions and before and behind them in turn.
FUNCTION make_trampoline
    stp x29, x30, [sp, -32]!
    mov x29, sp
    CONSTANT x0, TRAMPOLINE_SIZE
    bl text_alloc
    cbz x0, 9f
    ldr x1, [x23, EK_ATTACHES]
    ldr x2, [x23, EK_NUMBER]
    add x1, x1, 1
    str x1, [x23, EK_ATTACHES]
    add x1, x1, x2
    ADDRESS x2, fentry_image
    ADDRESS x3, fexit_image
    tst x1, 1
    csel x1, x2, x3, eq
    stp x0, x1, [sp, 16]
    CONSTANT x2, TRAMPOLINE_SIZE
    bl text_copy
  .if FAULT_REPORT == 0 && FAULT_IMAGE_EVENT == 0
    ldp x0, x3, [sp, 16]
    mov x1, 0
    mov x2, 0
    CONSTANT x4, TRAMPOLINE_SIZE
    ADDRESS x5, trampoline_name
    bl report_text
  .endif
  .if FAULT_COPY_SYNC == 0
    bl kick_other_cpus                   // others may hold what was there
  .endif
    ldr x0, [sp, 16]
    add x1, x23, EK_DIRECT
    stlr x0, [x1]
    ldp x29, x30, [sp], 32
    ret
9:  CONSTANT x0, TRAMPOLINE_SIZE
    PANIC PANIC_NO_ROOM
END make_trampoline

// Frees it when nobody is in it any more.
FUNCTION free_trampoline
    stp x29, x30, [sp, -32]!
    mov x29, sp
    ldr x0, [x23, EK_DIRECT]
    str x0, [sp, 16]
    str xzr, [x23, EK_DIRECT]
    bl synchronize_rcu_tasks
  .if FAULT_REPORT == 0 && FAULT_IMAGE_EVENT == 0
    ldr x0, [sp, 16]
    mov x1, x0
    CONSTANT x2, TRAMPOLINE_SIZE
    mov x3, 0
    mov x4, 0
    ADDRESS x5, trampoline_name
    bl report_text
  .endif
    ldr x0, [sp, 16]
    CONSTANT x1, TRAMPOLINE_SIZE
    ldp x29, x30, [sp], 32
    b text_free
END free_trampoline

  .if FAULT_FTRACE_MANAGED == 1
// The BL to its trampoline at all sites of key x23 comes or goes, by combination x24, if the text is what it should be
// without anybody else, else it is refused, or gives up as it goes (bpf_arch_text_poke, which is right for functions
// that ftrace does not know).
FUNCTION poke_program
    stp x29, x30, [sp, -16]!
    mov x29, sp
    ldr x1, [x23, EK_REFUSED]
    str xzr, [x23, EK_REFUSED]
    cbnz x1, 1f
    adr x0, poke_site
    bl for_each_site
    bl poke_finish
1:  ldp x29, x30, [sp], 16
    ret
END poke_program

FUNCTION poke_site
    stp x29, x30, [sp, -32]!
    mov x29, sp
    str x0, [sp, 16]
    ldr x4, [x23, EK_DIRECT]
    tst x24, ATTACHED
    csel x1, x4, xzr, eq                 // the old one
    csel x4, x4, xzr, ne
    ldr x0, [x0, SITE_CODE]
    bl ftrace_text
  .if FAULT_OLD_TEXT == 0
    ldr w3, [x0]
    cmp w2, w3
    b.ne 2f
  .endif
    mov x1, x4
    bl ftrace_text
    mov w1, w2
    ldr x2, [sp, 16]
    ldr x2, [x2, SITE_NAME]
    bl poke_queue
1:  ldp x29, x30, [sp], 32
    ret
2:  mov w1, w3
    tbz x24, 1, 3f                       // ATTACHED
    mov x1, 1
    str x1, [x23, EK_REFUSED]
    ADDRESS x0, bpf_refused              // -EBUSY
    bl increment
    b 1b
3:  PANIC PANIC_OLD_TEXT_DIFFERS
END poke_site
  .endif

.ltorg

.section .rodata
// Trampolines: anywhere. The function has its arguments in x0 and x1, goes on at x30 and returns to x9.
.balign 16
fentry_image:
    bti jc
    stp x29, x9, [sp, -16]!
    mov x29, sp
    stp x29, x30, [sp, -16]!
    mov x29, sp
    stp x0, x1, [sp, -16]!
    mov x0, sp
    ldr x10, .Lfentry_prog
    blr x10
    ldp x0, x1, [sp], 16
    ldp x29, x30, [sp], 16
    ldp x29, x9, [sp], 16
    mov x10, x30
    mov x30, x9
    ret x10
.balign 8, 0
.Lfentry_prog:
    .quad bpf_prog
    .space fentry_image + 96 - .
// Calls the function, by what it goes on at, and returns to where that would have.
fexit_image:
    bti jc
    stp x29, x9, [sp, -16]!
    mov x29, sp
    stp x29, x30, [sp, -16]!
    mov x29, sp
    stp x0, x1, [sp, -16]!
    ldr x10, [sp, 24]
    adr x30, .Lfexit_returned
    ret x10
.Lfexit_returned:
    stp x0, xzr, [sp, -16]!
    add x0, sp, 16
    ldr x10, .Lfexit_prog
    blr x10
    ldr x0, [sp], 32
    ldp x29, x30, [sp], 16
    ldp x29, x30, [sp], 16
    ret
.balign 8, 0
.Lfexit_prog:
    .quad bpf_prog
    .space fexit_image + 96 - .
.set TRAMPOLINE_SIZE, 96
.balign 8
tracer_ops:
    .quad count_call, 0
list_ops:
    .quad entry_list, 0
trampoline_name:
    .asciz "bpf_trampoline"

.data
.balign 64
bpf_refused:
    .quad 0
.balign 64
entry_keys:
    .fill KEYS * EK_SIZE / 8, 8, 0
probes:
    .fill SITE_ROOM * KP_SIZE / 8, 8, 0
