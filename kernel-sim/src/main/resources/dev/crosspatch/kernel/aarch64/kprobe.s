// Kernel probes (library part kprobe): BRK #4 over any instruction, a handler, and the instruction itself out of line,
// in a slot, or simulated.

// A probe; whoever registers it fills in the first three.
.set KP_ADDRESS, 0
.set KP_HANDLER, 8                       // function: probe in X0, frame in X1; returns 1 if the frame says where to go
                                         // on, 0 if the probed instruction is to run. Keeps what functions keep
.set KP_NAME, 16                         // of the site, for events
.set KP_INSN, 24                         // the instruction as it was
.set KP_SLOT, 32                         // address of its slot, 0: the instruction is simulated
.set KP_MISSED, 40                       // hits within a handler, for which nobody was called
.set KP_NEXT, 48                         // in its chain
.set KP_COPY, 56                         // the slot's text, two words
.set KP_SIZE, 64

.set KPROBE_CHAINS, 64
.set SLOT_SIZE, 8

.set BRK_KPROBE, 0xd4200080              // BRK #4
.set BRK_SLOT, 0xd42000c0                // BRK #6

// What a CPU is doing (kprobe_ctlblk).
.set KC_CURRENT, 0                       // the probe whose handler or slot it is in, or 0
.set KC_STATUS, 8
.set KC_FLAGS, 16                        // SPSR before the slot
.set KC_PREVIOUS, 24                     // the three of a probe that was interrupted by this one
.set KC_SIZE, 64
.set KPROBE_HIT_ACTIVE, 1                // in the handler
.set KPROBE_HIT_SS, 2                    // in the slot
.set KPROBE_REENTER, 4                   // in the slot of a probe that was hit within a handler

.set DAIF_MASK, 0x3c0

// Registers that a frame lacks, x18 to x29, in kprobe_breakpoint's, and a zero.
.set KR_X18, 16
.set KR_ZERO, 16 + 12 * 8
.set KR_SIZE, KR_ZERO + 16

.text

// Registers and arms probe x0. register_kprobe. With part text-reserved: 1 in x0, or 0 if it is refused
// (check_kprobe_address_safe).
FUNCTION register_kprobe
    stp x29, x30, [sp, -32]!
    mov x29, sp
    str x23, [sp, 16]
    mov x23, x0
  .if USES_TEXT_RESERVED
  .if FAULT_PROBE_RESERVED == 0
    ldr x0, [x23, KP_ADDRESS]
    bl text_reserved
    mov x1, x0
    mov x0, 0
    cbnz x1, 1f
  .endif
  .endif
    bl prepare_kprobe
    ldr x0, [x23, KP_ADDRESS]
    bl kprobe_chain
    ldr x1, [x0]
    str x1, [x23, KP_NEXT]
    dmb ish                              // whoever finds it finds all of it
    str x23, [x0]
    adr x0, arm_kprobe
    mov x1, x23
    bl stop_machine
  .if USES_TEXT_RESERVED
    mov x0, 1
1:
  .endif
    ldr x23, [sp, 16]
    ldp x29, x30, [sp], 32
    ret
END register_kprobe

// Decides how the instruction of probe x23 will run, and if out of line, fills a slot: nobody gets there but behind the
// exception of the probe's BRK, so no CPU is kicked. arch_prepare_kprobe.
FUNCTION prepare_kprobe
    stp x29, x30, [sp, -16]!
    mov x29, sp
    str xzr, [x23, KP_SLOT]
    ldr x0, [x23, KP_ADDRESS]
    ldr w0, [x0]
    str x0, [x23, KP_INSN]
    lsr w1, w0, 24
    cmp w1, 0xd4                         // exceptions cannot be probed
    b.eq 9f
    bl is_simulated
    cbnz x0, 3f
    mov x0, SLOT_SIZE
    bl text_alloc
    cbz x0, 9f
    str x0, [x23, KP_SLOT]
    ldr w1, [x23, KP_INSN]
    CONSTANT w2, BRK_SLOT
    stp w1, w2, [x23, KP_COPY]
  .if FAULT_SLOT_EVENT == 0
    mov x1, 0
    mov x2, 0
    add x3, x23, KP_COPY
    mov x4, SLOT_SIZE
    ldr x5, [x23, KP_NAME]
    bl report_text
    ldr x0, [x23, KP_SLOT]
  .endif
    add x1, x23, KP_COPY
    mov x2, SLOT_SIZE
  .if FAULT_SLOT_MAINTENANCE == 0
    bl text_copy
  .else
    // The stores alone.
    ADDRESS x3, text_physical
    ldr x3, [x3]
    CONSTANT x4, DIRECT_MAP
    add x3, x3, x4
    ldr x1, [x1]
    str x1, [x0, x3]
  .endif
3:  ldp x29, x30, [sp], 16
    ret
9:  ldr x1, [x23, KP_INSN]
    ldr x0, [x23, KP_ADDRESS]
    PANIC PANIC_CANNOT_EMULATE
END prepare_kprobe

// Probe x0 gets its breakpoint, or loses it; run while the machine is stopped.
FUNCTION arm_kprobe
    CONSTANT w1, BRK_KPROBE
    b patch_kprobe
END arm_kprobe

FUNCTION disarm_kprobe
    ldr w1, [x0, KP_INSN]
    b patch_kprobe
END disarm_kprobe

// Word w1 becomes the text of probe x0, which is reported.
FUNCTION patch_kprobe
    stp x29, x30, [sp, -48]!
    mov x29, sp
    str x23, [sp, 16]
    mov x23, x0
    ldr x0, [x23, KP_ADDRESS]
    ldr w2, [x0]
    stp w2, w1, [sp, 32]
    bl write_insn
  .if FAULT_KPROBE_EVENT == 0
    ldr x0, [x23, KP_ADDRESS]
    add x1, sp, 32
    mov x2, 4
    add x3, sp, 36
    mov x4, 4
    ldr x5, [x23, KP_NAME]
    bl report_text
  .endif
    ldr x23, [sp, 16]
    ldp x29, x30, [sp], 48
    ret
END patch_kprobe

// Disarms probe x0 and frees its slot once nobody can be in it. unregister_kprobe.
FUNCTION unregister_kprobe
    stp x29, x30, [sp, -32]!
    mov x29, sp
    str x23, [sp, 16]
    mov x23, x0
    mov x1, x0
    adr x0, disarm_kprobe
    bl stop_machine
    ldr x0, [x23, KP_ADDRESS]
    bl kprobe_chain
    b 2f
1:  add x0, x1, KP_NEXT
2:  ldr x1, [x0]
    cmp x1, x23
    b.ne 1b
    ldr x1, [x23, KP_NEXT]
    str x1, [x0]
    bl synchronize_rcu_tasks
    ldr x0, [x23, KP_SLOT]
    cbz x0, 3f
  .if FAULT_SLOT_EVENT == 0
    add x1, x23, KP_COPY
    mov x2, SLOT_SIZE
    mov x3, 0
    mov x4, 0
    ldr x5, [x23, KP_NAME]
    bl report_text
    ldr x0, [x23, KP_SLOT]
  .endif
    mov x1, SLOT_SIZE
    bl text_free
3:  ldr x23, [sp, 16]
    ldp x29, x30, [sp], 32
    ret
END unregister_kprobe

// Where the chain of probes at x0 begins, in x0. Changes x1.
FUNCTION kprobe_chain
    ubfx x1, x0, 2, 6
    ADDRESS x0, kprobe_chains
    add x0, x0, x1, lsl 3
    ret
END kprobe_chain

// Called on a BRK behind poke_breakpoint, with interrupts masked; x0 = the frame. Returns 1 if the frame says where to
// go on, else 0. kprobe_breakpoint_handler, kprobe_breakpoint_ss_handler.
FUNCTION kprobe_breakpoint
    stp x29, x30, [sp, -KR_SIZE]!
    mov x29, sp
    stp x18, x19, [x29, KR_X18]
    stp x20, x21, [x29, KR_X18 + 16]
    stp x22, x23, [x29, KR_X18 + 32]
    stp x24, x25, [x29, KR_X18 + 48]
    stp x26, x27, [x29, KR_X18 + 64]
    ldr x1, [x29]
    stp x28, x1, [x29, KR_X18 + 80]
    mov x23, x0
    mrs x0, tpidr_el1
    ldr x0, [x0, CPU_NUMBER]
    ADDRESS x25, kprobe_control
    add x25, x25, x0, lsl 6              // KC_SIZE
    ldr x26, [x23, FRAME_ELR]
    mov x0, x26
    bl kprobe_chain
    ldr x24, [x0]                        // get_kprobe
    b 2f
1:  ldr x1, [x24, KP_ADDRESS]
    cmp x1, x26
    b.eq 3f
    ldr x24, [x24, KP_NEXT]
2:  cbnz x24, 1b
    b 5f

3:  ldr x0, [x25, KC_CURRENT]
    cbnz x0, 4f
    mov x0, KPROBE_HIT_ACTIVE
    stp x24, x0, [x25, KC_CURRENT]
    mov x0, x24
    mov x1, x23
    ldr x2, [x24, KP_HANDLER]
    blr x2
    cbz x0, 31f
    str xzr, [x25, KC_CURRENT]
    b 8f
31: mov x0, KPROBE_HIT_SS
    bl setup_singlestep
    b 8f

    // Within a handler: reenter_kprobe.
4:  add x0, x24, KP_MISSED
    bl increment
    ldr x1, [x25, KC_STATUS]
    cmp x1, KPROBE_HIT_ACTIVE
    b.ne 7f
    mov x0, KPROBE_REENTER
    bl setup_singlestep
    b 8f

    // Not a probe's breakpoint; the one at the end of a slot?
5:  ldp x24, x1, [x25, KC_CURRENT]
    cbz x24, 6f
    tst x1, KPROBE_HIT_SS + KPROBE_REENTER
    b.eq 6f
    ldr x0, [x24, KP_SLOT]
    add x0, x0, 4
    cmp x0, x26
    b.ne 6f
    ldr x0, [x24, KP_ADDRESS]
    add x0, x0, 4
    str x0, [x23, FRAME_ELR]
    ldr x0, [x23, FRAME_SPSR]
    ldr x1, [x25, KC_FLAGS]
    and x0, x0, ~DAIF_MASK
    and x1, x1, DAIF_MASK
    orr x0, x0, x1
    str x0, [x23, FRAME_SPSR]
    bl kprobe_done
    b 8f

    // It is gone meanwhile: back to what is there now.
6:  ldr w0, [x26]
    mov w1, w0
    and w1, w1, 0xffe0001f
    CONSTANT w2, 0xd4200000              // BRK
    mov x0, 0
    cmp w1, w2
    b.eq 9f
    b 8f
7:  ldr x0, [x24, KP_ADDRESS]            // "Unrecoverable kprobe detected"
    PANIC PANIC_TRAP_RECURSION
8:  mov x0, 1
9:  ldp x18, x19, [x29, KR_X18]
    ldp x20, x21, [x29, KR_X18 + 16]
    ldp x22, x23, [x29, KR_X18 + 32]
    ldp x24, x25, [x29, KR_X18 + 48]
    ldp x26, x27, [x29, KR_X18 + 64]
    ldp x28, x1, [x29, KR_X18 + 80]
    str x1, [x29]
    ldp x29, x30, [sp], KR_SIZE
    ret
END kprobe_breakpoint

// The instruction of probe x24, whose handler has returned or was not called: simulates it, or leads frame x23 to its
// slot, which is run with interrupts off; x0 = KPROBE_HIT_SS or KPROBE_REENTER, x25 = what the CPU is doing.
FUNCTION setup_singlestep
    cmp x0, KPROBE_REENTER
    b.ne 1f
    ldp x1, x2, [x25, KC_CURRENT]
    ldr x3, [x25, KC_FLAGS]
    stp x1, x2, [x25, KC_PREVIOUS]
    str x3, [x25, KC_PREVIOUS + 16]
1:  stp x24, x0, [x25, KC_CURRENT]
    ldr x1, [x24, KP_SLOT]
    cbz x1, 2f
    str x1, [x23, FRAME_ELR]
    ldr x0, [x23, FRAME_SPSR]
    str x0, [x25, KC_FLAGS]
    orr x0, x0, DAIF_MASK
    str x0, [x23, FRAME_SPSR]
    ret
2:  stp x29, x30, [sp, -16]!             // x29 goes on to lead to the registers
    bl simulate_insn
    ldp x29, x30, [sp], 16
    b kprobe_done
END setup_singlestep

// The CPU is done with its probe, x25 = what it was doing.
FUNCTION kprobe_done
    mov x0, 0
    ldr x1, [x25, KC_STATUS]
    cmp x1, KPROBE_REENTER
    b.ne 1f
    ldp x0, x1, [x25, KC_PREVIOUS]
    ldr x2, [x25, KC_PREVIOUS + 16]
    str x1, [x25, KC_STATUS]
    str x2, [x25, KC_FLAGS]
1:  str x0, [x25, KC_CURRENT]
    ret
END kprobe_done

// Where register w0 of the interrupted code is, in x0; x23 = frame, x29 = kprobe_breakpoint's. Changes x1.
FUNCTION saved_register
    cmp w0, 18
    b.hs 1f
    add x0, x23, w0, uxtw 3
    ret
1:  cmp w0, 30
    b.hs 2f
    add x0, x29, w0, uxtw 3
    sub x0, x0, 18 * 8 - KR_X18
    ret
2:  add x0, x23, FRAME_X30
    b.eq 3f
    add x0, x29, KR_ZERO
    str xzr, [x0]
3:  ret
END saved_register

// Asks, for a row of simulated_insns and instruction w0, whether it is that one.
.macro IS_ROW row
    ldp w1, w2, [\row], 16
    and w1, w1, w0
    cmp w1, w2
.endm

// Whether instruction w0 is simulated: what depends on where it stands. 1 or 0 in x0. Changes x1 to x3.
FUNCTION is_simulated
    ADDRESS x3, simulated_insns
1:  ldr w1, [x3]
    cbz w1, 3f
    IS_ROW x3
    b.ne 1b
    mov x0, 1
    ret
3:  mov x0, 0
    ret
END is_simulated

// Does to frame x23 what the instruction of probe x24 would do. Changes what a function may, x26 and x27.
FUNCTION simulate_insn
    ldr w0, [x24, KP_INSN]
    ldr x26, [x24, KP_ADDRESS]
    add x27, x26, 4                      // where it goes on
    ADDRESS x3, simulated_insns
1:  IS_ROW x3
    b.ne 1b
    ldr x1, [x3, -8]
    mov w3, w0
    stp x29, x30, [sp, -16]!
    blr x1
    ldp x29, x30, [sp], 16
    str x27, [x23, FRAME_ELR]
    ret
END simulate_insn

// Each of these: w3 = instruction, x26 = its address; x27 = where to go on.

FUNCTION simulate_bl
    str x27, [x23, FRAME_X30]
simulate_b:
    sbfx x0, x3, 0, 26
    add x27, x26, x0, lsl 2
    ret
END simulate_bl

FUNCTION simulate_b_cond
    ldr x0, [x23, FRAME_SPSR]
    ubfx w1, w3, 1, 3
    lsr w4, w0, 31                       // N
    ubfx w5, w0, 28, 1                   // V
    eor w5, w4, w5                       // LT
    ubfx w6, w0, 30, 1                   // Z
    ubfx w7, w0, 29, 1                   // C
    cbz w1, 10f
    cmp w1, 1
    b.eq 11f
    cmp w1, 2
    b.eq 12f
    cmp w1, 3
    b.eq 13f
    cmp w1, 4
    b.eq 14f
    cmp w1, 5
    b.eq 15f
    cmp w1, 6
    b.eq 16f
    b 21f                                // AL, NV
10: mov w2, w6
    b 20f
11: mov w2, w7
    b 20f
12: mov w2, w4
    b 20f
13: ubfx w2, w0, 28, 1
    b 20f
14: bic w2, w7, w6
    b 20f
15: eor w2, w5, 1
    b 20f
16: orr w2, w5, w6
    eor w2, w2, 1
20: and w0, w3, 1
    cmp w0, w2
    b.eq 22f
21: sbfx x0, x3, 5, 19
    add x27, x26, x0, lsl 2
22: ret
END simulate_b_cond

// CBZ and CBNZ, of 32 and 64 bits.
FUNCTION simulate_cbz
    stp x29, x30, [sp, -16]!
    and w0, w3, 31
    bl saved_register
    ldr x0, [x0]
    tbnz w3, 31, 1f
    mov w0, w0
1:  cmp x0, 0
    cset w0, ne
    ubfx w1, w3, 24, 1
    cmp w0, w1
    b.ne 2f
    sbfx x0, x3, 5, 19
    add x27, x26, x0, lsl 2
2:  ldp x29, x30, [sp], 16
    ret
END simulate_cbz

// TBZ and TBNZ.
FUNCTION simulate_tbz
    stp x29, x30, [sp, -16]!
    and w0, w3, 31
    bl saved_register
    ldr x0, [x0]
    ubfx w1, w3, 19, 5
    lsr w2, w3, 31
    orr w1, w1, w2, lsl 5                // bit
    lsr x0, x0, x1
    and w0, w0, 1
    ubfx w1, w3, 24, 1
    cmp w0, w1
    b.ne 2f
    sbfx x0, x3, 5, 14
    add x27, x26, x0, lsl 2
2:  ldp x29, x30, [sp], 16
    ret
END simulate_tbz

// BR, BLR and RET.
FUNCTION simulate_br
    stp x29, x30, [sp, -16]!
    ubfx w0, w3, 5, 5
    bl saved_register
    ldr x0, [x0]
    tbz w3, 21, 1f
    tbnz w3, 22, 1f
    str x27, [x23, FRAME_X30]
1:  mov x27, x0
    ldp x29, x30, [sp], 16
    ret
END simulate_br

// ADR and ADRP.
FUNCTION simulate_adr
    stp x29, x30, [sp, -16]!
    and w0, w3, 31
    bl saved_register
    sbfx x1, x3, 5, 19
    ubfx w2, w3, 29, 2
    orr x1, x2, x1, lsl 2
    mov x2, x26
    tbz w3, 31, 1f
    and x2, x2, 0xfffffffffffff000
    lsl x1, x1, 12
1:  add x1, x1, x2
    str x1, [x0]
    ldp x29, x30, [sp], 16
    ret
END simulate_adr

// LDR of 32 and 64 bits and LDRSW, with a literal.
FUNCTION simulate_ldr
    stp x29, x30, [sp, -16]!
    and w0, w3, 31
    bl saved_register
    sbfx x1, x3, 5, 19
    add x1, x26, x1, lsl 2
    tbnz w3, 31, 2f
    tbnz w3, 30, 1f
    ldr w2, [x1]
    b 3f
1:  ldr x2, [x1]
    b 3f
2:  ldrsw x2, [x1]
3:  str x2, [x0]
    ldp x29, x30, [sp], 16
    ret
END simulate_ldr

.ltorg

.section .rodata
.balign 8
// Of each instruction that is simulated: a mask, what it is under it, and by what.
simulated_insns:
    .long 0xfc000000, 0x14000000
    .quad simulate_b
    .long 0xfc000000, 0x94000000
    .quad simulate_bl
    .long 0xff000010, 0x54000000
    .quad simulate_b_cond
    .long 0x7e000000, 0x34000000
    .quad simulate_cbz
    .long 0x7e000000, 0x36000000
    .quad simulate_tbz
    .long 0xfffffc1f, 0xd61f0000
    .quad simulate_br
    .long 0xfffffc1f, 0xd63f0000
    .quad simulate_br
    .long 0xfffffc1f, 0xd65f0000
    .quad simulate_br
    .long 0x1f000000, 0x10000000
    .quad simulate_adr
    .long 0xbf000000, 0x18000000
    .quad simulate_ldr
    .long 0xff000000, 0x98000000
    .quad simulate_ldr
    .quad 0

.data
.balign 64
kprobe_control:
    .fill 64 * KC_SIZE / 8, 8, 0
kprobe_chains:
    .fill KPROBE_CHAINS, 8, 0
