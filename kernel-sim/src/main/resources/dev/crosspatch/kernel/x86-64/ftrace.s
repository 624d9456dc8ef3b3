// Traced functions (library part ftrace): a NOP at the entry of each, which becomes a CALL of a trampoline.

.set FENTRY_LENGTH, 5

.text

// The beginning of a traced function: ENDBR in those of an even number, then the site.
.macro FENTRY n, boundary, offset
  .if (\n & 1) == 0
    endbr64
  .endif
    PLACE_SITE \n, \boundary, \offset
    .byte 0x0f, 0x1f, 0x44, 0x00, 0x00
.endm

// What traced functions call: keeps all registers and calls a function with the address of the site in rdi and, in rsi,
// that of where it returns to. What is copied for trampolines of one's own.
FUNCTION ftrace_caller
    PUSH_SCRATCH
    lea rsi, [rsp + 9 * 8]
    mov rdi, [rsi]
    sub rdi, FENTRY_LENGTH
ftrace_call:
    call ftrace_stub
ftrace_call_end:
    POP_SCRATCH
    ret
ftrace_caller_end:
END ftrace_caller
.set FTRACE_CALL, ftrace_call - ftrace_caller
.set FTRACE_SIZE, ftrace_caller_end - ftrace_caller
.set FTRACE_ROOM, 64                     // for it, on the stack

FUNCTION ftrace_stub
    ret
END ftrace_stub

// All functions of key rdi are to call rsi, or nothing if that is 0: looks at what every site holds, queues all,
// finishes (ftrace_replace_code).
FUNCTION ftrace_set
    push rbx
    push rbp
    push r12
    push r13
    push r14
    sub rsp, 16                          // an instruction
    mov r14, rsi
    lea rax, [rip + ftrace_targets]
    mov r13, [rax + rdi * 8]             // what they call now
    mov [rax + rdi * 8], rsi
    shl rdi, 4                           // KEY_SIZE
    lea rax, [rip + lab_keys]
    mov r12, [rax + rdi + KEY_COUNT]
    mov rbx, [rax + rdi + KEY_FIRST]
  .if FAULT_OLD_TEXT == 0
    mov rbp, r12
1:  mov rdi, [rbx + SITE_CODE]
    mov rsi, r13
    mov rdx, rsp
    call ftrace_text
    mov rsi, rsp
    mov ecx, FENTRY_LENGTH
    repe cmpsb
    jne 9f
    add rbx, SITE_SIZE
    dec rbp
    jnz 1b
    mov rax, r12
    imul rax, rax, SITE_SIZE
    sub rbx, rax
  .endif
2:  mov rdi, [rbx + SITE_CODE]
    mov rsi, r14
    mov rdx, rsp
    call ftrace_text
    mov rsi, rsp
    mov edx, FENTRY_LENGTH
    xor ecx, ecx
    mov r8, [rbx + SITE_NAME]
    call poke_queue
    add rbx, SITE_SIZE
    dec r12
    jnz 2b
    call poke_finish
    add rsp, 16
    pop r14
    pop r13
    pop r12
    pop rbp
    pop rbx
    ret
9:  mov rdi, [rbx + SITE_CODE]
    mov rsi, [rdi]
    PANIC PANIC_OLD_TEXT_DIFFERS
END ftrace_set

// Writes a call of rsi at rdi, or a NOP if rsi is 0, to rdx. Changes rax.
FUNCTION ftrace_text
    NOP5_AT rdx
    test rsi, rsi
    jz 1f
    mov rax, rsi
    sub rax, rdi
    sub eax, FENTRY_LENGTH
    mov byte ptr [rdx], OP_CALL
    mov [rdx + 1], eax
1:  ret
END ftrace_text

// The trampoline at rdi is to call function rsi from now on, if it does not already: a poke by itself
// (ftrace_update_ftrace_func).
FUNCTION ftrace_update_func
    sub rsp, 24
    add rdi, offset FTRACE_CALL
    mov rdx, rsp
    call ftrace_text
    mov eax, [rdi + 1]
    cmp eax, [rsp + 1]
    je 1f
    mov rsi, rsp
    mov edx, FENTRY_LENGTH
    xor ecx, ecx
    lea r8, [rip + ftrace_name]
    call poke_queue
    call poke_finish
1:  add rsp, 24
    ret
END ftrace_update_func

// A trampoline that calls function rdi: its address in rax. Room is found, a copy written there and told of before
// anybody can come (create_trampoline; there the room is made read-only and executable, here it is never writable).
FUNCTION ftrace_make_trampoline
    push rbx
    push rbp
    sub rsp, FTRACE_ROOM
    mov rbp, rdi
    mov edi, offset FTRACE_SIZE
    call text_alloc
    test rax, rax
    jz 9f
    mov rbx, rax
    lea rsi, [rip + ftrace_caller]
    mov rdi, rsp
    mov ecx, offset FTRACE_SIZE
    rep movsb
    lea rax, [rbx + FTRACE_CALL + FENTRY_LENGTH]
    sub rbp, rax
    mov [rsp + FTRACE_CALL + 1], ebp
    mov rdi, rbx
    mov rsi, rsp
    mov edx, offset FTRACE_SIZE
    call text_copy
  .if FAULT_REPORT == 0 && FAULT_TRAMPOLINE_EVENT == 0
    mov rdi, rbx
    xor esi, esi
    xor edx, edx
    mov rcx, rsp
    mov r8d, offset FTRACE_SIZE
    lea r9, [rip + ftrace_name]
    call report_text
  .endif
    mov rax, rbx
    add rsp, FTRACE_ROOM
    pop rbp
    pop rbx
    ret
9:  mov edi, offset FTRACE_SIZE
    PANIC PANIC_NO_ROOM
END ftrace_make_trampoline

// Gives back the trampoline at rdi, which nobody calls any more, once nobody is asleep in it
// (ftrace_trampoline_free).
FUNCTION ftrace_free_trampoline
    push rbx
    mov rbx, rdi
    call synchronize_rcu_tasks
  .if FAULT_REPORT == 0 && FAULT_TRAMPOLINE_EVENT == 0
    mov rdi, rbx
    mov rsi, rbx
    mov edx, offset FTRACE_SIZE
    xor ecx, ecx
    xor r8d, r8d
    lea r9, [rip + ftrace_name]
    call report_text
  .endif
    mov rdi, rbx
    mov esi, offset FTRACE_SIZE
    pop rbx
    jmp text_free
END ftrace_free_trampoline

.section .rodata
ftrace_name:
    .asciz "ftrace_trampoline"

.data
.balign 8
ftrace_targets:                          // what the functions of each key call, or 0
    .fill KEYS, 8, 0
