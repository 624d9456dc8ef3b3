// stop_machine (library part stop-machine): one CPU runs a function while all others are parked with interrupts off.

// States that all CPUs go through together, as in Linux's multi_cpu_stop: who is in one has acknowledged it, and the
// last to do so begins the next.
.set STOP_PREPARE, 1
.set STOP_DISABLE_IRQ, 2
.set STOP_RUN, 3
.set STOP_EXIT, 4

.text

// Parks every other CPU, runs function rdi with argument rsi here, lets them go, and returns when all have gone: each
// of them has serialized then. To be called with interrupts on, by one CPU at a time. Changes what a function may.
FUNCTION stop_machine
    mov [rip + stop_function], rdi
    mov [rip + stop_argument], rsi
    mov rax, gs:[CPU_NUMBER]
    mov [rip + stop_caller], rax
    mov rax, [rip + cpus_online]
    mov [rip + stop_left], rax
    mov qword ptr [rip + stop_state], STOP_PREPARE
    lea rdi, [rip + multi_cpu_stop]
    jmp call_on_each_cpu
END stop_machine

// What each CPU runs, with interrupts off: goes through the states with the others. Whoever stopped the machine runs
// the function in STOP_RUN.
FUNCTION multi_cpu_stop
    push rbx
  .if FAULT_STOP_WAIT == 0
    xor ebx, ebx                         // the state that this CPU has acknowledged
1:  mov ecx, SPIN_LIMIT
2:  pause
    mov rax, [rip + stop_state]
    cmp rax, rbx
    jne 3f
    dec ecx
    jnz 2b
    mov rdi, [rip + stop_function]
    mov rsi, [rip + stop_left]
    PANIC PANIC_IPI_TIMEOUT
3:  mov rbx, rax
    cmp ebx, STOP_RUN
    jne 4f
    call stop_run
4:  call stop_acknowledge
    cmp ebx, STOP_EXIT
    jne 1b
  .else
    // Nobody is waited for: the function runs while the others are still on their way.
    call stop_run
    mov rax, gs:[CPU_NUMBER]
    cmp rax, [rip + stop_caller]
    jne 1f
    mov qword ptr [rip + stop_state], STOP_EXIT
1:  pause
    cmp qword ptr [rip + stop_state], STOP_EXIT
    jne 1b
  .endif
    pop rbx
    jmp sync_core
END multi_cpu_stop

// The function, on the CPU that stopped the machine.
FUNCTION stop_run
    mov rax, gs:[CPU_NUMBER]
    cmp rax, [rip + stop_caller]
    jne 1f
    mov rdi, [rip + stop_argument]
    jmp [rip + stop_function]
1:  ret
END stop_run

// This CPU is in the state there is; if it is the last, the next one begins.
FUNCTION stop_acknowledge
    lock dec qword ptr [rip + stop_left]
    jnz 1f
    mov rax, [rip + cpus_online]
    mov [rip + stop_left], rax
    inc qword ptr [rip + stop_state]
1:  ret
END stop_acknowledge

.data
.balign 64
stop_state:
    .quad 0
stop_left:                               // CPUs that have not acknowledged the state
    .quad 0
stop_function:
    .quad 0
stop_argument:
    .quad 0
stop_caller:
    .quad 0
