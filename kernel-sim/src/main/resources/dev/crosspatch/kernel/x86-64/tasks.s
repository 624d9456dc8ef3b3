// Tasks (library part tasks): each CPU has TASKS of them, pinned, each with a stack and registers of its own, and takes
// turns. A timer tick switches to the next one wherever the present one is, unless it has preemption disabled; a task
// also goes on to the next where it says so (schedule). Task 0 is the CPU's own, which also makes flips.
//
// A task's record lies below its stack, that of task 0 in the CPU's area. What the CPU counts belongs to the task that
// runs: a task that is preempted between reading and writing a counter finds it as it was.

.text

// Makes the tasks of this CPU; it goes on as task 0. r12 = iterations of the CPU, of which r12 becomes the share of
// task 0. Interrupts are off.
FUNCTION init_tasks
    push rbx
    push rbp
    mov rbp, gs:[CPU_NUMBER]
    imul rcx, rbp, (TASKS - 1) * TASK_AREA_SIZE
    mov rax, LAB_TASKS
    lea r10, [rcx + rax]                 // record of the next task
    mov r8, gs:[CPU_SELF]
    add r8, CPU_TASK_0
    mov gs:[CPU_TASK], r8
    mov qword ptr gs:[CPU_TASKS], TASKS
    mov r11, r8                          // the task before
    mov r9d, 1
1:  cmp r9d, TASKS
    jae 2f
    mov [r11 + TASK_NEXT], r10
    // What switch_task takes from its stack.
    lea rbx, [r10 + TASK_AREA_SIZE - 8 * 8]
    mov [r10 + TASK_SP], rbx
    mov [rbx], r15
    mov qword ptr [rbx + 8], 0           // r14
    mov [rbx + 16], r13
    mov rdi, r9
    call task_share
    mov [rbx + 24], rax                  // r12
    lea rax, [r9 + rbp]
    mov rdx, r9
    shl rdx, 33
    lea rax, [rax + rdx + 1]
    imul rax, rax, 0x1f3d5b79
    mov [rbx + 40], rax                  // rbx: any seed but 0
    lea rax, [rip + task_main]
    mov [rbx + 48], rax
    mov r11, r10
    add r10, TASK_AREA_SIZE
    inc r9d
    jmp 1b
2:  mov [r11 + TASK_NEXT], r8            // a ring
    xor edi, edi
    call task_share
    mov r12, rax
    pop rbp
    pop rbx
    ret
END init_tasks

// Of r12 iterations those that task rdi makes, in rax. Changes rcx, rdx.
FUNCTION task_share
    mov rax, r12
    test rax, rax
    js 1f
    add rax, TASKS - 1
    sub rax, rdi
    xor edx, edx
    mov ecx, TASKS
    div rcx
1:  ret
END task_share

// What every task but the first does: its share of the work, then nothing any more.
FUNCTION task_main
    sti
1:  test r12, r12
    jz 4f
    jns 2f
    cmp qword ptr [rip + work_stop], 0
    jne 4f
2:  call work_iteration
    inc qword ptr gs:[CPU_ITERATIONS]
    call cond_resched
  .if USES_STRETCHES
    call stretch_point
  .endif
    test r12, r12
    js 3f
    dec r12
3:  jmp 1b
4:  cli
    mov rax, gs:[CPU_TASK]
    mov qword ptr [rax + TASK_STATE], TASK_DEAD
    dec qword ptr gs:[CPU_TASKS]
    call switch_task                     // task 0 is never dead before the others
    ud2
END task_main

// Task 0, when its own work is done: until all tasks of its CPU are done, too, makes the flips that are due.
FUNCTION await_tasks
1:  cmp qword ptr gs:[CPU_TASKS], 1
    je 2f
    call patch_poll
    call schedule
    jmp 1b
2:  ret
END await_tasks

// The CPU has nothing left to do: nobody waits for its task 0 any more.
FUNCTION task_0_ends
    mov rax, gs:[CPU_TASK]
    mov qword ptr [rax + TASK_STATE], TASK_DEAD
    ret
END task_0_ends

// A place at which a task may be switched, between iterations: a voluntary switch, to itself if no other is due
// (Linux's cond_resched_tasks_rcu_qs).
FUNCTION cond_resched
    cmp qword ptr gs:[CPU_NEED_RESCHED], 0
    jne schedule
    mov rax, gs:[CPU_TASK]
    inc qword ptr [rax + TASK_SWITCHES]
    ret
END cond_resched

// Goes on with the next task: a voluntary switch.
FUNCTION schedule
    pushfq
    cli
    mov rax, gs:[CPU_TASK]
    inc qword ptr [rax + TASK_SWITCHES]
    call switch_task
    popfq
    ret
END schedule

// The timer's tick, with interrupts off and its end told: preempts the task, or notes that it is to be.
FUNCTION preempt_tick
    mov qword ptr gs:[CPU_NEED_RESCHED], 1
    cmp qword ptr gs:[CPU_PREEMPT_COUNT], 0
    je switch_task
    ret
END preempt_tick

// The end of a stretch in which the task was not to be preempted; the outermost makes up for a tick in it.
FUNCTION preempt_enable
    dec qword ptr gs:[CPU_PREEMPT_COUNT]
    jnz 1f
    cmp qword ptr gs:[CPU_NEED_RESCHED], 0
    je 1f
    pushfq
    cli
    call switch_task
    popfq
1:  ret
END preempt_enable

// Goes on with the next task that is not dead, if there is another. Interrupts are off. Changes rax, rcx, rdx, r8.
FUNCTION switch_task
    mov qword ptr gs:[CPU_NEED_RESCHED], 0
    mov rax, gs:[CPU_TASK]
    mov rdx, rax
1:  mov rdx, [rdx + TASK_NEXT]
    cmp rdx, rax
    je 3f
    cmp qword ptr [rdx + TASK_STATE], TASK_DEAD
    je 1b
    push rbx
    push rbp
    push r12
    push r13
    push r14
    push r15
    mov [rax + TASK_SP], rsp
    mov ecx, COUNTERS
2:  mov r8, [rdx + rcx * 8 + TASK_COUNTERS - 8]
    xchg r8, gs:[rcx * 8 + CPU_COUNTERS - 8]
    mov [rax + rcx * 8 + TASK_COUNTERS - 8], r8
    dec ecx
    jnz 2b
    mov gs:[CPU_TASK], rdx
    mov rsp, [rdx + TASK_SP]
    pop r15
    pop r14
    pop r13
    pop r12
    pop rbp
    pop rbx
3:  ret
END switch_task

// Adds to rax what the tasks of the CPU with area rdi that do not run have of counter rcx. Changes rdx, r8.
FUNCTION add_task_counters
    mov r8, [rdi + CPU_TASK]
    mov rdx, r8
1:  mov rdx, [rdx + TASK_NEXT]
    cmp rdx, r8
    je 2f
    add rax, [rdx + rcx * 8 + TASK_COUNTERS]
    jmp 1b
2:  ret
END add_task_counters
