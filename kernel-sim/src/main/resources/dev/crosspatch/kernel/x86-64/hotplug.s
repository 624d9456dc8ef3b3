// CPU hotplug (library part hotplug): CPU HOTPLUG_CPU is parked after HOTPLUG_EVERY flips and brought up again after as
// many more, by a CPU that patches, between two flips. It parks itself between two iterations, as Linux's play_dead
// does from the idle task: nobody calls it then, no interrupt synchronizes it, and whatever is patched meanwhile it has
// to forget as it comes up.

.set TIMER_MASKED, 0x10000

.text

// After each flip, on the CPU that made it, while no other patches: parks the CPU or brings it up if it is time to.
FUNCTION hotplug_poll
    inc qword ptr [rip + hotplug_flips]
    cmp qword ptr [rip + hotplug_flips], HOTPLUG_EVERY
    jb 1f
    mov qword ptr [rip + hotplug_flips], 0
    mov rdx, LAB_CPU_AREAS + HOTPLUG_CPU * CPU_AREA_SIZE
    mov ecx, HOTPLUG_ASKED
    xor eax, eax                         // HOTPLUG_UP
    lock cmpxchg [rdx + CPU_HOTPLUG], rcx
    mov ecx, HOTPLUG_PARKED
    je await_hotplug
    cmp eax, HOTPLUG_PARKED
    jne 1f
  .if HANDLES_HOTPLUG
    call mechanism_hotplug
    mov rdx, LAB_CPU_AREAS + HOTPLUG_CPU * CPU_AREA_SIZE
  .endif
    mov qword ptr [rdx + CPU_HOTPLUG], HOTPLUG_COMING
    xor ecx, ecx
    jmp await_hotplug
1:  ret
END hotplug_poll

// Waits until the CPU with area rdx is in state rcx, or done.
FUNCTION await_hotplug
    mov eax, SPIN_LIMIT
1:  cmp [rdx + CPU_HOTPLUG], rcx
    je 2f
    cmp qword ptr [rdx + CPU_HOTPLUG], HOTPLUG_DONE
    je 2f
    pause
    dec eax
    jnz 1b
    mov rdi, rcx
    mov rsi, [rdx + CPU_NUMBER]
    PANIC PANIC_HOTPLUG_TIMEOUT
2:  ret
END await_hotplug

// Between two iterations: parks this CPU if it is asked to, until it is to come up or all flips are made.
FUNCTION hotplug_point
    cmp qword ptr gs:[CPU_HOTPLUG], HOTPLUG_ASKED
    je cpu_park
    ret
END hotplug_point

FUNCTION cpu_park
    cli
    mov edi, TIMER_MASKED
    call set_tick
    lock dec qword ptr [rip + cpus_online]
    mov qword ptr gs:[CPU_HOTPLUG], HOTPLUG_PARKED
1:  pause
    cmp qword ptr gs:[CPU_HOTPLUG], HOTPLUG_COMING
    je 2f
    cmp qword ptr [rip + work_stop], 0
    je 1b
2:
  .if FAULT_HOTPLUG_SYNC == 0
    call sync_core
  .endif
    lock inc qword ptr [rip + cpus_online]
    mov qword ptr gs:[CPU_HOTPLUG], HOTPLUG_UP
    xor edi, edi
    call set_tick
    sti
    ret
END cpu_park

// Masks the timer's tick by edi, or unmasks it. A write to an x2APIC register synchronizes nothing.
FUNCTION set_tick
    cmp qword ptr [rip + lab_params + PARAM_TICK_INTERVAL], 0
    je 1f
    lea eax, [rdi + TIMER_PERIODIC + VECTOR_TIMER]
    xor edx, edx
    mov ecx, MSR_X2APIC_LVT_TIMER
    wrmsr
1:  ret
END set_tick

// This CPU has no work left: it is not parked any more. One that is just asked to parks first.
FUNCTION hotplug_done
1:  call hotplug_point
    mov ecx, HOTPLUG_DONE
    xor eax, eax                         // HOTPLUG_UP
    lock cmpxchg gs:[CPU_HOTPLUG], rcx
    jne 1b
    ret
END hotplug_done

// Sends the function-call interrupt to every other CPU that is not parked.
FUNCTION send_calls
    push rbx
    xor ebx, ebx
    mov r8, LAB_CPU_AREAS
1:  cmp rbx, gs:[CPU_NUMBER]
    je 2f
    cmp qword ptr [r8 + CPU_HOTPLUG], HOTPLUG_PARKED
    je 2f
    mov eax, VECTOR_CALL
    mov edx, ebx
    mov ecx, MSR_X2APIC_ICR
    wrmsr
2:  add r8, CPU_AREA_SIZE
    inc ebx
    cmp rbx, [rip + lab_params + PARAM_CPUS]
    jb 1b
    pop rbx
    ret
END send_calls

.data
.balign 8
hotplug_flips:                           // since the last change
    .quad 0
