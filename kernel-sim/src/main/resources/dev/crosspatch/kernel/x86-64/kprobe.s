// Kernel probes (library part kprobe): a breakpoint over the first byte of any instruction, a handler, and the
// instruction itself out of line, in a slot, or emulated.

// A probe; whoever registers it fills in the first three.
.set KP_ADDRESS, 0
.set KP_HANDLER, 8                       // function: probe in RDI, frame in RSI; returns 1 if the frame says where to
                                         // go on, 0 if the probed instruction is to run. Keeps what functions keep
.set KP_NAME, 16                         // of the site, for events
.set KP_LENGTH, 24                       // of the probed instruction
.set KP_SLOT, 32                         // address of its slot, 0: the instruction is emulated
.set KP_SLOT_LENGTH, 40
.set KP_BOOSTED, 48                      // 1: the slot ends in a jump back
.set KP_MISSED, 56                       // hits within a handler, for which nobody was called
.set KP_NEXT, 64                         // in its chain
.set KP_INSN, 72                         // the instruction as it was, 16 bytes
.set KP_COPY, 88                         // the slot's text, 24 bytes
.set KP_DETOUR, 112                      // of an optimized probe: where hits go on, or 0
.set KP_SIZE, 120

.set KPROBE_CHAINS, 64
.set MAX_INSN_SIZE, 16

// What a CPU is doing (kprobe_ctlblk).
.set KC_CURRENT, 0                       // the probe whose handler or slot it is in, or 0
.set KC_STATUS, 8
.set KC_FLAGS, 16                        // RFLAGS before the slot
.set KC_PREVIOUS, 24                     // the three of a probe that was interrupted by this one
.set KC_SIZE, 64
.set KPROBE_HIT_ACTIVE, 1                // in the handler
.set KPROBE_HIT_SS, 2                    // in the slot
.set KPROBE_REENTER, 4                   // in the slot of a probe that was hit within a handler

.set RFLAGS_IF, 1 << 9

// Attributes of an opcode (insn_attributes).
.set INSN_MODRM, 1
.set INSN_IMM8, 2
.set INSN_IMMZ, 4                        // 32 bits, or 16 with prefix 66
.set INSN_UNKNOWN, 8
.set INSN_IMMV, 16                       // 32 bits, or 64 with REX.W
.set INSN_GROUP3, 32                     // an immediate operand only if it is TEST

.text

// Looks at the instruction at rdi: its length in rax, 0 if it is none that is known here; opcode in edx (those behind
// 0f from 0x100 on); ModRM in r8d, or -1; in ecx the offset of its displacement if that is relative to RIP, else 0.
// Changes rsi, r9 to r11.
FUNCTION insn_decode
    mov rsi, rdi
    xor ecx, ecx
    xor r9d, r9d                         // bit 0: prefix 66, bit 1: REX.W
    mov r8, -1
1:  movzx edx, byte ptr [rsi]
    inc rsi
    cmp edx, 0x66
    jne 2f
    or r9d, 1
    jmp 1b
2:  mov eax, edx
    and eax, 0xe7                        // 26, 2e, 36, 3e
    cmp eax, 0x26
    je 1b
    mov eax, edx
    and eax, 0xfe                        // 64, 65; f2, f3
    cmp eax, 0x64
    je 1b
    cmp eax, 0xf2
    je 1b
    cmp edx, 0xf0
    je 1b
    mov eax, edx
    and eax, 0xf0
    cmp eax, 0x40                        // REX
    jne 3f
    test edx, 8
    jz 1b
    or r9d, 2
    jmp 1b
3:  cmp edx, 0x0f
    jne 4f
    movzx edx, byte ptr [rsi]
    inc rsi
    add edx, 0x100
4:  lea r10, [rip + insn_attributes]
    movzx r11d, byte ptr [r10 + rdx]
    xor eax, eax
    test r11d, INSN_UNKNOWN
    jnz 9f
    test r11d, INSN_MODRM
    jz 6f
    movzx r8d, byte ptr [rsi]
    inc rsi
    mov r10d, r8d
    shr r10d, 6                          // mod
    mov eax, r8d
    and eax, 7                           // r/m
    cmp r10d, 3
    je 6f
    cmp eax, 4
    jne 5f
    movzx eax, byte ptr [rsi]            // SIB
    inc rsi
    and eax, 7
    test r10d, r10d
    jnz 7f
    cmp eax, 5                           // no base: 32 bits
    jne 6f
    add rsi, 4
    jmp 6f
5:  test r10d, r10d
    jnz 7f
    cmp eax, 5
    jne 6f
    mov rcx, rsi
    sub rcx, rdi
    add rsi, 4
    jmp 6f
7:  inc rsi                              // a displacement of 8 bits, or of 32
    cmp r10d, 1
    je 6f
    add rsi, 3
6:  test r11d, INSN_GROUP3
    jz 8f
    test r8d, 0x30                       // /0 and /1
    jnz 8f
    lea rax, [rdx - 0xf6 + 1]            // f6: 8 bits; f7: 32
    lea eax, [rax + rax]                 // INSN_IMM8, INSN_IMMZ
    or r11d, eax
8:  test r11d, INSN_IMM8
    setnz al
    movzx eax, al
    add rsi, rax
    test r11d, INSN_IMMZ
    jz 1f
    lea rsi, [rsi + 4]
    test r9d, 1
    jz 1f
    sub rsi, 2
1:  test r11d, INSN_IMMV
    jz 1f
    add rsi, 4
    test r9d, 2
    jz 1f
    add rsi, 4
1:  mov rax, rsi
    sub rax, rdi
9:  ret
END insn_decode

// Whether opcode edx (as insn_decode has it) is run in a slot that ends in a jump, can_boost: 1 or 0 in eax.
FUNCTION can_boost
    lea r10, [rip + boostable]
    bt [r10], edx
    setc al
    movzx eax, al
    ret
END can_boost

// Whether opcode edx with ModRM r8d is emulated: what goes elsewhere than to the next instruction, or switches
// interrupts. 1 or 0 in eax.
FUNCTION is_emulated
    mov eax, edx
    and eax, 0x1f0
    cmp eax, OP_JCC8
    je 1f
    cmp eax, 0x100 + OP_JCC32
    je 1f
    mov eax, edx
    and eax, 0x1fc
    cmp eax, 0xe0                        // LOOPNE, LOOPE, LOOP, JRCXZ
    je 1f
    mov eax, edx
    cmp eax, OP_CALL
    je 1f
    cmp eax, OP_JMP32
    je 1f
    cmp eax, OP_JMP8
    je 1f
    cmp eax, OP_RET
    je 1f
    cmp eax, 0xfa                        // CLI
    je 1f
    cmp eax, 0xfb                        // STI
    je 1f
    xor eax, eax
    ret
1:  mov eax, 1
    ret
END is_emulated

// Copies the instruction at rsi to rdi, as it is to run at rdx: a displacement from RIP leads where it led. Returns its
// length in rax, 0 if it cannot be copied. What insn_decode says of it in edx, r8d. Changes rcx, rsi, rdi, r9 to r11.
// __copy_instruction.
FUNCTION copy_instruction
    push rbx
    push rbp
    push r12
    mov rbx, rdi
    mov rbp, rsi
    mov r12, rdx
    mov rdi, rsi
    call insn_decode
    mov r9, rcx
    mov rdi, rbx
    mov rsi, rbp
    mov ecx, eax
    rep movsb
    test r9, r9
    jz 1f
    sub rbp, r12
    add [rbx + r9], ebp
1:  pop r12
    pop rbp
    pop rbx
    ret
END copy_instruction

// Registers and arms probe rdi. register_kprobe. With part text-reserved: 1 in eax, or 0 if it is refused
// (check_kprobe_address_safe).
FUNCTION register_kprobe
    push rbx
    mov rbx, rdi
  .if USES_TEXT_RESERVED
  .if FAULT_PROBE_RESERVED == 0
    mov rdi, [rbx + KP_ADDRESS]
    mov esi, 1
    call text_reserved
    test eax, eax
    jnz 1f
  .endif
  .endif
    call prepare_kprobe
    call kprobe_chain
    mov rcx, [rax]
    mov [rbx + KP_NEXT], rcx
    mov [rax], rbx
    mov rdi, rbx
    call arm_kprobe
  .if USES_TEXT_RESERVED
    mov eax, 1
    pop rbx
    ret
1:  xor eax, eax
  .endif
    pop rbx
    ret
END register_kprobe

// Decides how the instruction of probe rbx will run, and if out of line, fills a slot. arch_prepare_kprobe. Linux has a
// slot for what it emulates, too, which nobody runs.
FUNCTION prepare_kprobe
    mov qword ptr [rbx + KP_SLOT], 0
    mov qword ptr [rbx + KP_BOOSTED], 0
    mov rsi, [rbx + KP_ADDRESS]
    lea rdi, [rbx + KP_INSN]
    mov rdx, rsi
    call copy_instruction
    mov [rbx + KP_LENGTH], rax
    test rax, rax
    jz 9f
    call is_emulated
    test eax, eax
    jnz 3f
    mov edi, MAX_INSN_SIZE
    call text_alloc
    test rax, rax
    jz 9f
    mov [rbx + KP_SLOT], rax
    mov rsi, [rbx + KP_ADDRESS]
    lea rdi, [rbx + KP_COPY]
    mov rdx, rax
    call copy_instruction
    call can_boost
    mov rcx, [rbx + KP_LENGTH]
    mov byte ptr [rbx + rcx + KP_COPY], OP_INT3
    lea rdx, [rcx + 1]
    test eax, eax
    jz 1f
    cmp ecx, MAX_INSN_SIZE - 5
    ja 1f
    mov [rbx + KP_BOOSTED], rax
    mov byte ptr [rbx + rcx + KP_COPY], OP_JMP32
    mov rax, [rbx + KP_ADDRESS]
    sub rax, [rbx + KP_SLOT]
    sub eax, 5
    mov [rbx + rcx + KP_COPY + 1], eax
    lea rdx, [rcx + 5]
1:  mov [rbx + KP_SLOT_LENGTH], rdx
  .if FAULT_SLOT_EVENT == 0
    mov rdi, [rbx + KP_SLOT]
    xor esi, esi
    xor edx, edx
    lea rcx, [rbx + KP_COPY]
    mov r8, [rbx + KP_SLOT_LENGTH]
    mov r9, [rbx + KP_NAME]
    call report_text
  .endif
    mov rdi, [rbx + KP_SLOT]
    lea rsi, [rbx + KP_COPY]
    mov rdx, [rbx + KP_SLOT_LENGTH]
    jmp text_copy
3:  ret
9:  mov rdi, [rbx + KP_ADDRESS]
    mov rsi, [rbx + KP_INSN]
    PANIC PANIC_CANNOT_EMULATE
END prepare_kprobe

// Probe rdi gets its breakpoint: the store, the sync, the event. arch_arm_kprobe.
FUNCTION arm_kprobe
    push rbx
    mov rbx, rdi
  .if FAULT_KPROBE_EVENT_ORDER == 1
    lea rsi, [rbx + KP_INSN]
    lea rcx, [rip + int3_byte]
    call report_kprobe
  .endif
    mov rdi, [rbx + KP_ADDRESS]
    lea rsi, [rip + int3_byte]
    mov edx, 1
    call text_poke
  .if FAULT_KPROBE_SYNC == 0
    call sync_each_cpu
  .endif
  .if FAULT_KPROBE_EVENT_ORDER == 0
    lea rsi, [rbx + KP_INSN]
    lea rcx, [rip + int3_byte]
    call report_kprobe
  .endif
    pop rbx
    ret
END arm_kprobe

// Probe rdi loses its breakpoint: the event, the store, the sync. arch_disarm_kprobe.
FUNCTION disarm_kprobe
    push rbx
    mov rbx, rdi
  .if FAULT_KPROBE_EVENT_ORDER == 0
    lea rsi, [rip + int3_byte]
    lea rcx, [rbx + KP_INSN]
    call report_kprobe
  .endif
    mov rdi, [rbx + KP_ADDRESS]
    lea rsi, [rbx + KP_INSN]
    mov edx, 1
    call text_poke
  .if FAULT_KPROBE_SYNC == 0
    call sync_each_cpu
  .endif
  .if FAULT_KPROBE_EVENT_ORDER == 1
    lea rsi, [rip + int3_byte]
    lea rcx, [rbx + KP_INSN]
    call report_kprobe
  .endif
    pop rbx
    ret
END disarm_kprobe

// The event of probe rbx: the byte at rsi was replaced by the one at rcx.
FUNCTION report_kprobe
  .if FAULT_KPROBE_EVENT == 0
    mov rdi, [rbx + KP_ADDRESS]
    mov edx, 1
    mov r8d, edx
    mov r9, [rbx + KP_NAME]
    jmp report_text
  .else
    ret
  .endif
END report_kprobe

// Disarms probe rdi and frees its slot once nobody can be in it. unregister_kprobe.
FUNCTION unregister_kprobe
    push rbx
    mov rbx, rdi
    call disarm_kprobe
    call kprobe_chain
1:  cmp [rax], rbx
    je 2f
    mov rax, [rax]
    add rax, KP_NEXT
    jmp 1b
2:  mov rcx, [rbx + KP_NEXT]
    mov [rax], rcx
    call synchronize_rcu_tasks
    cmp qword ptr [rbx + KP_SLOT], 0
    je 3f
  .if FAULT_SLOT_EVENT == 0
    mov rdi, [rbx + KP_SLOT]
    lea rsi, [rbx + KP_COPY]
    mov rdx, [rbx + KP_SLOT_LENGTH]
    xor ecx, ecx
    xor r8d, r8d
    mov r9, [rbx + KP_NAME]
    call report_text
  .endif
    mov rdi, [rbx + KP_SLOT]
    mov esi, MAX_INSN_SIZE
    call text_free
3:  pop rbx
    ret
END unregister_kprobe

// Where the chain of probe rbx begins, in rax.
FUNCTION kprobe_chain
    mov rcx, [rbx + KP_ADDRESS]
    and ecx, KPROBE_CHAINS - 1
    lea rax, [rip + kprobe_chains]
    lea rax, [rax + rcx * 8]
    ret
END kprobe_chain

// The probe at rdi in rax, or 0. Changes rcx. get_kprobe.
FUNCTION get_kprobe
    mov ecx, edi
    and ecx, KPROBE_CHAINS - 1
    lea rax, [rip + kprobe_chains]
    mov rax, [rax + rcx * 8]
    jmp 2f
1:  cmp [rax + KP_ADDRESS], rdi
    je 3f
    mov rax, [rax + KP_NEXT]
2:  test rax, rax
    jnz 1b
3:  ret
END get_kprobe

// Called by the #BP entry behind poke_breakpoint, with interrupts off; rdi = the frame. Returns 1 if the frame says
// where to go on, else 0. kprobe_int3_handler.
FUNCTION kprobe_breakpoint
    push rbx
    push rbp
    push r12
    mov rbx, rdi
    mov rax, gs:[CPU_NUMBER]
    shl rax, 6                           // KC_SIZE
    lea rbp, [rip + kprobe_control]
    add rbp, rax
    mov rdi, [rbx + FRAME_RIP]
    dec rdi
    call get_kprobe
    test rax, rax
    jz 3f
    mov r12, rax
    cmp qword ptr [rbp + KC_CURRENT], 0
    jne 2f
    mov [rbp + KC_CURRENT], r12
    mov qword ptr [rbp + KC_STATUS], KPROBE_HIT_ACTIVE
    mov rdi, r12
    mov rsi, rbx
    call [r12 + KP_HANDLER]
    test eax, eax
    jz 1f
    mov qword ptr [rbp + KC_CURRENT], 0
    jmp 8f
1:  mov ecx, KPROBE_HIT_SS
    call setup_singlestep
    jmp 8f

    // Within a handler: reenter_kprobe.
2:  lock inc qword ptr [r12 + KP_MISSED]
    cmp qword ptr [rbp + KC_STATUS], KPROBE_HIT_ACTIVE
    jne 7f
    mov ecx, KPROBE_REENTER
    call setup_singlestep
    jmp 8f

    // Not a probe's breakpoint; the one at the end of a slot?
3:  mov r12, [rbp + KC_CURRENT]
    test r12, r12
    jz 4f
    test qword ptr [rbp + KC_STATUS], KPROBE_HIT_SS + KPROBE_REENTER
    jz 4f
    mov rax, [rbx + FRAME_RIP]
    sub rax, [r12 + KP_SLOT]
    dec rax
    cmp rax, [r12 + KP_LENGTH]
    jne 4f
    add rax, [r12 + KP_ADDRESS]
    mov [rbx + FRAME_RIP], rax
    mov rax, [rbp + KC_FLAGS]
    and eax, RFLAGS_IF
    or [rbx + FRAME_RFLAGS], rax
    call kprobe_done
    jmp 8f

    // It is gone meanwhile: back to what is there now.
4:  mov rdi, [rbx + FRAME_RIP]
    dec rdi
    xor eax, eax
    cmp byte ptr [rdi], OP_INT3
    je 9f
    mov [rbx + FRAME_RIP], rdi
    jmp 8f
7:  mov rdi, [r12 + KP_ADDRESS]          // "Unrecoverable kprobe detected"
    mov rsi, [rbp + KC_STATUS]
    PANIC PANIC_TRAP_RECURSION
8:  mov eax, 1
9:  pop r12
    pop rbp
    pop rbx
    ret
END kprobe_breakpoint

// The instruction of probe r12, whose handler has returned or was not called: emulates it, or leads frame rbx to its
// slot; ecx = KPROBE_HIT_SS or KPROBE_REENTER, rbp = what the CPU is doing. Changes what a function may.
FUNCTION setup_singlestep
  .if USES_OPTPROBE
    mov rax, [r12 + KP_DETOUR]           // setup_detour_execution
    test rax, rax
    jz 5f
    mov [rbx + FRAME_RIP], rax
    cmp ecx, KPROBE_REENTER
    je 6f
    mov qword ptr [rbp + KC_CURRENT], 0
6:  ret
5:
  .endif
    cmp ecx, KPROBE_REENTER
    je 1f
    cmp qword ptr [r12 + KP_BOOSTED], 0
    je 2f
    mov qword ptr [rbp + KC_CURRENT], 0
1:  cmp qword ptr [r12 + KP_BOOSTED], 0
    jne 4f
    mov rax, [rbp + KC_CURRENT]
    mov [rbp + KC_PREVIOUS], rax
    mov rax, [rbp + KC_STATUS]
    mov [rbp + KC_PREVIOUS + 8], rax
    mov rax, [rbp + KC_FLAGS]
    mov [rbp + KC_PREVIOUS + 16], rax
    mov [rbp + KC_CURRENT], r12
2:  mov [rbp + KC_STATUS], rcx
    cmp qword ptr [r12 + KP_SLOT], 0
    jne 3f
    call emulate_insn
    jmp kprobe_done
3:  mov rax, [rbx + FRAME_RFLAGS]
    mov [rbp + KC_FLAGS], rax
    and qword ptr [rbx + FRAME_RFLAGS], ~RFLAGS_IF
4:  mov rax, [r12 + KP_SLOT]
    mov [rbx + FRAME_RIP], rax
    ret
END setup_singlestep

// The CPU is done with its probe, rbp = what it was doing. kprobe_post_process.
FUNCTION kprobe_done
    xor eax, eax
    cmp qword ptr [rbp + KC_STATUS], KPROBE_REENTER
    jne 1f
    mov rax, [rbp + KC_PREVIOUS + 8]
    mov [rbp + KC_STATUS], rax
    mov rax, [rbp + KC_PREVIOUS + 16]
    mov [rbp + KC_FLAGS], rax
    mov rax, [rbp + KC_PREVIOUS]
1:  mov [rbp + KC_CURRENT], rax
    ret
END kprobe_done

// Does to frame rbx what the instruction of probe r12 would do. Its RCX lies in the second slot below the frame
// (PUSH_SCRATCH). Changes rax, rcx, rdx, rdi, r9, r10.
FUNCTION emulate_insn
    mov rcx, [r12 + KP_ADDRESS]
    add rcx, [r12 + KP_LENGTH]           // next instruction
    movzx eax, byte ptr [r12 + KP_INSN]
    movsxd rdx, dword ptr [r12 + KP_INSN + 1]
    cmp eax, OP_CALL
    je 2f
    cmp eax, OP_JMP32
    je 7f
    movsx rdx, byte ptr [r12 + KP_INSN + 1]
    cmp eax, OP_JMP8
    je 7f
    cmp eax, OP_RET
    je 3f
    cmp eax, 0xfa
    je 4f
    cmp eax, 0xfb
    je 5f
    mov edi, eax
    and edi, 0xf0
    cmp edi, OP_JCC8
    je 1f
    cmp edi, 0xe0
    je 6f
    movsxd rdx, dword ptr [r12 + KP_INSN + 2]
    movzx eax, byte ptr [r12 + KP_INSN + 1]
    sub eax, OP_JCC32 - OP_JCC8
1:  mov rdi, rbx
    call condition_holds
    jmp 8f
2:  mov rax, [rbx + FRAME_RSP]           // breakpoint_entry left room for this push
    sub rax, 8
    mov [rbx + FRAME_RSP], rax
    mov [rax], rcx
    jmp 7f
3:  mov rdx, [rbx + FRAME_RSP]
    add qword ptr [rbx + FRAME_RSP], 8
    mov rcx, [rdx]
    jmp 9f
4:  and qword ptr [rbx + FRAME_RFLAGS], ~RFLAGS_IF
    jmp 9f
5:  or qword ptr [rbx + FRAME_RFLAGS], RFLAGS_IF
    jmp 9f
6:  mov edi, eax                         // LOOPNE, LOOPE, LOOP, JRCXZ
    mov rax, [rbx - 16]
    cmp edi, 0xe3
    je 1f
    dec rax
    mov [rbx - 16], rax
    setnz al
    movzx eax, al
    cmp edi, 0xe2
    je 8f
    mov r9, [rbx + FRAME_RFLAGS]
    shr r9d, 6                           // ZF; e0 wants it clear, e1 set
    xor r9d, edi
    xor r9d, 1
    and eax, r9d
    jmp 8f
1:  test rax, rax
    setz al
    movzx eax, al
8:  test eax, eax
    jz 9f
7:  add rcx, rdx
9:  mov [rbx + FRAME_RIP], rcx
    ret
END emulate_insn

.section .rodata
.balign 16
// Of opcodes of one byte, then of those behind 0f.
insn_attributes:
  .rept 8                                // 00 to 3f
    .byte 1, 1, 1, 1, 2, 4, 8, 8
  .endr
    .fill 16, 1, 8                       // 40: prefixes
    .fill 16, 1, 0                       // 50
    .byte 8, 8, 8, 1, 8, 8, 8, 8, 4, 5, 2, 3, 0, 0, 0, 0
    .fill 16, 1, 2                       // 70
    .byte 3, 5, 8, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1
    .byte 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0
    .byte 8, 8, 8, 8, 0, 0, 0, 0, 2, 4, 0, 0, 0, 0, 0, 0
    .fill 8, 1, 2                        // b0
    .fill 8, 1, 16
    .byte 3, 3, 8, 0, 8, 8, 3, 5, 8, 0, 8, 8, 8, 2, 8, 0
    .byte 1, 1, 1, 1, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8
    .byte 2, 2, 2, 2, 8, 8, 8, 8, 4, 4, 8, 2, 0, 0, 0, 0
    .byte 8, 8, 8, 8, 0, 0, 0x21, 0x21, 0, 0, 0, 0, 0, 0, 1, 1
    .byte 1, 1, 1, 1, 8, 0, 0, 0, 0, 0, 8, 0, 8, 1, 8, 8
    .fill 16, 1, 1                       // 10
    .byte 1, 1, 1, 1, 8, 8, 8, 8, 1, 1, 1, 1, 1, 1, 1, 1
    .byte 0, 0, 0, 0, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8
    .fill 48, 1, 1                       // 40, 50, 60
    .byte 3, 3, 3, 3, 1, 1, 1, 0, 1, 1, 8, 8, 1, 1, 1, 1
    .fill 16, 1, 4                       // 80
    .fill 16, 1, 1                       // 90
    .byte 0, 0, 0, 1, 3, 1, 8, 8, 0, 0, 0, 1, 3, 1, 1, 1
    .byte 1, 1, 1, 1, 1, 1, 1, 1, 1, 8, 3, 1, 1, 1, 1, 1
    .byte 1, 1, 3, 1, 3, 3, 3, 1, 0, 0, 0, 0, 0, 0, 0, 0
    .fill 48, 1, 1                       // d0, e0, f0

// A bit for each of those that a slot with a jump at its end may have.
boostable:
    .short 0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0xfffb, 0
    .short 0xffff, 0xfbff, 0xffff, 0xffff, 0x0ffc, 0, 0, 0x3f20
    .short 0x034c, 0x8000, 0x000f, 0x0002, 0xffff, 0, 0xcfff, 0xc0f0
    .short 0, 0xffff, 0xbb3b, 0xf8ff, 0xff03, 0xbb2e, 0xbb26, 0x772e

.data
.balign 64
kprobe_control:
    .fill 64 * KC_SIZE / 8, 8, 0
kprobe_chains:
    .fill KPROBE_CHAINS, 8, 0
