// Optimized probes (library part optprobe): above an armed kernel probe, a jump of five bytes to a trampoline that
// calls the handler and runs copies of the instructions that the jump covers.

// A probe's record goes on behind KP_SIZE; whoever registers it fills in the first two.
.set OPT_START, KP_SIZE                   // its function
.set OPT_END, KP_SIZE + 8
.set OPT_LENGTH, KP_SIZE + 16             // bytes of the instructions that the jump covers
.set OPT_TRAMPOLINE, KP_SIZE + 24         // 0: the probe cannot be optimized
.set OPT_COPIES, KP_SIZE + 32             // where the copies of the instructions stand in it
.set OPT_TEXT_LENGTH, KP_SIZE + 40
.set OPT_JUMP, KP_SIZE + 48               // the jump, 8 bytes
.set OPT_OLD, KP_SIZE + 56                // INT3 and what the jump covers beside it, 8 bytes
.set OPT_TEXT, KP_SIZE + 64               // the trampoline, 128 bytes
.set OPT_TEXT_SIZE, 128
.set OPT_SIZE, KP_SIZE + 64 + OPT_TEXT_SIZE

.set JMP32_SIZE, 5
.set EXCEPTIONS_MAX, 64

.section .rodata
// Never runs here.
optprobe_template:
    pushfq
    PUSH_SCRATCH
    .byte 0x48, 0xbf                     // mov rdi, the probe
.set OPTPROBE_PROBE, . - optprobe_template
    .quad 0
    .byte OP_CALL
.set OPTPROBE_CALL, . - optprobe_template
    .long 0
    POP_SCRATCH
    popfq
.set OPTPROBE_TEMPLATE, . - optprobe_template

.text

// Adds the instruction at rdi to the exception table. Changes rax, rcx.
FUNCTION add_exception_entry
    lea rcx, [rip + exception_table]
    mov rax, [rip + exception_count]
    mov [rcx + rax * 8], rdi
    inc qword ptr [rip + exception_count]
    ret
END add_exception_entry

// Whether the exception table has the instruction at rdi: 1 or 0 in eax. Changes rcx, rdx. search_exception_tables.
FUNCTION has_exception_entry
    lea rcx, [rip + exception_table]
    mov rdx, [rip + exception_count]
    xor eax, eax
1:  dec rdx
    js 2f
    cmp [rcx + rdx * 8], rdi
    jne 1b
    inc eax
2:  ret
END has_exception_entry

// Whether probe rbx, which is not armed yet, can be optimized: 1 or 0 in eax; sets OPT_LENGTH. can_optimize and
// copy_optimized_instructions: what the jump covers can be copied and is boostable, no other probe and no other
// mechanism's text (text-reserved) is among it; in the whole function nothing jumps to bytes 1 to 4, no jump is
// indirect (it might), and no instruction has an entry in the exception table (the fixup might).
FUNCTION can_optimize
    push rbp
    push r12
    mov rbp, [rbx + KP_ADDRESS]
1:  mov rdi, rbp
    call insn_decode
    test eax, eax
    jz 9f
    add rbp, rax
    call can_boost
    test eax, eax
    jz 9f
    mov rax, rbp
    sub rax, [rbx + KP_ADDRESS]
    mov [rbx + OPT_LENGTH], rax
    cmp rax, JMP32_SIZE
    jae 2f
    mov rdi, rbp
    call get_kprobe
    test rax, rax
    jz 1b
    jmp 9f

2:
  .if USES_TEXT_RESERVED
  .if FAULT_JUMP_RESERVED == 0
    mov rdi, [rbx + KP_ADDRESS]
    mov esi, [rbx + OPT_LENGTH]
    call text_reserved
    test eax, eax
    jnz 9f
  .endif
  .endif
    mov rbp, [rbx + OPT_START]
3:  mov rdi, rbp
    call has_exception_entry
    test eax, eax
    jnz 9f
    call insn_decode
    test eax, eax
    jz 9f
    add rbp, rax
    cmp edx, 0xff                        // JMP by register or memory
    jne 4f
    and r8d, 0x30
    cmp r8d, 0x20
    je 9f
4:  mov r12, rbp
    movsx rax, byte ptr [rbp - 1]
    cmp edx, OP_JMP8
    je 6f
    mov ecx, edx
    and ecx, 0x1fc
    cmp ecx, 0xe0                        // LOOP
    je 6f
    mov ecx, edx
    and ecx, 0x1f0
    cmp ecx, OP_JCC8
    je 6f
    movsxd rax, dword ptr [rbp - 4]
    cmp edx, OP_JMP32
    je 6f
    cmp ecx, 0x100 + OP_JCC32
    jne 7f
6:  add r12, rax
    sub r12, [rbx + KP_ADDRESS]
    dec r12                              // Linux asks so, too: byte 5 counts as within
    cmp r12, JMP32_SIZE - 1
    jbe 9f
7:  cmp rbp, [rbx + OPT_END]
    jb 3b
    mov eax, 1
    jmp 8f
9:  xor eax, eax
8:  pop r12
    pop rbp
    ret
END can_optimize

// Registers and arms probe rdi, and, if it can be optimized, makes its trampoline: 1 or 0 in eax. The trampoline comes
// first here, behind the breakpoint in Linux; nobody runs it before the jump.
FUNCTION register_optprobe
    push rbx
    mov rbx, rdi
    mov qword ptr [rbx + KP_DETOUR], 0
    mov qword ptr [rbx + OPT_TRAMPOLINE], 0
    call can_optimize
    test eax, eax
    jz 1f
    call make_trampoline
1:  mov rdi, rbx
    call register_kprobe
    xor eax, eax
    cmp qword ptr [rbx + OPT_TRAMPOLINE], 0
    setne al
    pop rbx
    ret
END register_optprobe

// The trampoline of probe rbx: the template, the copies, a jump behind what the jump to it covers.
// arch_prepare_optimized_kprobe.
FUNCTION make_trampoline
    push rbp
    push r12
    mov edi, OPT_TEXT_SIZE
    call text_alloc
    test rax, rax
    jz 9f
    mov [rbx + OPT_TRAMPOLINE], rax
    mov rbp, rax
    lea rsi, [rip + optprobe_template]
    lea rdi, [rbx + OPT_TEXT]
    mov ecx, offset OPTPROBE_TEMPLATE
    rep movsb
    mov [rbx + OPT_TEXT + OPTPROBE_PROBE], rbx
    lea rax, [rip + optimized_callback - 4]
    sub rax, rbp
    sub rax, offset OPTPROBE_CALL
    mov [rbx + OPT_TEXT + OPTPROBE_CALL], eax
    lea rax, [rbp + OPTPROBE_TEMPLATE]
    mov [rbx + OPT_COPIES], rax
    xor r12d, r12d                       // bytes copied
1:  lea rdi, [rbx + r12 + OPT_TEXT + OPTPROBE_TEMPLATE]
    mov rsi, [rbx + KP_ADDRESS]
    add rsi, r12
    mov rdx, [rbx + OPT_COPIES]
    add rdx, r12
    call copy_instruction
    add r12, rax
    cmp r12, [rbx + OPT_LENGTH]
    jb 1b
    lea rdi, [rbx + r12 + OPT_TEXT + OPTPROBE_TEMPLATE]
    mov byte ptr [rdi], OP_JMP32
    mov rax, [rbx + KP_ADDRESS]
    sub rax, [rbx + OPT_COPIES]
    sub eax, JMP32_SIZE
    mov [rdi + 1], eax
    lea r12, [r12 + OPTPROBE_TEMPLATE + JMP32_SIZE]
    mov [rbx + OPT_TEXT_LENGTH], r12
    // The jump, and what there is before and behind it.
    mov rcx, [rbx + KP_ADDRESS]
    mov rax, rbp
    sub rax, rcx
    sub rax, JMP32_SIZE
    mov byte ptr [rbx + OPT_JUMP], OP_JMP32
    mov [rbx + OPT_JUMP + 1], eax
    mov byte ptr [rbx + OPT_OLD], OP_INT3
    mov eax, [rcx + 1]
    mov [rbx + OPT_OLD + 1], eax
  .if FAULT_OPTPROBE_TRAMPOLINE_EVENT == 0
    mov rdi, rbp
    xor esi, esi
    xor edx, edx
    lea rcx, [rbx + OPT_TEXT]
    mov r8, r12
    mov r9, [rbx + KP_NAME]
    call report_text
  .endif
    mov rdi, rbp
    lea rsi, [rbx + OPT_TEXT]
    mov rdx, r12
    call text_copy
9:  pop r12
    pop rbp
    ret
END make_trampoline

// From here on who hits the breakpoint of probe rdi goes on with the copies, and nobody comes into what the jump will
// cover any more. optimize_kprobe.
FUNCTION optimize_kprobe
  .if FAULT_OPTPROBE_DETOUR == 0
    mov rax, [rdi + OPT_COPIES]
    mov [rdi + KP_DETOUR], rax
  .endif
    ret
END optimize_kprobe

// Whoever is in it leaves it: no task sleeps in bytes 1 to 4 any more. Step 2 of kprobe_optimizer.
FUNCTION await_optimizable
  .if FAULT_OPTPROBE_WAIT == 0
    jmp synchronize_rcu_tasks
  .else
    ret
  .endif
END await_optimizable

// Queues the jump of probe rdi: an ordinary poke. arch_optimize_kprobes.
FUNCTION queue_optimized
    mov r8, [rdi + KP_NAME]
    lea rsi, [rdi + OPT_JUMP]
    mov edx, JMP32_SIZE
    xor ecx, ecx
    mov rdi, [rdi + KP_ADDRESS]
    jmp poke_queue
END queue_optimized

// The jump of probe rdi becomes the breakpoint again, and what it covered. arch_unoptimize_kprobe.
FUNCTION unoptimize_kprobe
    push rbx
    mov rbx, rdi
  .if FAULT_OPTPROBE_FLAG == 1
    mov qword ptr [rbx + KP_DETOUR], 0
  .endif
    mov rdi, [rbx + KP_ADDRESS]
    lea rsi, [rip + int3_byte]
    mov edx, 1
    call text_poke
  .if FAULT_UNOPTIMIZE_SYNC == 0
    call sync_each_cpu
  .endif
    mov rdi, [rbx + KP_ADDRESS]
    inc rdi
    lea rsi, [rbx + OPT_OLD + 1]
    mov edx, JMP32_SIZE - 1
    call text_poke
    call sync_each_cpu
  .if FAULT_UNOPTIMIZE_EVENT == 0
    mov rdi, [rbx + KP_ADDRESS]
    lea rsi, [rbx + OPT_JUMP]
    mov edx, JMP32_SIZE
    lea rcx, [rbx + OPT_OLD]
    mov r8d, edx
    mov r9, [rbx + KP_NAME]
    call report_text
  .endif
    mov qword ptr [rbx + KP_DETOUR], 0
    pop rbx
    ret
END unoptimize_kprobe

// Disarms probe rdi, which is not optimized, and frees what it had. Behind unregister_kprobe's grace period nobody is
// in the trampoline either.
FUNCTION unregister_optprobe
    push rbx
    mov rbx, rdi
    call unregister_kprobe
    cmp qword ptr [rbx + OPT_TRAMPOLINE], 0
    je 1f
  .if FAULT_OPTPROBE_TRAMPOLINE_EVENT == 0
    mov rdi, [rbx + OPT_TRAMPOLINE]
    lea rsi, [rbx + OPT_TEXT]
    mov rdx, [rbx + OPT_TEXT_LENGTH]
    xor ecx, ecx
    xor r8d, r8d
    mov r9, [rbx + KP_NAME]
    call report_text
  .endif
    mov rdi, [rbx + OPT_TRAMPOLINE]
    mov esi, OPT_TEXT_SIZE
    call text_free
    mov qword ptr [rbx + OPT_TRAMPOLINE], 0
1:  pop rbx
    ret
END unregister_optprobe

// What trampolines call: rdi = probe. Its handler gets no frame: it cannot say where to go on. optimized_callback.
FUNCTION optimized_callback
    push rbx
    inc qword ptr gs:[CPU_PREEMPT_COUNT]
    mov rax, gs:[CPU_NUMBER]
    shl rax, 6                           // KC_SIZE
    lea rbx, [rip + kprobe_control]
    add rbx, rax
    cmp qword ptr [rbx + KC_CURRENT], 0
    je 1f
    lock inc qword ptr [rdi + KP_MISSED]
    jmp 2f
1:  mov [rbx + KC_CURRENT], rdi
    mov qword ptr [rbx + KC_STATUS], KPROBE_HIT_ACTIVE
    xor esi, esi
    lock inc qword ptr [rip + optimized_hits]
    call [rdi + KP_HANDLER]
    mov qword ptr [rbx + KC_CURRENT], 0
2:  pop rbx
    jmp preempt_enable
END optimized_callback

.data
.balign 64
optimized_hits:
    .quad 0
exception_count:
    .quad 0
exception_table:
    .fill EXCEPTIONS_MAX, 8, 0
