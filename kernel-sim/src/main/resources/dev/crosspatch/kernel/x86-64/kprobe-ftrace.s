// Probes at the entry of traced functions (library part kprobe-ftrace, KPROBE_FLAG_FTRACE): nothing is armed, ftrace's
// trampoline calls.

.text

// Registers probe rdi, which stands where a traced function has its site: whoever registers it has that traced, by
// kprobe_ftrace_handler.
FUNCTION register_ftrace_kprobe
  .if FAULT_KPROBE_FTRACE == 0
    push rbx
    mov rbx, rdi
    call kprobe_chain
    mov rcx, [rax]
    mov [rbx + KP_NEXT], rcx
    mov [rax], rbx
    pop rbx
    ret
  .else
    jmp register_kprobe
  .endif
END register_ftrace_kprobe

// The reverse, once the function is not traced for the probe's sake any more.
FUNCTION unregister_ftrace_kprobe
  .if FAULT_KPROBE_FTRACE == 0
    push rbx
    mov rbx, rdi
    call kprobe_chain
1:  cmp [rax], rbx
    je 2f
    mov rax, [rax]
    add rax, KP_NEXT
    jmp 1b
2:  mov rcx, [rbx + KP_NEXT]
    mov [rax], rcx
    pop rbx
    ret
  .else
    jmp unregister_kprobe
  .endif
END unregister_ftrace_kprobe

// What a trampoline is to call, maybe among others: the handler of the probe at rdi, if there is one. It gets no frame.
FUNCTION kprobe_ftrace_handler
    inc qword ptr gs:[CPU_PREEMPT_COUNT]
    call get_kprobe
    test rax, rax
    jz 2f
    mov rcx, gs:[CPU_NUMBER]
    shl rcx, 6                           // KC_SIZE
    lea rdx, [rip + kprobe_control]
    add rdx, rcx
    cmp qword ptr [rdx + KC_CURRENT], 0
    jne 1f
    mov [rdx + KC_CURRENT], rax
    mov qword ptr [rdx + KC_STATUS], KPROBE_HIT_ACTIVE
    push rdx
    mov rdi, rax
    xor esi, esi
    call [rax + KP_HANDLER]
    pop rdx
    mov qword ptr [rdx + KC_CURRENT], 0
    jmp 2f
1:  lock inc qword ptr [rax + KP_MISSED]
2:  jmp preempt_enable
END kprobe_ftrace_handler
