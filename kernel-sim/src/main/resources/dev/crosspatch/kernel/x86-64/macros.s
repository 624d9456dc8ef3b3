// Crosspatch guest kernel for x86-64: names and macros of all files.
//
// Registers that keep their meaning in all code outside interrupt and exception handlers:
//   rbx  pseudo-random number of this CPU (xorshift)
//   r12  work iterations left, negative if endless
//   r13  this CPU's buffer for memory work
//   r14  offset in that buffer, a multiple of 64
//   r15  virtual address of the laboratory device
//   gs   base of this CPU's area
// Functions may change rax, rcx, rdx, rsi, rdi, r8 to r11 and keep the others, as the System V ABI has it.

// Steps of the library that only mechanisms have whose manifests name them.
.macro NOT_LEFT_OUT steps:vararg
  .irp step, \steps
  .ifndef FAULT_\step
    .set FAULT_\step, 0
  .endif
  .endr
.endm
NOT_LEFT_OUT CALL_FENCE, EMULATE_CALL, EMULATE_TARGET, MUTEX_INTERRUPTS, ONE_NOP, ONE_STORE
NOT_LEFT_OUT POKE_LAZY, POKE_SEALED, QUEUE_ORDER

// Selectors, the numbers Linux uses (SYSRET wants this order for user code and data).
.set KERNEL_CS, 0x10
.set KERNEL_DS, 0x18
.set TSS_SELECTOR, 0x40

// Fields of the CPU area that only this ISA has.
.set CPU_GDT, CPU_ARCH
.set GDT_SIZE, 10 * 8
.set CPU_TSS, CPU_GDT + GDT_SIZE
.set TSS_RSP0, 4
.set TSS_IST1, 36
.set TSS_IOMAP, 102
.set TSS_SIZE, 104
// The stack of NMI and double fault: from here down to the fields. The usual stack begins above it.
.set CPU_IST_TOP, 4096

// Model specific registers (Intel SDM vol. 4, table 2-2).
.set MSR_APIC_BASE, 0x1b
.set MSR_GS_BASE, 0xc0000101
.set MSR_X2APIC_EOI, 0x80b
.set MSR_X2APIC_SPURIOUS, 0x80f
.set MSR_X2APIC_ICR, 0x830
.set MSR_X2APIC_LVT_TIMER, 0x832
.set MSR_X2APIC_TIMER_COUNT, 0x838
.set MSR_X2APIC_TIMER_DIVIDE, 0x83e
.set APIC_BASE_X2APIC, 0xc00             // enabled, x2APIC mode
.set SPURIOUS_ENABLE, 0x1ff              // software enable, vector 0xff
.set TIMER_PERIODIC, 0x20000
.set TIMER_DIVIDE_BY_1, 0xb
.set ICR_ALL_BUT_SELF, 0xc0000           // fixed delivery, edge

// An entry of a page table that leads to a lower table: present, writable, user.
.set TABLE_FLAGS, 7

// Interrupt vectors.
.set VECTOR_NMI, 2
.set VECTOR_BREAKPOINT, 3
.set VECTOR_DOUBLE_FAULT, 8
.set VECTOR_TIMER, 0xec
.set VECTOR_CALL, 0xfb
.set VECTOR_SPURIOUS, 0xff

// What an exception or interrupt pushes.
.set FRAME_RIP, 0
.set FRAME_CS, 8
.set FRAME_RFLAGS, 16
.set FRAME_RSP, 24

// A function: aligned, typed, sized.
.macro FUNCTION name
    .balign 16, 0xcc
    .type \name, @function
\name:
.endm

.macro END name
    .size \name, . - \name
.endm

// Gives up: code as named, rdi = address that tells most, rsi = detail.
.macro PANIC code
    mov eax, \code
    jmp panic
.endm

// Stores the 64-bit register `value` in the laboratory device.
.macro LAB register, value
    mov qword ptr [r15 + \register], \value
.endm

// Registers that interrupted code does not expect to be kept by called functions.
.macro PUSH_SCRATCH
    push rax
    push rcx
    push rdx
    push rsi
    push rdi
    push r8
    push r9
    push r10
    push r11
.endm

.macro POP_SCRATCH
    pop r11
    pop r10
    pop r9
    pop r8
    pop rdi
    pop rsi
    pop rdx
    pop rcx
    pop rax
.endm

// Runs the sites of a path (path_NAME) within a handler. They count as sites of the work do, but what they count is the
// path's: `counter` gets a pass and their checksum by one addition, and the work's counters are as they were. Changes
// what a function may.
.macro RUN_PATH name, counter
    push qword ptr gs:[CPU_SITES_OFF]
    push qword ptr gs:[CPU_SITES_ON]
    push qword ptr gs:[CPU_CHECKSUM]
    mov qword ptr gs:[CPU_CHECKSUM], 0
    call \name
    mov rax, PATH_PASS
    add rax, gs:[CPU_CHECKSUM]
    pop qword ptr gs:[CPU_CHECKSUM]
    pop qword ptr gs:[CPU_SITES_ON]
    pop qword ptr gs:[CPU_SITES_OFF]
    add gs:[\counter], rax
.endm

// The next pseudo-random number in rbx (xorshift, Marsaglia 2003). Changes rax.
.macro RANDOM
    mov rax, rbx
    shl rax, 13
    xor rbx, rax
    mov rax, rbx
    shr rax, 7
    xor rbx, rax
    mov rax, rbx
    shl rax, 17
    xor rbx, rax
.endm
