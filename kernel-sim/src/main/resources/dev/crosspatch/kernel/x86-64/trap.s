// Exceptions and interrupts.

.text

// Exceptions that this kernel never expects, 16 bytes each, so that the gate of vector n is exception_stubs + 16 * n.
// Those without an error code push a 0 in its place.
.macro EXCEPTION vector, has_error
    .balign 16, 0xcc
  .if \has_error == 0
    push 0
  .endif
    push \vector
    jmp exception_common
.endm

FUNCTION exception_stubs
    EXCEPTION 0, 0
    EXCEPTION 1, 0
    EXCEPTION 2, 0
    EXCEPTION 3, 0
    EXCEPTION 4, 0
    EXCEPTION 5, 0
    EXCEPTION 6, 0
    EXCEPTION 7, 0
    EXCEPTION 8, 1
    EXCEPTION 9, 0
    EXCEPTION 10, 1
    EXCEPTION 11, 1
    EXCEPTION 12, 1
    EXCEPTION 13, 1
    EXCEPTION 14, 1
    EXCEPTION 15, 0
    EXCEPTION 16, 0
    EXCEPTION 17, 1
    EXCEPTION 18, 0
    EXCEPTION 19, 0
    EXCEPTION 20, 0
    EXCEPTION 21, 1
    EXCEPTION 22, 0
    EXCEPTION 23, 0
    EXCEPTION 24, 0
    EXCEPTION 25, 0
    EXCEPTION 26, 0
    EXCEPTION 27, 0
    EXCEPTION 28, 0
    EXCEPTION 29, 1
    EXCEPTION 30, 1
    EXCEPTION 31, 0
END exception_stubs

FUNCTION exception_common
    pop rax                              // vector
    pop rcx                              // error code
    mov rdi, [rsp]                       // interrupted RIP
    mov rsi, cr2
    mov r15, LAB_DEVICE
    LAB LAB_PANIC_SYNDROME, rcx
    add eax, PANIC_EXCEPTION
    jmp panic
END exception_common

.set TRAP_DEPTH_MAX, 16                  // breakpoint handlers one within the other that make a recursion

// Asks a handler whether the breakpoint is its own; then the frame says where to go on.
.macro OWNED_BY handler
    lea rdi, [rsp + 9 * 8]
    call \handler
    test eax, eax
    jnz 7f
.endm

// #BP. Its own stub, since the return address must be at hand for emulating a CALL: the frame is moved down by two
// slots, so that below the interrupted stack pointer there is room for one push (and the stack stays aligned).
FUNCTION breakpoint_entry
    sub rsp, 16
    push rax
  .irp slot, 0, 8, 16, 24, 32            // RIP, CS, RFLAGS, RSP, SS
    mov rax, [rsp + \slot + 24]
    mov [rsp + \slot + 8], rax
  .endr
    pop rax
    PUSH_SCRATCH
  .if SITES_IN_TRAP || SITES_IN_TRAP_OUTER
    inc qword ptr gs:[CPU_TRAP_DEPTH]
  .endif
  .if SITES_IN_TRAP
    mov rsi, gs:[CPU_TRAP_DEPTH]
    cmp rsi, TRAP_DEPTH_MAX
    ja 3f
    RUN_PATH path_trap, CPU_PATH_TRAP
  .endif
  .if USES_POKE_BATCH
    OWNED_BY poke_breakpoint
  .endif
  .if USES_KPROBE
    OWNED_BY kprobe_breakpoint
  .endif
  .if HANDLES_BREAKPOINT
    OWNED_BY mechanism_breakpoint
  .endif
    jmp 1f
7:  inc qword ptr gs:[CPU_TRAPS]
  .if SITES_IN_TRAP_OUTER
    cmp qword ptr gs:[CPU_TRAP_DEPTH], 1
    ja 4f                                // it has interrupted such a handler, which is on the path or will be
    RUN_PATH path_trap_outer, CPU_PATH_TRAP_OUTER
4:
  .endif
  .if SITES_IN_TRAP || SITES_IN_TRAP_OUTER
    dec qword ptr gs:[CPU_TRAP_DEPTH]
  .endif
    POP_SCRATCH
    iretq
1:  mov r15, LAB_DEVICE                  // nobody's: this is where Linux dies with "int3: 0000"
    mov rax, [rsp + 9 * 8 + FRAME_RIP]
    dec rax
    LAB LAB_UNCLAIMED, rax
2:  hlt
    jmp 2b
  .if SITES_IN_TRAP
3:  mov rdi, [rsp + 9 * 8 + FRAME_RIP]
    dec rdi
    PANIC PANIC_TRAP_RECURSION
  .endif
END breakpoint_entry

  .if NMI
// NMI, on the stack of what it interrupts. Linux has a stack of its own for it and has to survive that another NMI
// comes in on the same one once an IRET within the handler, that of a breakpoint for instance, has unblocked NMIs. Here
// the stack pointer is always good (nothing runs in user mode, nobody has a red zone), so a nested NMI is an ordinary
// nested interrupt: its frame lies below. It never runs with interrupts enabled, and touches nothing that what it
// interrupts may be about to write but counters, which are added to by one instruction.
FUNCTION nmi_entry
    PUSH_SCRATCH
    inc qword ptr gs:[CPU_NMIS]
  .if SITES_IN_NMI
    RUN_PATH path_nmi, CPU_PATH_NMI
  .endif
    POP_SCRATCH
    iretq
END nmi_entry
  .endif

// The local APIC timer's tick.
FUNCTION timer_entry
    PUSH_SCRATCH
    inc qword ptr gs:[CPU_TICKS]
    call end_of_interrupt
  .if SITES_IN_TICK
    RUN_PATH path_tick, CPU_PATH_TICK
  .endif
  .if USES_TASKS
    call preempt_tick
  .endif
    POP_SCRATCH
    iretq
END timer_entry

// Spurious interrupts want no EOI (SDM vol. 3, 11.9).
FUNCTION spurious_entry
    iretq
END spurious_entry

FUNCTION end_of_interrupt
    xor eax, eax
    xor edx, edx
    mov ecx, MSR_X2APIC_EOI
    wrmsr
    ret
END end_of_interrupt

// Sets gate edi of the IDT to handler rsi, interrupt stack table entry edx (0 = none): interrupt gate, kernel code,
// present.
FUNCTION set_gate
    lea r8, [rip + idt]
    mov edi, edi
    shl rdi, 4
    add r8, rdi
    movzx eax, si
    or eax, KERNEL_CS << 16
    mov [r8], eax
    mov eax, esi
    and eax, 0xffff0000
    or eax, 0x8e00
    or eax, edx
    mov [r8 + 4], eax
    shr rsi, 32
    mov [r8 + 8], rsi
    ret
END set_gate

.macro GATE vector, handler, ist=0
    mov edi, \vector
    lea rsi, [rip + \handler]
    mov edx, \ist
    call set_gate
.endm

// Builds the IDT that all CPUs share.
FUNCTION build_idt
    xor r9d, r9d
1:  mov edi, r9d
    mov rsi, r9
    shl rsi, 4
    lea rax, [rip + exception_stubs]
    add rsi, rax
    xor edx, edx
    call set_gate
    inc r9d
    cmp r9d, 32
    jb 1b
  .if NMI
    GATE VECTOR_NMI, nmi_entry
  .else
    GATE VECTOR_NMI, exception_stubs + 16 * VECTOR_NMI, 1
  .endif
    GATE VECTOR_DOUBLE_FAULT, exception_stubs + 16 * VECTOR_DOUBLE_FAULT, 1
    GATE VECTOR_BREAKPOINT, breakpoint_entry
    GATE VECTOR_TIMER, timer_entry
    GATE VECTOR_CALL, answer_call
    GATE VECTOR_SPURIOUS, spurious_entry
    ret
END build_idt

.section .rodata
.balign 8
idt_pointer:
    .short 256 * 16 - 1
    .quad idt

.data
.balign 4096
idt:
    .fill 256 * 2, 8, 0
