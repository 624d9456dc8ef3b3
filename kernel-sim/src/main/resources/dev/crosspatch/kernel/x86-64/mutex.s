// The text mutex, and flips of several CPUs (library part text-mutex), in place of poll.s's patch_poll.

.text

// As poll.s has it, on every CPU of PATCHING_CPUS: each flips after its own interval, and the next key goes to whoever
// is first.
FUNCTION patch_poll
    mov rcx, gs:[CPU_NUMBER]
    mov rax, PATCHING_CPUS
    bt rax, rcx
    jnc 3f
    mov rcx, [rip + lab_params + PARAM_FLIPS]
    test rcx, rcx
    jz 1f
    cmp [rip + flips_made], rcx
    jb 1f
    mov qword ptr [rip + work_stop], 1
    ret
1:  rdtsc
    shl rdx, 32
    or rax, rdx
    cmp rax, gs:[CPU_NEXT_FLIP]
    jb 3f
    add rax, [rip + lab_params + PARAM_FLIP_INTERVAL]
    mov gs:[CPU_NEXT_FLIP], rax
    mov eax, 1
    lock xadd [rip + flips_made], rax
    test rcx, rcx
    jz 2f
    cmp rax, rcx
    jae 3f                               // another has begun the last
2:  xor edx, edx
    div qword ptr [rip + lab_params + PARAM_FLIP_ORDER_LENGTH]
    lea rax, [rip + lab_flip_order]
    push [rax + rdx * 8]
    call lock_text_mutex
    pop rdi
    call mechanism_flip
  .if USES_HOTPLUG
    call hotplug_poll
  .endif
    jmp unlock_text_mutex
3:  ret
END patch_poll

// Takes the mutex that all patching holds; interrupts must be on, or whoever has it waits for an answer for ever.
FUNCTION lock_text_mutex
  .if FAULT_TEXT_MUTEX == 0
    push rbx
  .if FAULT_MUTEX_INTERRUPTS
    cli
  .endif
    mov ebx, SPIN_LIMIT
1:  xor eax, eax
    mov rcx, gs:[CPU_SELF]
    lock cmpxchg [rip + text_mutex], rcx
    je 2f
  .if USES_TASKS
    call schedule
  .endif
    pause
    dec ebx
    jnz 1b
    mov rdi, [rsp + 8]
    mov rsi, [rip + text_mutex]
    PANIC PANIC_MUTEX_TIMEOUT
2:
  .if FAULT_MUTEX_INTERRUPTS
    sti
  .endif
    pop rbx
  .endif
    ret
END lock_text_mutex

FUNCTION unlock_text_mutex
  .if FAULT_TEXT_MUTEX == 0
    mov qword ptr [rip + text_mutex], 0
  .endif
    ret
END unlock_text_mutex

.data
.balign 64
text_mutex:                              // area of the CPU that has it
    .quad 0
