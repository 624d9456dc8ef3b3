// The part poke-batch: a queue of pokes, the batched breakpoint protocol and its handler, and the direct one.

// A record of the site vector, 16 bytes as in Linux, so that a page holds 256.
.set POKE_REL, 0                         // s32: address of the site minus _stext
.set POKE_DISP, 4                        // s32: displacement of the instruction to emulate
.set POKE_LEN, 8                         // u8: bytes of the instruction
.set POKE_OPCODE, 9                      // u8: first byte of the instruction to emulate
.set POKE_TEXT, 10                       // u8[5]: new bytes; of six (Jcc rel32) those behind the 0f
.set POKE_OLD, 15                        // u8: first byte before the poke
.set POKE_SIZE, 16

.text

// Changes the state of key rdi: calls rsi with each entry of its sites in rdi and the new state in rsi, which queues
// what it pokes there, and finishes the queue.
FUNCTION poke_key
    push rbx
    push rbp
    push r12
    push r13
    mov r13, rsi
    lea rax, [rip + lab_key_state]
    xor qword ptr [rax + rdi * 8], 1
    mov rbp, [rax + rdi * 8]             // the new state
    shl rdi, 4                           // KEY_SIZE
    lea rax, [rip + lab_keys]
    mov rbx, [rax + rdi + KEY_FIRST]
    mov r12, [rax + rdi + KEY_COUNT]
  .if FAULT_QUEUE_ORDER
    imul rax, r12, SITE_SIZE
    lea rbx, [rbx + rax - SITE_SIZE]     // the last
  .endif
1:  dec r12
    js 2f
    mov rdi, rbx
    mov rsi, rbp
    call r13
  .if FAULT_QUEUE_ORDER
    sub rbx, SITE_SIZE
  .else
    add rbx, SITE_SIZE
  .endif
    jmp 1b
2:  call poke_finish
    pop r13
    pop r12
    pop rbp
    pop rbx
    ret
END poke_key

// Queues a poke: at rdi, edx bytes (1 to 6) become those at rsi; until they are there, the handler emulates the
// instruction at rcx, or, if rcx is 0, the new one: INT3, RET, CALL, JMP, Jcc, or a NOP of two or five bytes. RET and
// JMP may be shorter than the text if INT3 fills it. r8 = name of the site for the event. Flushes the queue first if it
// is full or the site does not stand behind the last one: the handler searches a sorted vector.
// smp_text_poke_batch_add.
FUNCTION poke_queue
    push rbx
    push rbp
    push r12
    push r13
    push r14
    mov rbx, rdi
    mov rbp, rsi
    mov r12, rcx
    mov r13d, edx
    mov r14, r8
    mov rax, [rip + poke_count]
    cmp rax, [rip + lab_params + PARAM_BATCH_LIMIT]
    jae 1f
    test rax, rax
    jz 2f
    shl rax, 4                           // POKE_SIZE
    lea rdx, [rip + poke_vector - POKE_SIZE]
    lea rcx, [rip + _stext]
    mov rsi, rbx
    sub rsi, rcx
  .if FAULT_QUEUE_ORDER
    jmp 2f
  .endif
    cmp esi, [rdx + rax + POKE_REL]
    jg 2f
1:  call poke_finish

2:  mov rax, [rip + poke_count]
    lea rdx, [rip + poke_names]
    mov [rdx + rax * 8], r14
    shl rax, 4                           // POKE_SIZE
    lea r8, [rip + poke_vector]
    add r8, rax
    lea rax, [rip + _stext]
    mov rdi, rbx
    sub rdi, rax
    mov [r8 + POKE_REL], edi
    mov [r8 + POKE_LEN], r13b
    xor ecx, ecx
    cmp r13d, 6
    sete cl                              // without the 0f
    xor edx, edx
3:  mov al, [rbp + rcx]
    mov [r8 + rdx + POKE_TEXT], al
    inc edx
    inc ecx
    cmp ecx, r13d
    jb 3b

    // What the handler does meanwhile.
    test r12, r12
    cmovz r12, rbp
    movzx eax, byte ptr [r12]
    xor edx, edx
    cmp eax, OP_INT3
    je 7f
    cmp eax, OP_RET
    je 7f
    mov edx, [r12 + 1]
    cmp eax, OP_CALL
    je 7f
    cmp eax, OP_JMP32
    je 7f
    movsx edx, byte ptr [r12 + 1]
    cmp eax, OP_JMP8
    je 7f
    mov ecx, eax
    and ecx, 0xf0
    cmp ecx, OP_JCC8
    je 7f
    cmp eax, OP_ESCAPE
    jne 4f
    movzx eax, byte ptr [r12 + 1]
    mov edx, [r12 + 2]
    mov ecx, eax
    and ecx, 0xf0
    sub eax, OP_JCC32 - OP_JCC8
    cmp ecx, OP_JCC32
    je 7f
    // A NOP is a jump to the next instruction.
4:  xor edx, edx
    mov eax, OP_JMP32
    mov rcx, 0x0000000000441f0f
    mov rsi, 0x000000ffffffffff
    and rsi, [r12]
    cmp rsi, rcx
    je 7f
    mov eax, OP_JMP8
    cmp word ptr [r12], 0x9066
    je 7f
    mov rdi, rbx
    mov rsi, [r12]
    PANIC PANIC_CANNOT_EMULATE
7:  mov [r8 + POKE_OPCODE], al
    mov [r8 + POKE_DISP], edx
    inc qword ptr [rip + poke_count]
    pop r14
    pop r13
    pop r12
    pop rbp
    pop rbx
    ret
END poke_queue

// Begins a loop over the queued records: rbx = index, r12 = record, r13 = address of its site. The body may change
// anything a function may.
.macro FOR_EACH_POKE
    xor ebx, ebx
    lea r12, [rip + poke_vector]
7:  movsxd r13, dword ptr [r12 + POKE_REL]
    lea rax, [rip + _stext]
    add r13, rax
.endm

.macro NEXT_POKE
    add r12, POKE_SIZE
    inc rbx
    cmp rbx, rbp
    jb 7b
.endm

// Brings the queued pokes into the text and empties the queue. This is Linux's smp_text_poke_batch_finish, step for
// step.
FUNCTION poke_finish
    push rbx
    push rbp
    push r12
    push r13
    mov rbp, [rip + poke_count]
    test rbp, rbp
    jz 9f
  .if LIKE == PROTOCOL_DIRECT
    call poke_direct
  .else
    call poke_batch
  .endif
    mov qword ptr [rip + poke_count], 0
9:  pop r13
    pop r12
    pop rbp
    pop rbx
    ret
END poke_finish

// The batched protocol; rbp = records. Changes rbx, r12, r13.
FUNCTION poke_batch
    // 1. The handlers may use the vector. Every store above is older than this one, and x86 keeps stores in order: who
    // sees a count of 1
    //    sees the records.
    mov ecx, 1
    call set_refcounts

    // 2. First bytes become INT3.
    FOR_EACH_POKE
    mov al, [r13]
    mov [r12 + POKE_OLD], al
  .if FAULT_TRAP == 0
    mov rdi, r13
    lea rsi, [rip + int3_byte]
    mov edx, 1
    call text_poke
  .endif
    NEXT_POKE

  .if FAULT_REPORT == 0 && FAULT_REPORT_BEFORE_SYNC_A == 1
    FOR_EACH_POKE
    call pack_old
    call report_poke
    NEXT_POKE
  .endif

    // Sync A: from here on no CPU runs an old instruction at any of the sites: it traps.
  .if FAULT_SYNC_A == 0
    call sync_each_cpu
  .endif
  .if FAULT_POKE_SEALED
    mov qword ptr [rip + poke_sealed], 2 // the bit of an entry that makes a page writable
  .endif

    // 3. The other bytes, which nobody reaches, and the event: before its time the old instruction or the trap ran,
    // after it the trap or the new one.
    FOR_EACH_POKE
    call pack_old
    push rax
  .if FAULT_TAIL == 0
    call pack_new
    push rax
    lea rdi, [r13 + 1]
    lea rsi, [rsp + 1]
    movzx edx, byte ptr [r12 + POKE_LEN]
    dec edx
    jz 1f
    call text_poke
1:  pop rax
  .endif
    pop rax
  .if FAULT_REPORT == 0 && FAULT_REPORT_BEFORE_SYNC_A == 0
    call report_poke
  .endif
    NEXT_POKE

    // Sync B: no CPU holds old tails. Linux keeps it although Intel is said to think it unnecessary.
  .if FAULT_SYNC_B == 0
    call sync_each_cpu
  .endif

    // 4. First bytes become the new ones, unless the new instruction is itself INT3.
    FOR_EACH_POKE
    call pack_new
    push rax
    cmp al, OP_INT3
    je 1f
    mov rdi, r13
    mov rsi, rsp
    mov edx, 1
    call text_poke
1:  pop rax
    NEXT_POKE

    // Sync C: from here on no CPU traps at the sites, and none will look for them in the vector.
  .if FAULT_SYNC_C == 0
    call sync_each_cpu
  .endif

    // 5. Nobody enters the vector any more; wait for those inside.
    jmp await_refcounts
END poke_batch

// All bytes at once, in ascending order, while other CPUs may be running them; rbp = records.
FUNCTION poke_direct
    FOR_EACH_POKE
    mov al, [r13]
    mov [r12 + POKE_OLD], al
    call pack_old
    push rax
    call pack_new
    push rax
    mov rdi, r13
    mov rsi, rsp
    movzx edx, byte ptr [r12 + POKE_LEN]
    call text_poke
    pop rax
    pop rax
  .if FAULT_REPORT == 0
    call report_poke
  .endif
    NEXT_POKE
  .if FAULT_SYNC_C == 0
    call sync_each_cpu
  .endif
    ret
END poke_direct

// Sets every CPU's reference count to ecx.
FUNCTION set_refcounts
  .if FAULT_SHARED_REFCOUNT
    mov [rip + poke_refcount], ecx
  .else
    mov rdx, LAB_CPU_AREAS
    mov rax, [rip + lab_params + PARAM_CPUS]
1:  mov [rdx + CPU_REFCOUNT], ecx
    add rdx, CPU_AREA_SIZE
    dec rax
    jnz 1b
  .endif
    ret
END set_refcounts

// Drops the patching CPU's reference of the count at `count` and waits until the handlers have dropped theirs. Detail
// of the panic: `cpu`.
.macro AWAIT_REFCOUNT count:req, cpu:req
    lock dec dword ptr \count
  .if FAULT_REFCOUNT_WAIT == 0
    mov eax, SPIN_LIMIT
2:  cmp dword ptr \count, 0
    je 3f
    pause
    dec eax
    jnz 2b
    mov edi, \count
    mov rsi, \cpu
    PANIC PANIC_REFCOUNT_TIMEOUT
  .endif
3:
.endm

// The same of every count.
FUNCTION await_refcounts
  .if FAULT_SHARED_REFCOUNT
    AWAIT_REFCOUNT [rip+poke_refcount], -1
  .else
    mov rdx, LAB_CPU_AREAS
    mov rcx, [rip + lab_params + PARAM_CPUS]
1:  AWAIT_REFCOUNT [rdx+CPU_REFCOUNT], [rdx+CPU_NUMBER]
    add rdx, CPU_AREA_SIZE
    dec rcx
    jnz 1b
  .endif
    ret
END await_refcounts

// The bytes of the instruction before the poke of record r12, site address r13, as a little-endian number in rax. To be
// called while all but the first byte are still old.
FUNCTION pack_old
    movzx ecx, byte ptr [r12 + POKE_LEN]
    xor eax, eax
1:  dec ecx
    jz 2f
    shl rax, 8
    movzx edx, byte ptr [r13 + rcx]
    or rax, rdx
    jmp 1b
2:  shl rax, 8
    movzx edx, byte ptr [r12 + POKE_OLD]
    or rax, rdx
    ret
END pack_old

// The bytes of the instruction after the poke of record r12 as a little-endian number in rax.
FUNCTION pack_new
    mov rax, [r12 + POKE_TEXT]
    shl rax, 24                          // five of them
    shr rax, 24
    cmp byte ptr [r12 + POKE_LEN], 6
    jne 1f
    shl rax, 8
    mov al, OP_ESCAPE
1:  ret
END pack_new

// The text-poke event of record rbx at r12, site address r13; rax = old bytes.
FUNCTION report_poke
    push rax
    call pack_new
    push rax
    mov rdi, r13
    lea rsi, [rsp + 8]
    movzx edx, byte ptr [r12 + POKE_LEN]
    mov rcx, rsp
    mov r8d, edx
    lea rax, [rip + poke_names]
    mov r9, [rax + rbx * 8]
    call report_text
    pop rax
    pop rax
    ret
END report_poke

// This CPU's reference is dropped.
.macro DROP_REFCOUNT
  .if FAULT_SHARED_REFCOUNT
    lock dec dword ptr [rip + poke_refcount]
  .else
    lock dec dword ptr gs:[CPU_REFCOUNT]
  .endif
.endm

// Called by the #BP entry with interrupts off; rdi = the frame. If the trap stands for an instruction of the vector,
// changes the frame as if that had run and returns 1; else returns 0. Runs no code that is ever patched.
FUNCTION poke_breakpoint
    // Increment if not zero: without a reference the vector may be anything.
  .if FAULT_SHARED_REFCOUNT
    mov eax, [rip + poke_refcount]
1:  test eax, eax
    jz 9f
    lea ecx, [rax + 1]
    lock cmpxchg [rip + poke_refcount], ecx
  .else
    mov eax, gs:[CPU_REFCOUNT]
1:  test eax, eax
    jz 9f
    lea ecx, [rax + 1]
    lock cmpxchg gs:[CPU_REFCOUNT], ecx
  .endif
    jne 1b

    mov rsi, [rdi + FRAME_RIP]
    dec rsi                              // the INT3
    lea rax, [rip + _stext]
    mov r8, rsi
    sub r8, rax                          // what POKE_REL holds
    call find_poke
    test rax, rax
    jz 8f

    movsxd rdx, dword ptr [rax + POKE_DISP]
    movzx ecx, byte ptr [rax + POKE_LEN]
    add rcx, rsi                         // next instruction
    add rdx, rcx                         // target
  .if FAULT_EMULATE_TARGET
    inc rdx
  .endif
    movzx eax, byte ptr [rax + POKE_OPCODE]
    cmp eax, OP_JMP32
    je 4f
    cmp eax, OP_JMP8
    je 4f
    cmp eax, OP_CALL
    je 3f
    cmp eax, OP_RET
    je 2f
    mov r9d, eax
    and r9d, 0xf0
    cmp r9d, OP_JCC8
    jne 8f                               // INT3 for good: somebody else's
    call condition_holds
    test eax, eax
    cmovz rdx, rcx
    jmp 4f

2:  mov rcx, [rdi + FRAME_RSP]
    mov rdx, [rcx]
    add rcx, 8
    mov [rdi + FRAME_RSP], rcx
    jmp 4f
  .if FAULT_EMULATE_CALL
3:  mov rdx, rcx
  .else
3:  mov rax, [rdi + FRAME_RSP]           // breakpoint_entry left room for this push
    sub rax, 8
    mov [rdi + FRAME_RSP], rax
    mov [rax], rcx
  .endif
4:  mov [rdi + FRAME_RIP], rdx
    DROP_REFCOUNT
    mov eax, 1
    ret
8:  DROP_REFCOUNT
9:  xor eax, eax
    ret
END poke_breakpoint

// The record whose POKE_REL is r8d in rax, or 0. Binary search. Changes rcx, rdx, r9, r10.
FUNCTION find_poke
    lea r10, [rip + poke_vector]
    xor ecx, ecx                         // first candidate
    mov rdx, [rip + poke_count]          // behind the last
1:  cmp rcx, rdx
    jae 4f
    lea r9, [rcx + rdx]
    shr r9, 1
    mov rax, r9
    shl rax, 4                           // POKE_SIZE
    add rax, r10
    cmp r8d, [rax + POKE_REL]
    je 3f
    jl 2f
    lea rcx, [r9 + 1]
    jmp 1b
2:  mov rdx, r9
    jmp 1b
3:  ret
4:  xor eax, eax
    ret
END find_poke

// Whether the condition of Jcc opcode eax (0x70 to 0x7f) holds for the flags of frame rdi: 1 or 0 in eax. Changes r9,
// r10.
FUNCTION condition_holds
    mov r9, [rdi + FRAME_RFLAGS]
    mov r10d, eax
    and r10d, 1                          // odd opcodes negate
    shr eax, 1
    and eax, 7
    cmp eax, 6
    jae 2f
    push rcx
    lea rcx, [rip + condition_flags]
    movzx eax, word ptr [rcx + rax * 2]
    pop rcx
    test r9d, eax
1:  setnz al
    movzx eax, al
    xor eax, r10d
    ret
2:  push rcx
    mov ecx, r9d                         // L: SF differs from OF
    shr ecx, 4                           // OF to where SF is
    xor ecx, r9d
    and ecx, 1 << 7
    cmp eax, 7                           // LE: ZF too
    jne 3f
    and r9d, 1 << 6
    or ecx, r9d
3:  test ecx, ecx
    pop rcx
    jmp 1b
END condition_holds

.section .rodata
int3_byte:
    .byte OP_INT3
.balign 2
// Flags of RFLAGS that O, B, Z, BE, S and P look at.
condition_flags:
    .short 1 << 11, 1 << 0, 1 << 6, (1 << 0) + (1 << 6), 1 << 7, 1 << 2

.data
poke_count:
    .quad 0
// Name of the site, one for each record.
poke_names:
    .fill BATCH_MAX, 8, 0
.balign 4096
poke_vector:
    .fill BATCH_MAX * 2, 8, 0
  .if FAULT_SHARED_REFCOUNT
.balign 64
poke_refcount:
    .quad 0
  .endif
