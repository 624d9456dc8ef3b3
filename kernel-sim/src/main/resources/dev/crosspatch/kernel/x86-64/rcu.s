// Grace periods (library part rcu-tasks).

.text

// synchronize_rcu_tasks: returns when every task that is not dead, on every CPU, has made a voluntary switch since. A
// task that was preempted has not: it may be anywhere. The caller's own call is one. To be called with interrupts on
// and preemption enabled. Changes what a function may.
FUNCTION synchronize_rcu_tasks
  .if FAULT_RCU_TASKS == 0
    push rbx
    push rbp
    push r12
    push r13
    lea rax, [rip + note_switches]
    call for_each_task
    lea rax, [rip + await_switch]
    call for_each_task
    pop r13
    pop r12
    pop rbp
    pop rbx
  .endif
    ret
END synchronize_rcu_tasks

// Calls rax for every task of every CPU, with its record in rbx, its CPU's area in rbp. Changes r12, r13.
FUNCTION for_each_task
    mov r13, rax
    mov rbp, LAB_CPU_AREAS
    mov r12, [rip + lab_params + PARAM_CPUS]
1:  lea rbx, [rbp + CPU_TASK_0]
2:  call r13
    mov rbx, [rbx + TASK_NEXT]
    lea rax, [rbp + CPU_TASK_0]
    cmp rbx, rax
    jne 2b
    add rbp, CPU_AREA_SIZE
    dec r12
    jnz 1b
    ret
END for_each_task

FUNCTION note_switches
    mov rax, [rbx + TASK_SWITCHES]
    mov [rbx + TASK_SNAPSHOT], rax
    ret
END note_switches

// Waits for task rbx; this CPU's other tasks run meanwhile.
FUNCTION await_switch
    push SPIN_LIMIT
    jmp 2f
1:  call schedule
    pause
    dec qword ptr [rsp]
    jz 4f
2:  cmp rbx, gs:[CPU_TASK]
    je 3f
  .if USES_HOTPLUG
    cmp qword ptr [rbp + CPU_HOTPLUG], HOTPLUG_PARKED
    je 3f                                // between two iterations
  .endif
    cmp qword ptr [rbx + TASK_STATE], TASK_DEAD
    je 3f
    mov rax, [rbx + TASK_SWITCHES]
    cmp rax, [rbx + TASK_SNAPSHOT]
    je 1b
3:  add rsp, 8
    ret
4:  mov rdi, [rbx + TASK_SP]
    mov rsi, rbx
    PANIC PANIC_GRACE_TIMEOUT
END await_switch
