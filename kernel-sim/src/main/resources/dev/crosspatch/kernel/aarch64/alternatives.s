// Alternatives (library part alternatives): words of which others take the place if the CPUs have a feature, or have it
// not. As Linux's arch/arm64/kernel/alternative.c: stores through the linear map, data caches cleaned site by site, all
// instruction caches invalidated at the end.

// An entry (alt_instr).
.set ALT_SITE, 0
.set ALT_REPLACEMENT, 8                  // words, or with ALT_CALLBACK the function that makes them
.set ALT_NAME, 16                        // of its events, zero-terminated
.set ALT_FEATURE, 24                     // two bytes: index in alternative_features
.set ALT_LENGTH, 26                      // one byte, that of the replacement behind it is the same
.set ALT_FLAGS, 28
.set ALT_SIZE, 32

.set ALT_NOT, 1                          // flag: applied if the feature is not there
.set ALT_CALLBACK, 2

.set ALT_WORDS, 16                       // most of an entry
.set ALT_FEATURES, 4096
.set ALT_ALWAYS, 0                       // a feature that every CPU has
.set ALT_NEVER, 1                        // one that none has
.set ALT_FIRST, 8                        // the first of the mechanism's own

// Fields of alternatives_stop.
.set ALT_STOP_ARRIVED, 0                 // CPUs that are there
.set ALT_STOP_APPLIED, 8                 // 1: they may go
.set ALT_STOP_RANGE, 16                  // four arguments of apply_alternatives

// Instructions `old` at label `name`, which an entry replaces by `new`, as many. Entries stand in .rodata in the order
// in which they are laid.
.macro ALTERNATIVE name, old, new, feature, flags, text
\name:
    \old
.Lend_\name:
    ALTERNATIVE_ENTRY \name, \name, .Lend_\name - \name, "\new", \feature, \flags, \text
.endm

// An entry for `length` bytes at `site`; `name` is no other entry's.
.macro ALTERNATIVE_ENTRY name, site, length, new, feature, flags, text
    .pushsection .data
    .balign 4
.Lnew_\name:
    \new
    .popsection
    .pushsection .rodata
    ALTERNATIVE_RECORD \site, \length, .Lnew_\name, \feature, \flags, \text
    .popsection
.endm

// The same with a function that makes the words: x0 = entry, x1 = where to put them; it may change x0 to x7.
.macro ALTERNATIVE_CALLBACK site, length, function, feature, flags, text
    .pushsection .rodata
    ALTERNATIVE_RECORD \site, \length, \function, \feature, ALT_CALLBACK | \flags, \text
    .popsection
.endm

// The entry itself, here.
.macro ALTERNATIVE_RECORD site, length, replacement, feature, flags, text
    .quad \site, \replacement, \text
    .hword \feature
    .byte \length, \length
    .word \flags
.endm

// All of a function that applies the entries from x0 to x1 whose feature is at least x2 and less than x3, in order: it
// calls `apply` with each entry in x23. `behind` is done when all are.
.macro APPLY_ALTERNATIVES apply, behind
    stp x29, x30, [sp, -64]!
    mov x29, sp
    stp x23, x24, [sp, 16]
    stp x25, x26, [sp, 32]
    mov x23, x0
    mov x24, x1
    mov x25, x2
    mov x26, x3
  .if FAULT_ALTERNATIVES_ORDER
    sub x23, x1, ALT_SIZE
    mov x24, x0
  .endif
1:  cmp x23, x24
  .if FAULT_ALTERNATIVES_ORDER
    b.lo 3f
  .else
    b.hs 3f
  .endif
    ldrh w0, [x23, ALT_FEATURE]
    cmp x0, x25
    b.lo 2f
    cmp x0, x26
    b.hs 2f
    ADDRESS x1, alternative_features
    ldrb w0, [x1, x0]
    ldr w1, [x23, ALT_FLAGS]
    eor w0, w0, w1                       // ALT_NOT
    tbz w0, 0, 2f
    bl \apply
2:
  .if FAULT_ALTERNATIVES_ORDER
    sub x23, x23, ALT_SIZE
  .else
    add x23, x23, ALT_SIZE
  .endif
    b 1b
3:
    \behind
    ldp x25, x26, [sp, 32]
    ldp x23, x24, [sp, 16]
    ldp x29, x30, [sp], 64
    ret
.endm

// icache_inval_all_pou, behind the cleaning of all sites. Changes x3.
.macro INVALIDATE_INSTRUCTION_CACHES
    mrs x3, ctr_el0
  .if FAULT_DSB == 0
    dsb ish
  .endif
    tbnz x3, CTR_DIC_BIT, 4f
  .if FAULT_IC_IVAU == 0
    ic ialluis
  .endif
  .if FAULT_DSB == 0
    dsb ish
  .endif
4:
  .if FAULT_LOCAL_ISB == 0
    isb
  .endif
.endm

.text

// Applies the entries from x0 to x1 whose feature is at least x2 and less than x3, in order. For text that no other CPU
// runs: at boot, while all others are parked. Words that are what they should be are left alone.
FUNCTION apply_alternatives
    APPLY_ALTERNATIVES apply_alternative, INVALIDATE_INSTRUCTION_CACHES
END apply_alternatives

// Puts entry x23 in place, without instruction caches, and tells of it. Linux cleans and invalidates (DC CIVAC, for
// errata of Cortex-A53); ours cleans.
FUNCTION apply_alternative
    stp x29, x30, [sp, -(16 + 8 * ALT_WORDS)]!
    mov x29, sp
  .if SITES_IN_PATCHER
    cbz x25, 4f                          // at boot: nothing runs before it is decided
    RUN_PATH path_patcher, CPU_PATH_PATCHER
4:
  .endif
    bl alternative_words
    ldr x0, [x23, ALT_SITE]
    ldrb w1, [x23, ALT_LENGTH]
    add x2, sp, 16                       // new words
    add x3, sp, 16 + 4 * ALT_WORDS       // old words
    ADDRESS x4, text_physical
    ldr x4, [x4]
    add x4, x4, x0
    CONSTANT x5, DIRECT_MAP
    add x4, x4, x5                       // the linear map
    mov x5, 0
    mov w9, 0
1:  ldr w6, [x0, x5]
    ldr w7, [x2, x5]
    str w6, [x3, x5]
    str w7, [x4, x5]
    eor w6, w6, w7
    orr w9, w9, w6
    add x6, x0, x5
  .if FAULT_DC_CVAU == 0
    mrs x8, ctr_el0
    tbnz x8, CTR_IDC_BIT, 2f
    dc cvau, x6
2:
  .endif
    add x5, x5, 4
    cmp x5, x1
    b.lo 1b
    cbz w9, 3f                           // as it was
  .if FAULT_ALTERNATIVES_EVENT == 0
    mov x4, x1
    mov x1, x3
    mov x3, x2
    mov x2, x4
    ldr x5, [x23, ALT_NAME]
    bl report_text
  .endif
3:  ldp x29, x30, [sp], 16 + 8 * ALT_WORDS
    ret
END apply_alternative

// The words that entry x23 puts at its site, to x29 + 16. get_alt_insn: branches and ADRP go where the replacement's
// go; what else is relative cannot be moved.
FUNCTION alternative_words
    ldr w4, [x23, ALT_FLAGS]
    ldr x5, [x23, ALT_REPLACEMENT]
    tbz w4, 1, 1f                        // ALT_CALLBACK
    mov x0, x23
    add x1, x29, 16
    br x5
1:  ldrb w1, [x23, ALT_LENGTH]
    ldr x2, [x23, ALT_SITE]
    add x3, x29, 16
    add x10, x5, x1                      // end of the replacement
2:  ldr w0, [x5]
  .if FAULT_ALTERNATIVES_FIXUP == 0
    // x6 = lowest bit, x7 = how many bits, of a branch's offset in words
    mov x6, 0
    mov x7, 26
    CONSTANT w8, 0x7c000000
    and w8, w0, w8
    CONSTANT w9, INSN_B
    cmp w8, w9
    b.eq 4f
    mov x6, 5
    mov x7, 14
    CONSTANT w8, 0x7e000000
    and w8, w0, w8
    CONSTANT w9, 0x36000000              // TBZ, TBNZ
    cmp w8, w9
    b.eq 4f
    mov x7, 19
    CONSTANT w9, 0x34000000              // CBZ, CBNZ
    cmp w8, w9
    b.eq 4f
    lsr w8, w0, 24
    cmp w8, 0x54                         // B.cond
    b.eq 4f
    CONSTANT w8, 0x9f000000
    and w8, w0, w8
    CONSTANT w9, 0x90000000              // ADRP
    cmp w8, w9
    b.eq 3f
    CONSTANT w9, 0x10000000              // ADR
    cmp w8, w9
    b.eq 6f
    CONSTANT w8, 0x3b000000
    and w8, w0, w8
    CONSTANT w9, 0x18000000              // LDR of a literal
    cmp w8, w9
    b.eq 6f
    b 5f
3:  lsr x8, x5, 12                       // pages from the site's to the replacement's
    lsr x9, x2, 12
    sub x8, x8, x9
    ubfx w9, w0, 29, 2                   // immlo
    ubfx w6, w0, 5, 19                   // immhi
    orr w9, w9, w6, lsl 2
    add w9, w9, w8
    bfi w0, w9, 29, 2
    lsr w9, w9, 2
    bfi w0, w9, 5, 19
    b 5f
4:  lsr w8, w0, w6
    mov x9, 64
    sub x9, x9, x7
    lsl x8, x8, x9
    asr x8, x8, x9                       // offset in words
    add x9, x5, x8, lsl 2                // target
    ldr x11, [x23, ALT_REPLACEMENT]
    cmp x9, x11
    b.lo 7f
    cmp x9, x10
    b.ls 5f                              // within the replacement
7:  sub x9, x9, x2
    asr x9, x9, 2
    mov x11, 1
    lsl x11, x11, x7
    sub x11, x11, 1
    and x9, x9, x11
    lsl x11, x11, x6
    bic x0, x0, x11
    lsl x9, x9, x6
    orr x0, x0, x9
5:
  .endif
    str w0, [x3], 4
    add x2, x2, 4
    add x5, x5, 4
    cmp x5, x10
    b.lo 2b
    ret
6:  mov w1, w0
    mov x0, x2
    PANIC PANIC_CANNOT_MOVE
END alternative_words

// Applies the entries from x0 to x1 of features x2 to below x3 while all CPUs are stopped: CPU 0 does, all others poll.
// The protocol is alternatives' own and nothing that is patched runs in it, since stop_machine might have alternatives
// itself (__apply_alternatives_multi_stop). To be called with interrupts on, by one CPU at a time.
FUNCTION apply_alternatives_all
    stp x29, x30, [sp, -16]!
    mov x29, sp
    ADDRESS x4, alternatives_stop
    stp x0, x1, [x4, ALT_STOP_RANGE]
    stp x2, x3, [x4, ALT_STOP_RANGE + 16]
    stp xzr, xzr, [x4]
  .if USES_TASKS
    bl preempt_disable
  .endif
    RUN_ON_ALL alternatives_multi_stop
    ldp x29, x30, [sp], 16
  .if USES_TASKS
    b preempt_enable
  .else
    ret
  .endif
END apply_alternatives_all

// What each CPU runs, with interrupts off.
FUNCTION alternatives_multi_stop
    stp x29, x30, [sp, -16]!
    mov x29, sp
    ADDRESS x0, alternatives_stop        // ALT_STOP_ARRIVED
    bl increment
    ADDRESS x4, alternatives_stop
    mov w5, SPIN_LIMIT
    mrs x0, tpidr_el1
    ldr x0, [x0, CPU_NUMBER]
    cbnz x0, 2f
  .if FAULT_ALTERNATIVES_WAIT == 0
    ADDRESS x2, cpus_online
    ldr x2, [x2]
1:  ldar x1, [x4]
    cmp x1, x2
    b.eq 4f
    yield
    subs w5, w5, 1
    b.ne 1b
    b 5f
4:
  .endif
    ldp x0, x1, [x4, ALT_STOP_RANGE]
    ldp x2, x3, [x4, ALT_STOP_RANGE + 16]
    bl apply_alternatives
    ADDRESS x4, alternatives_stop + ALT_STOP_APPLIED
    mov x0, 1
    stlr x0, [x4]
    b 3f
2:  add x4, x4, ALT_STOP_APPLIED
6:  ldar x1, [x4]
    cbnz x1, 7f
    yield
    subs w5, w5, 1
    b.ne 6b
    b 5f
7:
  .if FAULT_ALTERNATIVES_ISB == 0
    isb
  .endif
3:  ldp x29, x30, [sp], 16
    ret
5:  mov x0, x4
    PANIC PANIC_IPI_TIMEOUT
END alternatives_multi_stop

.ltorg

.section .rodata
alternative_name:
    .asciz "alternative"
.balign 8

.data
alternative_features:                    // 1: this kernel's CPUs have it
    .byte 1
    .fill ALT_FEATURES - 1, 1, 0
.balign 64
alternatives_stop:
    .fill 6, 8, 0
