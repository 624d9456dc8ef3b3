// Programs that the kernel makes while it runs, as Linux's BPF does: kernel/bpf/core.c (bpf_prog_pack_alloc),
// arch/arm64/net/bpf_jit_comp.c.

// A program.
.set PROG_FUNC, 0                        // where it is, or 0
.set PROG_KEY, 8                         // what is known of its key
.set PROG_RESULT, 16                     // what it returns if it makes no tail call
.set PROG_SIZE, 24

// What is known of a key, in bpf_keys.
.set BPF_WORD, 0                         // how often its programs run in a call; CHANGING; how often that has changed
.set BPF_SLOT, 8                         // where the program is that tail calls go to, or 0: the program array
.set BPF_SLOT_PROG, 16                   // its record, or 0
.set BPF_ENTRY, 24                       // record of the program that is attached, or 0
.set BPF_CALL, 32                        // trampoline that even sites call, or 0
.set BPF_PROGS, 40                       // records of programs
.set BPF_PROGS_MAX, 4
.set BPF_SIZE, BPF_PROGS + BPF_PROGS_MAX * PROG_SIZE

.set CHANGING, 1 << 8
.set CHANGES, 1 << 9

// A pack: chunks of executable room, full of BRKs where nobody has them.
.set PACK_SIZE, 4096
.set CHUNK_SHIFT, 6
.set CHUNK_SIZE, 1 << CHUNK_SHIFT
.set CHUNKS, PACK_SIZE / CHUNK_SIZE
.set INSN_BRK_FAULT, 0xd4202000          // brk 0x100

.set TAIL_CALLS_MAX, 3
.set CHAIN, TAIL_CALLS_MAX + 1           // programs in a call that makes all its tail calls
.set EFAULT, 14

// Where a branch that goes too far goes first: behind two instructions what they go to, and the site's number, odd if
// its branch is a B, else a BL.
.set PLT_TARGET, 8
.set PLT_NUMBER, 16
.set NUMBER_JUMP_BIT, 0
.set NUMBER_LONG_BIT, 1

.text

// What is known of site n's key in `register`. Changes x12.
.macro KEY register, n
    ADDRESS \register, bpf_keys
    CONSTANT x12, site_\n\()_key * BPF_SIZE
    add \register, \register, x12
.endm

// Calls function n, behind whose beginning the site is. Even ones get a number in every register that holds an
// argument, and make the sum of them; odd ones return what the program does. Gives up if an argument was not kept or
// if, with nobody changing the key from before the call until behind it, programs ran more or less often than the key
// says, or returned something else.
.macro SITE n, length, boundary, offset
    mrs x9, tpidr_el1
    ldr x10, [x9, CPU_SITES_ON]
    KEY x11, \n
    ldar x11, [x11]                      // BPF_WORD
    stp x10, x11, [sp, -16]!
  .if (\n & 1) == 0
    mov x0, -2 - 3 - 5 - 7 - 11 - 13 - 17
    mov x1, 2
    mov x2, 3
    mov x3, 5
    mov x4, 7
    mov x5, 11
    mov x6, 13
    mov x7, 17
  .endif
    bl hooked_\n
    ldp x10, x11, [sp], 16
    mrs x9, tpidr_el1
    KEY x13, \n
    ldar x13, [x13]
  .if (\n & 1) == 0
    cbnz x0, 2f
  .endif
    cmp x11, x13
    b.ne 1f
    tbnz x11, 8, 1f                      // CHANGING
    and x11, x11, 0xff
  .if (\n & 1) == 1
    cmp x0, x11
    b.ne 2f
  .endif
    ldr x12, [x9, CPU_SITES_ON]
    sub x0, x12, x10
    cmp x0, x11
    b.ne 2f
1:  ldr x10, [x9, CPU_CHECKSUM]
    mov x11, \n + 1
    add x10, x10, x11
    str x10, [x9, CPU_CHECKSUM]
    b .Lsite_\n\()_end
2:  mov x1, x0
    ADDRESS x0, site_\n
    PANIC PANIC_COUNT_DIFFERS

    FUNCTION hooked_\n
  .if (\n & 4) == 0
    bti c
  .endif
    mov x9, x30
    PLACE_SITE \n, \boundary, \offset
    nop
    COUNT CPU_SITES_OFF
  .if (\n & 1) == 0
  .irp register, x1, x2, x3, x4, x5, x6, x7
    add x0, x0, \register
  .endr
  .else
    mov x0, 0
  .endif
    ret
    .balign 8, 0
site_\n\()_on:
    ldr x10, .Lplt_\n
    br x10
.Lplt_\n:
    .quad PLT_UNUSED
    .quad \n
    END hooked_\n
.Lsite_\n\()_end:
.endm

  .if FAULT_PLT_DUMMY == 0
.set PLT_UNUSED, bpf_dummy
  .else
.set PLT_UNUSED, 0
  .endif

FUNCTION mechanism_boot
    stp x29, x30, [sp, -16]!
    mov x29, sp
    bl init_text_room
    CONSTANT x0, TEXT_ROOM
    mov x1, PACK_SIZE
    bl bpf_text_invalidate
    ldp x29, x30, [sp], 16
    ret
END mechanism_boot

// Where what is at the end of a function goes while nobody has a use for it: back. Also what somebody else would have
// functions call.
FUNCTION bpf_dummy
    bti jc
    mov x10, x30
    mov x30, x9
    ret x10
END bpf_dummy

// The helper that programs call: x0 is 1, if all of the program ran that made it.
FUNCTION bpf_count
    bti c
    mrs x17, tpidr_el1
    ldr x16, [x17, CPU_SITES_ON]
    add x16, x16, x0
    str x16, [x17, CPU_SITES_ON]
    ret
END bpf_count

// Key x0 goes on to its next change.
FUNCTION mechanism_flip
    stp x29, x30, [sp, -48]!
    mov x29, sp
    stp x23, x24, [sp, 16]
    str x25, [sp, 32]
    mov x1, BPF_SIZE
    ADDRESS x23, bpf_keys
    madd x23, x0, x1, x23
    ADDRESS x1, lab_keys
    add x24, x1, x0, lsl 4               // KEY_SIZE
    ADDRESS x1, lab_key_state
    ldr x2, [x1, x0, lsl 3]
    ADDRESS x25, bpf_changes
    add x25, x25, x2, lsl 2
    add x2, x2, 1
    CONSTANT x3, BPF_CHANGES
    cmp x2, x3
    csel x2, x2, xzr, lo
    str x2, [x1, x0, lsl 3]
    ldr x1, [x23, BPF_WORD]
    ldrb w2, [x25]
    and w3, w1, 0xff
    cmp w2, w3
    b.eq 1f
    add x1, x1, CHANGING
    stlr x1, [x23]                       // BPF_WORD
    dmb ish
1:  ldrb w0, [x25, 2]
    cbz x0, 2f
    bl bpf_prog_load
2:  ldrb w1, [x25, 1]
    cbnz w1, 3f
    bl bpf_entry_update
    b 4f
3:  bl bpf_slot_update
4:  ldr x1, [x23, BPF_WORD]
    tbz x1, 8, 5f                        // CHANGING
    add x1, x1, CHANGES - CHANGING
    ldrb w2, [x25]
    bfi x1, x2, 0, 8
    stlr x1, [x23]
5:  ldr x25, [sp, 32]
    ldp x23, x24, [sp, 16]
    ldp x29, x30, [sp], 48
    ret
END mechanism_flip

// Program x0, or none if that is 0, takes the place of the one that is attached to key x23, whose sites x24 knows; the
// old one is freed.
FUNCTION bpf_entry_update
    stp x29, x30, [sp, -80]!
    mov x29, sp
    stp x24, x25, [sp, 16]
    stp x26, x27, [sp, 32]
    ldr x1, [x23, BPF_ENTRY]
    str x0, [x23, BPF_ENTRY]
    ldr x2, [x23, BPF_CALL]
    stp x1, x2, [sp, 48]
    mov x26, 0                           // the old program
    cbz x1, 1f
    ldr x26, [x1, PROG_FUNC]
1:  mov x25, 0                           // the new one
    mov x27, 0                           // and its trampoline
    cbz x0, 2f
    ldr x25, [x0, PROG_FUNC]
    ADDRESS x0, bpf_emit_trampoline
    ADDRESS x1, bpf_trampoline_name
    mov x2, x25
    bl bpf_image
    mov x27, x0
2:  str x27, [x23, BPF_CALL]
    ldr x0, [x24, KEY_COUNT]
    ldr x24, [x24, KEY_FIRST]
    str x0, [sp, 64]
3:  ldr x0, [x24, SITE_CODE]
    ldr x4, [x24, SITE_TARGET]
    ldr x5, [x24, SITE_NAME]
    ldr x6, [x4, PLT_NUMBER]
    CONSTANT w1, INSN_BL
    ldr x2, [sp, 56]                     // the old trampoline
    mov x3, x27
    tbz x6, NUMBER_JUMP_BIT, 4f
    CONSTANT w1, INSN_B
    mov x2, x26
    mov x3, x25
4:  tbnz x6, NUMBER_LONG_BIT, 5f
    mov x4, 0
5:  bl bpf_text_poke
    tbnz w0, 31, 9f
    // Somebody who thinks that nothing is attached is refused.
    cbz x25, 6f
    ldr x0, [x24, SITE_CODE]
    ldr x5, [x24, SITE_NAME]
    CONSTANT w1, INSN_BL
    mov x2, 0
    ADDRESS x3, bpf_dummy
    mov x4, 0
    bl bpf_text_poke
6:  add x24, x24, SITE_SIZE
    ldr x0, [sp, 64]
    subs x0, x0, 1
    str x0, [sp, 64]
    b.ne 3b
    bl bpf_free_wait
    ldr x0, [sp, 56]
    ADDRESS x1, bpf_trampoline_name
    bl bpf_image_free
    ldr x0, [sp, 48]
    bl bpf_prog_free
    ldp x26, x27, [sp, 32]
    ldp x24, x25, [sp, 16]
    ldp x29, x30, [sp], 80
    ret
9:  ldr x0, [x24, SITE_CODE]
    ldr w1, [x0]
    PANIC PANIC_OLD_TEXT_DIFFERS
END bpf_entry_update

// Program x0, or none if that is 0, takes the place of the one that the tail calls of key x23 go to; the old one is
// freed. Tail calls read where they go: no text changes.
FUNCTION bpf_slot_update
    stp x29, x30, [sp, -32]!
    mov x29, sp
    ldr x1, [x23, BPF_SLOT_PROG]
    str x1, [sp, 16]
    str x0, [x23, BPF_SLOT_PROG]
    cbz x0, 1f
    ldr x0, [x0, PROG_FUNC]
1:  add x1, x23, BPF_SLOT
    stlr x0, [x1]
    bl bpf_free_wait
    ldr x0, [sp, 16]
    bl bpf_prog_free
    ldp x29, x30, [sp], 32
    ret
END bpf_slot_update

// The word at x0, a branch w1 (INSN_B, INSN_BL) to x2 or, if that is 0, a NOP, becomes the same to x3; x4 = by what it
// goes if that is too far, or 0; x5 = its name. In w0 what Linux's bpf_arch_text_poke returns: 0 or -EFAULT if the text
// is another.
FUNCTION bpf_text_poke
    stp x29, x30, [sp, -48]!
    mov x29, sp
    ADDRESS x6, bpf_dummy
  .if FAULT_PLT_DUMMY == 1
    mov x6, 0
  .endif
    cmp x3, 0
    csel x6, x6, x3, eq                  // where it goes from there
    stp x4, x6, [sp, 16]
    str x5, [sp, 32]
    bl bpf_branch
    mov x7, x8                           // the old word
    mov x2, x3
    bl bpf_branch                        // the new one
  .if FAULT_PLT_ORDER == 0
    bl bpf_plt_write
  .endif
    cmp w7, w8
    b.eq 1f
  .if FAULT_OLD_TEXT == 0
    ldr w9, [x0]
    cmp w9, w7
    b.ne 2f
  .endif
    mov w1, w8
    ldr x2, [sp, 32]
    bl poke_queue
    bl poke_finish
1:
  .if FAULT_PLT_ORDER == 1
    bl bpf_plt_write
  .endif
    mov w0, 0
    b 3f
2:  mov w0, -EFAULT
3:  ldp x29, x30, [sp], 48
    ret
END bpf_text_poke

// The branch w1 at x0 to x2, by x4 if that is not 0, or a NOP if x2 is 0, in w8. Changes x9.
FUNCTION bpf_branch
    CONSTANT w8, INSN_NOP
    cbz x2, 1f
    cmp x4, 0
    csel x9, x2, x4, eq
    sub x9, x9, x0
    ubfx x9, x9, 2, 26
    orr w8, w1, w9
1:  ret
END bpf_branch

// Where the branch goes from its PLT, both of which the caller's frame knows. That is data: nobody fetches it. Changes
// x9 to x12.
FUNCTION bpf_plt_write
    ldp x9, x10, [x29, 16]
    cbz x9, 1f
    ADDRESS x11, text_physical
    ldr x11, [x11]
    CONSTANT x12, DIRECT_MAP
    add x11, x11, x12
    add x9, x9, x11
    str x10, [x9, PLT_TARGET]
1:  ret
END bpf_plt_write

// A program of key x23 that returns x0, if it makes no tail call: its record in x0.
FUNCTION bpf_prog_load
    stp x29, x30, [sp, -32]!
    mov x29, sp
    add x2, x23, BPF_PROGS - PROG_SIZE
1:  ldr x1, [x2, PROG_SIZE]!             // PROG_FUNC of the next
    cbnz x1, 1b
    stp x23, x0, [x2, PROG_KEY]
    str x2, [sp, 16]
    ADDRESS x0, bpf_seed
    ldr w1, [x0]
    CONSTANT w3, 0x9e3779b9
    add w1, w1, w3
    str w1, [x0]
    ADDRESS x0, bpf_emit_prog
    ADDRESS x1, bpf_prog_name
    bl bpf_image
    mov x1, x0
    ldr x0, [sp, 16]
    str x1, [x0, PROG_FUNC]
    ldp x29, x30, [sp], 32
    ret
END bpf_prog_load

// Frees program x0, which nobody runs any more; 0 is none.
FUNCTION bpf_prog_free
    cbz x0, 1f
    mov x2, x0
    ldr x0, [x2, PROG_FUNC]
    str xzr, [x2, PROG_FUNC]
    ADDRESS x1, bpf_prog_name
    b bpf_image_free
1:  ret
END bpf_prog_free

FUNCTION bpf_free_wait
  .if FAULT_FREE_WAIT == 0
    b synchronize_rcu_tasks
  .else
    ret
  .endif
END bpf_free_wait

// Images

// Makes the image that function x0 emits, with x2 for it to know; x1 = its name. Copies it where it will run, and
// returns the address in x0. No image knows where it is.
FUNCTION bpf_image
    stp x29, x30, [sp, -48]!
    mov x29, sp
    stp x23, x24, [sp, 16]
    str x25, [sp, 32]
    mov x25, x1
    mov x9, x0
    ADDRESS x0, bpf_buffer
    blr x9
    ADDRESS x1, bpf_buffer
    sub x24, x0, x1                      // bytes
    mov x0, x24
    bl bpf_pack_alloc
    mov x23, x0
    ADDRESS x1, bpf_buffer
    mov x2, x24
    bl text_copy
  .if FAULT_COPY_SYNC == 0
    bl kick_other_cpus                   // flush_icache_range's: others may hold what was there
  .endif
  .if FAULT_REPORT == 0 && FAULT_IMAGE_EVENT == 0
    mov x0, x23
    mov x1, 0
    mov x2, 0
    ADDRESS x3, bpf_buffer
    mov x4, x24
    mov x5, x25
    bl report_text
  .endif
    mov x0, x23
    ldr x25, [sp, 32]
    ldp x23, x24, [sp, 16]
    ldp x29, x30, [sp], 48
    ret
END bpf_image

// Frees the image at x0, x1 = its name; 0 is none (bpf_prog_pack_free).
FUNCTION bpf_image_free
    cbz x0, 1f
    CONSTANT x6, TEXT_ROOM
    sub x6, x0, x6
    lsr x6, x6, CHUNK_SHIFT
    ADDRESS x7, bpf_lengths
    ldr w2, [x7, x6, lsl 2]
    add w8, w2, CHUNK_SIZE - 1
    lsr w8, w8, CHUNK_SHIFT              // chunks
    mov x9, 1
    lsl x9, x9, x8
    sub x9, x9, 1
    lsl x9, x9, x6
    ADDRESS x7, bpf_pack
    ldr x10, [x7]
    bic x10, x10, x9
    str x10, [x7]
    lsl x8, x8, CHUNK_SHIFT
  .if FAULT_REPORT == 0 && FAULT_IMAGE_EVENT == 0
    stp x8, x30, [sp, -16]!
    mov x5, x1
    mov x1, x0
    mov x3, 0
    mov x4, 0
    bl report_text
    ldp x8, x30, [sp], 16
  .endif
    mov x1, x8
    b bpf_text_invalidate
1:  ret
END bpf_image_free

// Finds chunks for an image of x0 bytes, the first that are free: their address in x0 (bpf_prog_pack_alloc; Linux makes
// another pack if this one has none).
FUNCTION bpf_pack_alloc
    add x1, x0, CHUNK_SIZE - 1
    lsr x1, x1, CHUNK_SHIFT
    mov x2, 1
    lsl x2, x2, x1
    sub x2, x2, 1                        // as many bits
    mov x3, CHUNKS
    sub x3, x3, x1                       // the last place
    mov x1, 0
    ADDRESS x4, bpf_pack
    ldr x5, [x4]
1:  tst x5, x2
    b.eq 2f
    lsl x2, x2, 1
    add x1, x1, 1
    cmp x1, x3
    b.ls 1b
    mov x1, x5
    PANIC PANIC_NO_ROOM
2:  orr x5, x5, x2
    str x5, [x4]
    ADDRESS x4, bpf_lengths
    str w0, [x4, x1, lsl 2]
    CONSTANT x0, TEXT_ROOM
    add x0, x0, x1, lsl CHUNK_SHIFT
    ret
END bpf_pack_alloc

// Fills x1 bytes at x0, of whole chunks, with BRKs (bpf_arch_text_invalidate).
FUNCTION bpf_text_invalidate
    stp x29, x30, [sp, -32]!
    mov x29, sp
    stp x23, x24, [sp, 16]
    mov x23, x0
    add x24, x0, x1
1:  mov x0, x23
    CONSTANT w1, INSN_BRK_FAULT
    bl write_insn
    add x23, x23, 4
    cmp x23, x24
    b.lo 1b
    ldp x23, x24, [sp, 16]
    ldp x29, x30, [sp], 32
    ret
END bpf_text_invalidate

// Emitters get in x0 where they write and in x2 what to know, and return in x0 the end.

// Copies the words from label `from` to label `to`. Changes x3 to x5.
.macro EMIT from, to
    ADDRESS x3, \from
    ADDRESS x4, \to
8:  ldr w5, [x3], 4
    str w5, [x0], 4
    cmp x3, x4
    b.lo 8b
.endm

// Puts number `value` into the `count` words, MOVZ and MOVK, that were written `back` bytes before x0. Changes it, x3
// to x5.
.macro EMIT_NUMBER value, count, back
    sub x3, x0, \back
    mov x4, \count
9:  ldr w5, [x3]
    bfi x5, \value, 5, 16
    str w5, [x3], 4
    lsr \value, \value, 16
    subs x4, x4, 1
    b.ne 9b
.endm

// Program x2. What it calls the helper with is 1, in as many steps and by such numbers as the seed says.
FUNCTION bpf_emit_prog
    EMIT prog_text, prog_step
    ADDRESS x6, bpf_seed
    ldr w6, [x6]
    lsr w7, w6, 29                       // steps
    mov w8, 0                            // the sum until now
1:  CONSTANT w9, 0x19660d
    CONSTANT w10, 0x3c6ef35f
    madd w6, w6, w9, w10
    add w8, w8, w6
    mov w10, w6
    EMIT prog_step, prog_step_end
    EMIT_NUMBER x10, 2, 12
    subs w7, w7, 1
    b.pl 1b
    mov w10, 1
    sub w10, w10, w8
    EMIT prog_step, prog_step_end
    EMIT_NUMBER x10, 2, 12
    EMIT prog_call, prog_tail
    ADDRESS x10, bpf_count
    EMIT_NUMBER x10, 4, 20
    EMIT prog_tail, prog_slot
    ldr x10, [x2, PROG_KEY]
    add x10, x10, BPF_SLOT
    EMIT_NUMBER x10, 4, 16
    EMIT prog_slot, prog_end
    ldr x10, [x2, PROG_RESULT]
    EMIT_NUMBER x10, 1, 16
    ret
END bpf_emit_prog

// A trampoline that calls the program at x2 with the arguments of the function that it is called from.
FUNCTION bpf_emit_trampoline
    EMIT trampoline_text, trampoline_call
    EMIT_NUMBER x2, 4, 16
    EMIT trampoline_call, trampoline_end
    ret
END bpf_emit_trampoline

.ltorg

.section .rodata
.balign 8
// What images are made of.
prog_text:
    bti c
    mov x9, x30
    nop
    stp x29, x30, [sp, -32]!
    mov x29, sp
    stp x23, x24, [sp, 16]
    mov x24, 0                           // tail calls
prog_tail_entry:
    bti j
    mov w23, 0
prog_step:
    movz w10, 0
    movk w10, 0, lsl 16
    add w23, w23, w10
prog_step_end:
prog_call:
    mov x0, x23
    movz x10, 0
    movk x10, 0, lsl 16
    movk x10, 0, lsl 32
    movk x10, 0, lsl 48
    blr x10
prog_tail:
    cmp x24, TAIL_CALLS_MAX
    b.hs prog_out
    add x24, x24, 1
    movz x10, 0
    movk x10, 0, lsl 16
    movk x10, 0, lsl 32
    movk x10, 0, lsl 48
prog_slot:
    ldr x10, [x10]
    cbz x10, prog_out
    add x10, x10, prog_tail_entry - prog_text
    br x10
prog_out:
    movz w0, 0
    ldp x23, x24, [sp, 16]
    ldp x29, x30, [sp], 32
    ret
prog_end:
trampoline_text:
    bti c
    stp x29, x9, [sp, -16]!
    mov x29, sp
    stp x29, x30, [sp, -80]!
    mov x29, sp
    stp x0, x1, [sp, 16]
    stp x2, x3, [sp, 32]
    stp x4, x5, [sp, 48]
    stp x6, x7, [sp, 64]
    add x0, sp, 16
    movz x10, 0
    movk x10, 0, lsl 16
    movk x10, 0, lsl 32
    movk x10, 0, lsl 48
trampoline_call:
    blr x10
    ldp x6, x7, [sp, 64]
    ldp x4, x5, [sp, 48]
    ldp x2, x3, [sp, 32]
    ldp x0, x1, [sp, 16]
    ldp x29, x30, [sp], 80
    mov x10, x30
    ldp x29, x30, [sp], 16
    ret x10
trampoline_end:
// What flips do, in turn: how often programs run in a call then; 0 for what is attached, 1 for what tail calls go to; a
// new program that returns as much, or 0 for none.
bpf_changes:
    .byte 1, 0, 1, 0
    .byte CHAIN, 1, CHAIN, 0
    .byte CHAIN, 1, CHAIN, 0
    .byte CHAIN, 0, 1, 0
    .byte 1, 1, 0, 0
    .byte 0, 0, 0, 0
.set BPF_CHANGES, (. - bpf_changes) / 4
bpf_prog_name:
    .asciz "bpf_prog"
bpf_trampoline_name:
    .asciz "bpf_trampoline"

.data
.balign 8
bpf_pack:                                // a bit for each chunk: 1 if somebody has it
    .quad 0
bpf_keys:
    .fill KEYS * BPF_SIZE, 1, 0
bpf_lengths:                             // by first chunk, bytes of the image
    .fill CHUNKS, 4, 0
bpf_seed:
    .long 1
.balign 8
bpf_buffer:                              // where images are made
    .fill 512, 1, 0
