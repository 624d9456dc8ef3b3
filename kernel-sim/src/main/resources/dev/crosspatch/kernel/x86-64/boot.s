// Boot: from the boot loader's jump to the work loop, and the end of the run.

.text
_text:
_stext:

// What both entry points begin with: rdi = CPU number, interrupts off, no stack yet. Leaves the CPU's area in rbp.
.macro ENTER
    cli
    cld
    imul rbp, rdi, CPU_AREA_SIZE
    mov rax, LAB_CPU_AREAS
    add rbp, rax
    lea rsp, [rbp + CPU_AREA_SIZE]
    mov [rbp + CPU_SELF], rbp
    mov [rbp + CPU_NUMBER], rdi
    mov r15, LAB_DEVICE
.endm

// The boot CPU.
FUNCTION start
    ENTER
    call build_idt
    call init_cpu
    call init_poking
  .if HANDLES_BOOT
    call mechanism_boot
  .endif
    lea rdi, [rip + banner]
    call print
    mov qword ptr [rip + boot_done], 1
    jmp cpu_main
END start

// Every other CPU: waits until the boot CPU has built what all share.
FUNCTION secondary_start
    ENTER
    mov ecx, BOOT_SPIN_LIMIT
1:  cmp qword ptr [rip + boot_done], 0
    jne 2f
    pause
    dec ecx
    jnz 1b
    mov rdi, rsp
    xor esi, esi
    PANIC PANIC_BOOT_TIMEOUT
2:  call init_cpu
    jmp cpu_main
END secondary_start

// Descriptor tables, per-CPU base and interrupt controller of this CPU; rbp = its area.
FUNCTION init_cpu
    call init_gdt
    lidt [rip + idt_pointer]
    mov rax, rbp
    mov rdx, rbp
    shr rdx, 32
    mov ecx, MSR_GS_BASE
    wrmsr
    jmp init_apic
END init_cpu

// The global descriptor table and the task state segment lie in the CPU's area: the segment's descriptor holds its
// address and gets marked busy, so CPUs cannot share it.
FUNCTION init_gdt
    cld
    lea rsi, [rip + gdt_template]
    lea rdi, [rbp + CPU_GDT]
    mov ecx, TSS_SELECTOR / 8
    rep movsq

    // Descriptor of the task state segment (SDM vol. 3, 7.2.3): 64-bit TSS, present.
    lea rax, [rbp + CPU_TSS]
    mov rcx, rax
    and eax, 0xffffff
    shl rax, 16
    mov rdx, rcx
    shr rdx, 24
    and edx, 0xff
    shl rdx, 56
    or rax, rdx
    mov rdx, 0x0000890000000000 + TSS_SIZE - 1
    or rax, rdx
    mov [rbp + CPU_GDT + TSS_SELECTOR], rax
    shr rcx, 32
    mov [rbp + CPU_GDT + TSS_SELECTOR + 8], rcx

    lea rax, [rbp + CPU_AREA_SIZE]
    mov [rbp + CPU_TSS + TSS_RSP0], rax
    lea rax, [rbp + CPU_IST_TOP]
    mov [rbp + CPU_TSS + TSS_IST1], rax
    mov word ptr [rbp + CPU_TSS + TSS_IOMAP], TSS_SIZE

    sub rsp, 16
    mov word ptr [rsp], GDT_SIZE - 1
    lea rax, [rbp + CPU_GDT]
    mov [rsp + 2], rax
    lgdt [rsp]
    add rsp, 16

    mov eax, TSS_SELECTOR
    ltr ax
    mov eax, KERNEL_DS
    mov ds, eax
    mov es, eax
    xor ecx, ecx
    mov fs, ecx
    mov gs, ecx

    // Only a far transfer loads CS; IRETQ loads SS with it.
    pop rdx
    mov rcx, rsp
    push rax
    push rcx
    pushfq
    push KERNEL_CS
    push rdx
    iretq
END init_gdt

// The local APIC in x2APIC mode, and the timer tick if there shall be one. Interrupts are still off.
FUNCTION init_apic
    mov ecx, MSR_APIC_BASE
    rdmsr
    or eax, APIC_BASE_X2APIC
    wrmsr
    mov eax, SPURIOUS_ENABLE
    xor edx, edx
    mov ecx, MSR_X2APIC_SPURIOUS
    wrmsr
    mov rsi, [rip + lab_params + PARAM_TICK_INTERVAL]
    test rsi, rsi
    jz 1f
    mov eax, TIMER_DIVIDE_BY_1
    mov ecx, MSR_X2APIC_TIMER_DIVIDE
    wrmsr
    mov eax, TIMER_PERIODIC + VECTOR_TIMER
    mov ecx, MSR_X2APIC_LVT_TIMER
    wrmsr
    mov eax, esi
    mov ecx, MSR_X2APIC_TIMER_COUNT
    wrmsr
1:  ret
END init_apic

// Where every CPU goes: works, polls for flips if it is the patching CPU, and idles when its work is done.
FUNCTION cpu_main
    mov rdi, gs:[CPU_NUMBER]
    lea rax, [rip + lab_iterations]
    mov r12, [rax + rdi * 8]
    imul r13, rdi, BUFFER_SIZE
    mov rax, LAB_BUFFERS
    add r13, rax
    xor r14d, r14d
    // Any seed but 0; CPUs shall not walk in step.
    lea rbx, [rdi + 1]
    imul rbx, rbx, 0x1f3d5b79
  .if USES_TASKS
    call init_tasks
  .endif
    lock inc qword ptr [rip + cpus_online]
    sti

    // A broadcast reaches only CPUs that have their interrupt controller on.
    mov ecx, SPIN_LIMIT
1:  mov rax, [rip + cpus_online]
    cmp rax, [rip + lab_params + PARAM_CPUS]
    je 2f
    pause
    dec ecx
    jnz 1b
    mov rdi, rsp
    mov rsi, rax
    PANIC PANIC_BOOT_TIMEOUT

2:  test r12, r12
    jz 5f
    jns 3f
    cmp qword ptr [rip + work_stop], 0
    jne 5f
3:  call work_iteration
    inc qword ptr gs:[CPU_ITERATIONS]
    call patch_poll
  .if USES_TASKS
    call cond_resched
  .endif
  .if USES_HOTPLUG
    call hotplug_point
  .endif
  .if USES_STRETCHES
    call stretch_point
  .endif
    test r12, r12
    js 4f
    dec r12
4:  jmp 2b

5:
  .if USES_TASKS
    call await_tasks
  .endif
  .if USES_HOTPLUG
    call hotplug_done
  .endif
    lock inc qword ptr [rip + cpus_done]
    mov rax, gs:[CPU_NUMBER]
    cmp rax, [rip + lab_params + PARAM_PATCHING_CPU]
    je finish
  .if USES_TASKS
    call task_0_ends
  .endif
6:  hlt                                  // interrupts are on: calls are still answered
    test rsp, rsp
    jnz 6b    // always; a trace does not tell how often a loop of direct jumps goes round
END cpu_main

// The patching CPU after its work: makes the flips that are left, waits for the others, reports, ends the run.
FUNCTION finish
1:  call patch_poll
    mov rax, [rip + lab_params + PARAM_FLIPS]
    cmp [rip + flips_made], rax
    jb 2f                                // not all made; 0 = as many as fit
    mov rax, [rip + cpus_done]
    cmp rax, [rip + lab_params + PARAM_CPUS]
    je 3f
    call watch_progress
2:
  .if USES_TASKS && USES_TEXT_MUTEX
    call schedule                        // another CPU may flip, and wait for this task's switch
  .endif
    pause
    jmp 1b
3:  call report_counters
    xor eax, eax
    LAB LAB_EXIT, rax
4:  hlt
    jmp 4b
END finish

// Panics when the CPUs' iteration counters stand still for too many calls in a row.
FUNCTION watch_progress
    mov rdx, LAB_CPU_AREAS
    mov rcx, [rip + lab_params + PARAM_CPUS]
    xor eax, eax
1:  add rax, [rdx + CPU_ITERATIONS]
    add rdx, CPU_AREA_SIZE
    dec rcx
    jnz 1b
    cmp rax, [rip + progress_seen]
    jne 2f
    inc qword ptr [rip + progress_calls]
    cmp qword ptr [rip + progress_calls], SPIN_LIMIT
    jb 3f
    mov rdi, [rsp]
    mov rsi, [rip + cpus_done]
    PANIC PANIC_STALLED
2:  mov [rip + progress_seen], rax
    mov qword ptr [rip + progress_calls], 0
3:  ret
END watch_progress

// Tells the laboratory all counters of all CPUs.
FUNCTION report_counters
    xor esi, esi
    mov rdi, LAB_CPU_AREAS
1:  LAB LAB_COUNTER_CPU, rsi
    xor ecx, ecx
2:  LAB LAB_COUNTER_INDEX, rcx
    mov rax, [rdi + rcx * 8 + CPU_COUNTERS]
  .if USES_TASKS
    call add_task_counters
  .endif
    LAB LAB_COUNTER_VALUE, rax
    inc ecx
    cmp ecx, COUNTERS
    jb 2b
    add rdi, CPU_AREA_SIZE
    inc rsi
    cmp rsi, [rip + lab_params + PARAM_CPUS]
    jb 1b
    ret
END report_counters

// Prints the zero-terminated text at rdi.
FUNCTION print
1:  movzx eax, byte ptr [rdi]
    test eax, eax
    jz 2f
    LAB LAB_CONSOLE, rax
    inc rdi
    jmp 1b
2:  ret
END print

// Ends the run: eax = code, rdi = address, rsi = detail. The device need not be in r15 any more.
FUNCTION panic
    cli
    mov r15, LAB_DEVICE
    LAB LAB_PANIC_ADDRESS, rdi
    LAB LAB_PANIC_DETAIL, rsi
    LAB LAB_PANIC_CODE, rax
1:  hlt
    jmp 1b
END panic

.section .rodata
banner:
    .asciz "crosspatch x86-64 guest kernel\n"

.balign 8
// Flat segments; only type, privilege and the L bit mean anything in 64-bit mode.
gdt_template:
    .quad 0
    .quad 0x00cf9b000000ffff             // 0x08 32-bit kernel code
    .quad 0x00af9b000000ffff             // 0x10 kernel code
    .quad 0x00cf93000000ffff             // 0x18 kernel data
    .quad 0x00cffb000000ffff             // 0x20 32-bit user code
    .quad 0x00cff3000000ffff             // 0x28 user data
    .quad 0x00affb000000ffff             // 0x30 user code
    .quad 0

.data
.balign 64
boot_done:
    .quad 0
cpus_online:
    .quad 0
.balign 64
cpus_done:
    .quad 0
work_stop:
    .quad 0
progress_seen:
    .quad 0
progress_calls:
    .quad 0
