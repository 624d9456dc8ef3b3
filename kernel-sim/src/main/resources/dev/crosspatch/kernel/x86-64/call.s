// Function calls on other CPUs, and what every CPU does to run what memory holds now.

.text

// Runs function rdi on every CPU and returns when all have run it: Linux's on_each_cpu(..., wait). To be called with
// interrupts on, since two CPUs that called each other with interrupts off would wait forever.
FUNCTION call_on_each_cpu
    push r12
    mov r12, rdi
  .if USES_TASKS
    inc qword ptr gs:[CPU_PREEMPT_COUNT]
  .endif
    cmp qword ptr [rip + lab_params + PARAM_CPUS], 1
    je 2f
    call request_call
  .if FAULT_CALL_FENCE == 0
    // WRMSR to an x2APIC register is not serializing: the requests must be visible first (SDM vol. 3, 11.12.3).
    mfence
    lfence
  .endif
  .if USES_HOTPLUG
    call send_calls
  .else
    mov eax, ICR_ALL_BUT_SELF + VECTOR_CALL
    xor edx, edx
    mov ecx, MSR_X2APIC_ICR
    wrmsr
  .endif
2:  pushfq
    cli
    call r12
    popfq
    call await_calls
    pop r12
  .if USES_TASKS
    jmp preempt_enable
  .else
    ret
  .endif
END call_on_each_cpu

// Asks every other CPU to call r12.
FUNCTION request_call
    mov rdx, LAB_CPU_AREAS
    mov rcx, [rip + lab_params + PARAM_CPUS]
    mov rax, gs:[CPU_SELF]
1:  cmp rdx, rax
    je 2f
  .if USES_HOTPLUG
    cmp qword ptr [rdx + CPU_HOTPLUG], HOTPLUG_PARKED
    je 2f
  .endif
    mov [rdx + CPU_CALL], r12
2:  add rdx, CPU_AREA_SIZE
    dec rcx
    jnz 1b
    ret
END request_call

// Waits until every CPU has acknowledged.
FUNCTION await_calls
    mov rdx, LAB_CPU_AREAS
    mov rcx, [rip + lab_params + PARAM_CPUS]
1:  mov eax, SPIN_LIMIT
2:  cmp qword ptr [rdx + CPU_CALL], 0
    je 3f
    pause
    dec eax
    jnz 2b
    mov rdi, [rdx + CPU_CALL]
    mov rsi, [rdx + CPU_NUMBER]
    PANIC PANIC_IPI_TIMEOUT
3:  add rdx, CPU_AREA_SIZE
    dec rcx
    jnz 1b
    ret
END await_calls

// The interrupt on the other CPUs. The store that clears the request is the acknowledgement.
FUNCTION answer_call
    PUSH_SCRATCH
    inc qword ptr gs:[CPU_IPIS]
    call end_of_interrupt
  .if SITES_IN_CALL
    RUN_PATH path_call, CPU_PATH_CALL
  .endif
    mov rax, gs:[CPU_CALL]
    test rax, rax
    jz 1f
    call rax
    mov qword ptr gs:[CPU_CALL], 0
1:  POP_SCRATCH
    iretq
END answer_call

// sync_core: after it this CPU runs no instruction that was fetched before it. By the instruction of the configuration.
FUNCTION sync_core
  .if SYNC_WITH == SYNC_WITH_CPUID
    push rbx                             // CPUID writes it
    xor eax, eax
    cpuid
    pop rbx
    ret
  .endif
  .if SYNC_WITH == SYNC_WITH_SERIALIZE
    serialize
    ret
  .endif
  .if SYNC_WITH == SYNC_WITH_IRET
    // IRETQ to the caller.
    pop rdx
    mov rcx, rsp
    mov eax, ss
    push rax
    push rcx
    pushfq
    mov eax, cs
    push rax
    push rdx
    iretq
  .endif
END sync_core

// Every CPU serializes: the broadcast of the three syncs.
FUNCTION sync_each_cpu
    lea rdi, [rip + sync_core]
    jmp call_on_each_cpu
END sync_each_cpu
