// Programs that the kernel makes while it runs, as Linux's BPF does: kernel/bpf/core.c (bpf_prog_pack_alloc),
// arch/x86/net/bpf_jit_comp.c.

// A program.
.set PROG_FUNC, 0                        // where it is, or 0
.set PROG_BYPASS, 8                      // where a jump leads around its tail call, or a NOP into it
.set PROG_TARGET, 16                     // where the tail call's jump is, or a NOP
.set PROG_RESULT, 24                     // what it returns if it makes no tail call
.set PROG_SIZE, 32

// What is known of a key, in bpf_keys.
.set BPF_WORD, 0                         // how often its programs run in a call; CHANGING; how often that has changed
.set BPF_FUNC, 8                         // what callers with a pointer call
.set BPF_ENTRY, 16                       // record of the program that is attached, or 0
.set BPF_SLOT, 24                        // of the one that tail calls go to, or 0: the program array
.set BPF_CALL, 32                        // trampoline that even sites call, or 0
.set BPF_JUMP, 40                        // dispatcher that odd sites jump to, or 0
.set BPF_PROGS, 48                       // records of programs
.set BPF_PROGS_MAX, 4
.set BPF_SIZE, BPF_PROGS + BPF_PROGS_MAX * PROG_SIZE

.set CHANGING, 1 << 8
.set CHANGES, 1 << 9

// A pack: chunks of executable room, full of INT3 where nobody has them.
.set PACK_SIZE, 4096
.set CHUNK_SHIFT, 6
.set CHUNK_SIZE, 1 << CHUNK_SHIFT
.set CHUNKS, PACK_SIZE / CHUNK_SIZE

.set PATCH_SIZE, 5
.set ENDBR64, 0xfa1e0ff3
.set TAIL_CALL_OFFSET, 15                // behind what a tail call passes over
.set TAIL_CALLS_MAX, 3
.set CHAIN, TAIL_CALLS_MAX + 1           // programs in a call that makes all its tail calls
.set EBUSY, 16

.text

// Calls function n, whose entry is the site. Even ones get a number in every register that holds an argument, and make
// the sum of them; odd ones are called with a pointer to the program, and return what it does. Gives up if RBX was not
// kept or if, with nobody changing the key from before the call until behind it, programs ran more or less often than
// the key says, or returned something else.
.macro SITE n, length, boundary, offset
    push rbx
    push gs:[CPU_SITES_ON]
    push [rip + bpf_keys + site_\n\()_key * BPF_SIZE + BPF_WORD]
  .if (\n & 1) == 0
    mov eax, \n + 1
    mov ecx, 2
    mov edx, 3
    mov esi, 5
    mov edi, 7
    mov r8d, 11
    mov r9, -2 - 3 - 5 - 7 - 11
    call hooked_\n
    mov r9, rax
  .else
    mov rdx, [rip + bpf_keys + site_\n\()_key * BPF_SIZE + BPF_FUNC]
    call hooked_\n
    mov r9d, \n + 1
  .endif
    pop rcx
    pop rdx
    pop r8
    cmp r8, rbx
    jne 2f
    cmp rcx, [rip + bpf_keys + site_\n\()_key * BPF_SIZE + BPF_WORD]
    jne 1f
    test ecx, CHANGING
    jnz 1f
    movzx ecx, cl
  .if (\n & 1) == 1
    mov r8d, eax
    cmp eax, ecx
    jne 2f
  .endif
    mov r8, gs:[CPU_SITES_ON]
    sub r8, rdx
    cmp r8, rcx
    jne 2f
1:  add gs:[CPU_CHECKSUM], r9
    jmp .Lsite_\n\()_end
2:  lea rdi, [rip + site_\n]
    mov rsi, r8
    PANIC PANIC_COUNT_DIFFERS

    FUNCTION hooked_\n
  .if (\n & 2) == 0
    endbr64
  .endif
    PLACE_SITE \n, \boundary, \offset
  .if (\n & 1) == 1
site_\n\()_on:
    .byte 0x0f, 0x1f, 0x44, 0x00, 0x00
    jmp rdx
  .else
    .byte 0x0f, 0x1f, 0x44, 0x00, 0x00
site_\n\()_on:
    inc qword ptr gs:[CPU_SITES_OFF]
  .irp register, rcx, rdx, rsi, rdi, r8, r9
    add rax, \register
  .endr
    ret
  .endif
    END hooked_\n
.Lsite_\n\()_end:
.endm

FUNCTION mechanism_boot
    call init_text_room
    lea rdi, [rip + bpf_keys]
    lea rax, [rip + bpf_idle]
    mov ecx, KEYS
1:  mov [rdi + BPF_FUNC], rax
    add rdi, BPF_SIZE
    dec ecx
    jnz 1b
    mov rdi, TEXT_ROOM
    mov esi, PACK_SIZE
    jmp bpf_text_invalidate
END mechanism_boot

// What a pointer leads to while no program is there.
FUNCTION bpf_idle
    endbr64
    xor eax, eax
    ret
END bpf_idle

// The helper that programs call: rdi is 1, if all of the program ran that made it.
FUNCTION bpf_count
    add gs:[CPU_SITES_ON], rdi
    ret
END bpf_count

// What somebody else would have functions call.
FUNCTION bpf_foreign
    ret
END bpf_foreign

// Key rdi goes on to its next change.
FUNCTION mechanism_flip
    push rbx
    push rbp
    push r12
    imul rbx, rdi, BPF_SIZE
    lea rax, [rip + bpf_keys]
    add rbx, rax
    lea rax, [rip + lab_key_state]
    mov rcx, [rax + rdi * 8]
    lea rdx, [rip + bpf_changes]
    lea rbp, [rdx + rcx * 4]
    inc rcx
    cmp rcx, offset BPF_CHANGES
    jb 1f
    xor ecx, ecx
1:  mov [rax + rdi * 8], rcx
    shl rdi, 4                           // KEY_SIZE
    lea r12, [rip + lab_keys]
    add r12, rdi
    mov al, [rbp]
    cmp al, [rbx + BPF_WORD]
    je 2f
    add qword ptr [rbx + BPF_WORD], CHANGING
2:  xor eax, eax
    movzx edi, byte ptr [rbp + 2]
    test edi, edi
    jz 3f
    call bpf_prog_load
3:  mov rdi, rax
    lea rax, [rip + bpf_entry_update]
    lea rcx, [rip + bpf_slot_update]
    cmp byte ptr [rbp + 1], 0
    cmovne rax, rcx
    call rax
    mov rax, [rbx + BPF_WORD]
    test eax, CHANGING
    jz 4f
    add rax, CHANGES - CHANGING
    mov al, [rbp]
    mov [rbx + BPF_WORD], rax
4:  pop r12
    pop rbp
    pop rbx
    ret
END mechanism_flip

// Program rdi, or none if that is 0, takes the place of the one that is attached to key rbx, whose sites r12 knows; the
// old one is freed.
FUNCTION bpf_entry_update
    push rbp
    push r13
    push r14
    push [rbx + BPF_ENTRY]
    push [rbx + BPF_CALL]
    push [rbx + BPF_JUMP]
    mov [rbx + BPF_ENTRY], rdi
    lea rax, [rip + bpf_idle]
    xor r13d, r13d
    xor r14d, r14d
    test rdi, rdi
    jz 1f
    mov rax, [rdi + PROG_FUNC]
1:  mov [rbx + BPF_FUNC], rax            // who has another pointer than the dispatcher passes it
    test rdi, rdi
    jz 2f
    mov rbp, rax
    lea rdi, [rip + bpf_emit_trampoline]
    lea rsi, [rip + bpf_trampoline_name]
    call bpf_image
    mov r13, rax
    lea rdi, [rip + bpf_emit_dispatcher]
    lea rsi, [rip + bpf_dispatcher_name]
    call bpf_image
    mov r14, rax
2:  mov [rbx + BPF_CALL], r13
    mov [rbx + BPF_JUMP], r14
    mov rbp, [r12 + KEY_FIRST]
    push [r12 + KEY_COUNT]
3:  mov esi, OP_CALL
    mov rdx, [rsp + 16]                  // the old trampoline
    mov rcx, r13
    mov rdi, [rbp + SITE_CODE]
    cmp rdi, [rbp + SITE_TARGET]
    jne 4f
    mov esi, OP_JMP32
    mov rdx, [rsp + 8]                   // the old dispatcher
    mov rcx, r14
4:  mov r8, [rbp + SITE_NAME]
    call bpf_text_poke_or_panic
    add rbp, SITE_SIZE
    dec qword ptr [rsp]
    jnz 3b
    pop rax

    // Somebody who thinks that nothing is attached to the last one is refused.
    test r13, r13
    jz 5f
    mov rdi, [rbp + SITE_CODE - SITE_SIZE]
    mov esi, OP_CALL
    mov eax, OP_JMP32
    cmp rdi, [rbp + SITE_TARGET - SITE_SIZE]
    cmove esi, eax
    xor edx, edx
    lea rcx, [rip + bpf_foreign]
    mov r8, [rbp + SITE_NAME - SITE_SIZE]
    call bpf_text_poke

5:  call bpf_free_wait
    pop rdi
    lea rsi, [rip + bpf_dispatcher_name]
    call bpf_image_free
    pop rdi
    lea rsi, [rip + bpf_trampoline_name]
    call bpf_image_free
    pop rdi
    call bpf_prog_free
    pop r14
    pop r13
    pop rbp
    ret
END bpf_entry_update

// Program rdi, or none if that is 0, takes the place of the one that the tail calls of key rbx go to, in all its
// programs; the old one is freed (prog_array_map_poke_run).
FUNCTION bpf_slot_update
    push rbp
    push r12
    push r13
    push r14
    mov r13, rdi
    mov r14, [rbx + BPF_SLOT]
    mov [rbx + BPF_SLOT], rdi
    mov r12d, BPF_PROGS_MAX
    lea rbp, [rbx + BPF_PROGS]
1:  cmp qword ptr [rbp + PROG_FUNC], 0
    je 2f
    call bpf_tail_update
2:  add rbp, PROG_SIZE
    dec r12d
    jnz 1b
    call bpf_free_wait
    mov rdi, r14
    call bpf_prog_free
    pop r14
    pop r13
    pop r12
    pop rbp
    ret
END bpf_slot_update

// The tail call of program rbp goes to program r13 in place of r14, either of which may be 0 for none. A way in is
// opened when the jump is there, and closed before it goes (bpf_arch_poke_desc_update).
FUNCTION bpf_tail_update
    test r13, r13
    jz 2f
  .if FAULT_TAIL_ORDER == 0
    call bpf_tail_target
  .endif
    test r14, r14
    jnz 1f
    mov rdx, [rbp + PROG_TARGET]
    add rdx, PATCH_SIZE
    xor ecx, ecx
    call bpf_tail_bypass
1:
  .if FAULT_TAIL_ORDER == 1
    call bpf_tail_target
  .endif
    ret
2:  xor edx, edx
    mov rcx, [rbp + PROG_TARGET]
    add rcx, PATCH_SIZE
    call bpf_tail_bypass
  .if FAULT_TAIL_WAIT == 0
    call synchronize_rcu_tasks           // who has left its frame behind must find the jump
  .endif
    jmp bpf_tail_target
END bpf_tail_update

FUNCTION bpf_tail_bypass
    mov rdi, [rbp + PROG_BYPASS]
    jmp bpf_tail_poke
END bpf_tail_bypass

FUNCTION bpf_tail_target
    mov rdi, [rbp + PROG_TARGET]
    xor edx, edx
    test r14, r14
    jz 1f
    mov rdx, [r14 + PROG_FUNC]
    add rdx, TAIL_CALL_OFFSET
1:  xor ecx, ecx
    test r13, r13
    jz bpf_tail_poke
    mov rcx, [r13 + PROG_FUNC]
    add rcx, TAIL_CALL_OFFSET
    jmp bpf_tail_poke
END bpf_tail_target

FUNCTION bpf_tail_poke
    mov esi, OP_JMP32
    lea r8, [rip + bpf_prog_name]
    jmp bpf_text_poke_or_panic
END bpf_tail_poke

FUNCTION bpf_text_poke_or_panic
    push rdi
    call bpf_text_poke
    pop rdi
    test eax, eax
    js 1f
    ret
1:  mov rsi, [rdi]
    PANIC PANIC_OLD_TEXT_DIFFERS
END bpf_text_poke_or_panic

// The text at rdi, a CALL or JMP (esi) to rdx or, if that is 0, a NOP, becomes the same to rcx; r8 = its name. In eax
// what Linux's bpf_arch_text_poke returns: 0, 1 if nothing is to do, -EBUSY if the text is another.
FUNCTION bpf_text_poke
    sub rsp, 24                          // the old instruction, the new one
    push r8
    mov r8, rcx
    lea r9, [rsp + 8]
    call bpf_branch
    mov rdx, r8
    lea r9, [rsp + 16]
    call bpf_branch
    mov rax, [rdi]
  .if FAULT_OLD_TEXT == 0
    mov rdx, [rsp + 8]
    xor rdx, rax
    shl rdx, 64 - PATCH_SIZE * 8
    jnz 8f
  .endif
    xor rax, [rsp + 16]
    shl rax, 64 - PATCH_SIZE * 8
    mov eax, 1
    jz 9f
    lea rsi, [rsp + 16]
    mov edx, PATCH_SIZE
    xor ecx, ecx
    mov r8, [rsp]
    call poke_queue
    call poke_finish
    xor eax, eax
    jmp 9f
8:  mov eax, -EBUSY
9:  add rsp, 32
    ret
END bpf_text_poke

// Writes branch esi at rdi to rdx, or a NOP if rdx is 0, to r9. Changes rax.
FUNCTION bpf_branch
    NOP5_AT r9
    test rdx, rdx
    jz 1f
    mov rax, rdx
    sub rax, rdi
    sub eax, PATCH_SIZE
    mov [r9], sil
    mov [r9 + 1], eax
1:  ret
END bpf_branch

// A program of key rbx that returns edi, if it makes no tail call: its record in rax. Its own tail call leads to what
// is there for it (bpf_tail_call_direct_fixup).
FUNCTION bpf_prog_load
    push rbp
    push r13
    push r14
    lea rbp, [rbx + BPF_PROGS]
1:  cmp qword ptr [rbp + PROG_FUNC], 0
    je 2f
    add rbp, PROG_SIZE
    jmp 1b
2:  mov [rbp + PROG_RESULT], edi
    add dword ptr [rip + bpf_seed], 0x9e3779b9
    lea rdi, [rip + bpf_emit_prog]
    lea rsi, [rip + bpf_prog_name]
    call bpf_image
    mov [rbp + PROG_FUNC], rax
    mov r13, [rbx + BPF_SLOT]
    xor r14d, r14d
    test r13, r13
    jz 3f
    call bpf_tail_update
3:  mov rax, rbp
    pop r14
    pop r13
    pop rbp
    ret
END bpf_prog_load

// Frees program rdi, which nobody runs any more; 0 is none.
FUNCTION bpf_prog_free
    test rdi, rdi
    jz 1f
    mov rax, rdi
    mov rdi, [rax + PROG_FUNC]
    mov qword ptr [rax + PROG_FUNC], 0
    lea rsi, [rip + bpf_prog_name]
    jmp bpf_image_free
1:  ret
END bpf_prog_free

FUNCTION bpf_free_wait
  .if FAULT_FREE_WAIT == 0
    jmp synchronize_rcu_tasks
  .else
    ret
  .endif
END bpf_free_wait

// Images

// Makes the image that function rdi emits: once to learn its length, once for the address where it will run; its name
// in rsi. Copies it there, and returns the address in rax. Changes rbp never: what the function gets.
FUNCTION bpf_image
    push rbx
    push r12
    push r13
    push r14
    mov r12, rdi
    mov r14, rsi
    lea rdi, [rip + bpf_buffer]
    xor r8d, r8d
    call r12
    lea rax, [rip + bpf_buffer]
    sub rdi, rax
    mov r13, rdi                         // bytes
    call bpf_pack_alloc
    mov rbx, rax
    lea rdi, [rip + bpf_buffer]
    mov r8, rbx
    sub r8, rdi
    call r12
    mov rdi, rbx
    lea rsi, [rip + bpf_buffer]
    mov rdx, r13
    call text_copy
  .if FAULT_COPY_SYNC == 0
    call sync_each_cpu                   // others may hold what was there
  .endif
  .if FAULT_REPORT == 0 && FAULT_IMAGE_EVENT == 0
    mov rdi, rbx
    xor esi, esi
    xor edx, edx
    lea rcx, [rip + bpf_buffer]
    mov r8, r13
    mov r9, r14
    call report_text
  .endif
    mov rax, rbx
    pop r14
    pop r13
    pop r12
    pop rbx
    ret
END bpf_image

// Frees the image at rdi, rsi = its name; 0 is none (bpf_prog_pack_free).
FUNCTION bpf_image_free
    test rdi, rdi
    jz 1f
    push rdi
    call bpf_chunk
    mov edx, [rax]
  .if FAULT_REPORT == 0 && FAULT_IMAGE_EVENT == 0
    push rdx
    mov r9, rsi
    mov rsi, rdi
    xor ecx, ecx
    xor r8d, r8d
    call report_text
    pop rdx
  .endif
    pop rdi
    call bpf_chunk
    mov dword ptr [rax], 0
    lea esi, [rdx + CHUNK_SIZE - 1]
    shr esi, CHUNK_SHIFT
    mov eax, 1
    xchg ecx, esi
    shl rax, cl
    xchg ecx, esi
    dec rax
    shl rax, cl
    not rax
    and [rip + bpf_pack], rax
    shl esi, CHUNK_SHIFT
    jmp bpf_text_invalidate
1:  ret
END bpf_image_free

// For the chunk at rdi its number in ecx and the address of its image's length in rax.
FUNCTION bpf_chunk
    mov rcx, rdi
    mov rax, TEXT_ROOM
    sub rcx, rax
    shr ecx, CHUNK_SHIFT
    lea rax, [rip + bpf_lengths]
    lea rax, [rax + rcx * 4]
    ret
END bpf_chunk

// Finds chunks for an image of edi bytes, the first that are free: their address in rax (bpf_prog_pack_alloc; Linux
// makes another pack if this one has none).
FUNCTION bpf_pack_alloc
    lea ecx, [rdi + CHUNK_SIZE - 1]
    shr ecx, CHUNK_SHIFT
    mov eax, 1
    shl rax, cl
    dec rax                              // as many bits
    mov edx, CHUNKS
    sub edx, ecx                         // the last place
    xor ecx, ecx
1:  test [rip + bpf_pack], rax
    jz 2f
    add rax, rax
    inc ecx
    cmp ecx, edx
    jbe 1b
    mov rsi, [rip + bpf_pack]
    PANIC PANIC_NO_ROOM
2:  or [rip + bpf_pack], rax
    lea rax, [rip + bpf_lengths]
    mov [rax + rcx * 4], edi
    shl ecx, CHUNK_SHIFT
    mov rax, TEXT_ROOM
    add rax, rcx
    ret
END bpf_pack_alloc

// Fills rsi bytes at rdi, of whole chunks, with INT3 (bpf_arch_text_invalidate).
FUNCTION bpf_text_invalidate
    mov rdx, rsi
    lea rsi, [rip + bpf_int3s]
    jmp text_copy
END bpf_text_invalidate

// Emitters get in rdi where they write and in r8 what to add to that for where it will run, and return in rdi the end.

// `count` bytes, 1 to 4.
.macro EMIT count, bytes
    mov dword ptr [rdi], \bytes
    add rdi, \count
.endm

// Branch cl to rsi. Changes rax.
FUNCTION bpf_emit_branch
    lea rax, [rdi + r8 + PATCH_SIZE]
    sub rsi, rax
    mov [rdi], cl
    mov [rdi + 1], esi
    add rdi, PATCH_SIZE
    ret
END bpf_emit_branch

// Program rbp. What it calls the helper with is 1, in as many steps and by such numbers as the seed says.
FUNCTION bpf_emit_prog
    EMIT 4, ENDBR64
    NOP5_AT rdi
    add rdi, PATCH_SIZE
    EMIT 2, 0xc031                       // xor eax, eax: no tail call yet
    EMIT 1, 0x55                         // push rbp
    EMIT 3, 0xe58948                     // mov rbp, rsp
    EMIT 4, ENDBR64                      // TAIL_CALL_OFFSET
    EMIT 3, 0xec8148                     // sub rsp, 8
    EMIT 4, 8
    EMIT 1, 0x50                         // push rax
    EMIT 3, 0x554153                     // push rbx, r13
    EMIT 4, 0x57415641                   // push r14, r15
    mov r9d, [rip + bpf_seed]
    mov r10d, r9d
    shr r10d, 29                         // steps
    mov r11d, r9d                        // the sum until now
    EMIT 1, 0xbb                         // mov ebx, number
    EMIT 4, r9d
1:  imul r9d, r9d, 0x19660d
    add r9d, 0x3c6ef35f
    test r9d, 0x10000
    jz 2f
    sub r11d, r9d
    EMIT 2, 0xeb81                       // sub ebx, number
    jmp 3f
2:  add r11d, r9d
    EMIT 2, 0xc381                       // add ebx, number
3:  EMIT 4, r9d
    dec r10d
    jns 1b
    neg r11d
    inc r11d
    EMIT 2, 0xc381
    EMIT 4, r11d
    EMIT 3, 0xdf8948                     // mov rdi, rbx
    mov ecx, OP_CALL
    lea rsi, [rip + bpf_count]
    call bpf_emit_branch

    // The tail call: counted, its own frame left behind, the jump.
    EMIT 3, 0xf0458b                     // mov eax, [rbp - 16]
    EMIT 3, 0xf883 + (TAIL_CALLS_MAX << 16) // cmp eax, TAIL_CALLS_MAX
    EMIT 2, 0x1f73                       // jae out
    EMIT 3, 0x01c083                     // add eax, 1
    EMIT 3, 0xf04589                     // mov [rbp - 16], eax
    lea rax, [rdi + r8]
    mov [rbp + PROG_BYPASS], rax
    EMIT 1, OP_JMP32                     // jmp out
    EMIT 4, 20
    call bpf_emit_pops
    EMIT 1, 0x58                         // pop rax
    EMIT 3, 0xc48148                     // add rsp, 8
    EMIT 4, 8
    lea rax, [rdi + r8]
    mov [rbp + PROG_TARGET], rax
    NOP5_AT rdi
    add rdi, PATCH_SIZE
    EMIT 1, 0xb8                         // out: mov eax, result
    mov eax, [rbp + PROG_RESULT]
    EMIT 4, eax
    call bpf_emit_pops
    EMIT 1, 0xc9                         // leave
    EMIT 1, OP_RET
    ret
END bpf_emit_prog

FUNCTION bpf_emit_pops
    EMIT 4, 0x5e415f41                   // pop r15, r14
    EMIT 3, 0x5b5d41                     // pop r13, rbx
    ret
END bpf_emit_pops

// A trampoline that calls the program at rbp with the arguments of the function that it is called from.
FUNCTION bpf_emit_trampoline
    EMIT 1, 0x55                         // push rbp
    EMIT 3, 0xe58948                     // mov rbp, rsp
    EMIT 4, 0x51525657                   // push rdi, rsi, rdx, rcx
    EMIT 4, 0x51415041                   // push r8, r9
    EMIT 1, 0x50                         // push rax
    EMIT 4, 0xd07d8d48                   // lea rdi, [rbp - 48]
    mov ecx, OP_CALL
    mov rsi, rbp
    call bpf_emit_branch
    EMIT 1, 0x58                         // pop rax
    EMIT 4, 0x58415941                   // pop r9, r8
    EMIT 4, 0x5f5e5a59                   // pop rcx, rdx, rsi, rdi
    EMIT 1, 0xc9                         // leave
    EMIT 1, OP_RET
    ret
END bpf_emit_trampoline

// A dispatcher: who calls the program at rbp by a pointer in rdx jumps there without it.
FUNCTION bpf_emit_dispatcher
    EMIT 3, 0xfa8148                     // cmp rdx, program
    EMIT 4, ebp
    EMIT 1, OP_ESCAPE                    // je program
    mov ecx, OP_JCC32 + 4
    mov rsi, rbp
    call bpf_emit_branch
    EMIT 2, 0xe2ff                       // jmp rdx
    ret
END bpf_emit_dispatcher

.section .rodata
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
bpf_dispatcher_name:
    .asciz "bpf_dispatcher"
bpf_int3s:
    .fill PACK_SIZE, 1, OP_INT3

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
bpf_buffer:                              // where images are made
    .fill 512, 1, 0
