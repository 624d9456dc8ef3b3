// Dynamic debug: a query switches many static branches, each as a key of its own.

// The table of statements has file after file of the source; the linker puts parts of each file into so many places.
.set DEBUG_PLACES, 3

.text

.macro SITE n, length, boundary, offset
    STATIC_BRANCH \n, \length, \boundary, \offset
.endm

// Query rdi: switches all its statements, in the order of the table: of each file first the one that stands in the
// first place of the text, then that of the second, and so on (ddebug_change).
FUNCTION mechanism_flip
    push rbx
    push rbp
    push r12
    push r13
    push r14
    lea rax, [rip + lab_key_state]
    xor qword ptr [rax + rdi * 8], 1
    mov rbp, [rax + rdi * 8]             // the new state
    shl rdi, 4                           // KEY_SIZE
    lea rax, [rip + lab_keys]
    mov rbx, [rax + rdi + KEY_FIRST]
    mov r12, [rax + rdi + KEY_COUNT]
    lea rax, [r12 + DEBUG_PLACES - 1]
    xor edx, edx
    mov ecx, DEBUG_PLACES
    div rcx
    mov r13, rax                         // how many files
    push 0                               // the file
1:  mov r14, [rsp]
    cmp r14, r13
    jae 4f
2:  imul rdi, r14, SITE_SIZE
    add rdi, rbx
    mov rsi, rbp
    call switch_statement
    add r14, r13
    cmp r14, r12
    jb 2b
    inc qword ptr [rsp]
    jmp 1b
4:  pop rax
  .if PROTOCOL == PROTOCOL_INT3_BATCH_SORTED
    mov rdi, rbp
    call poke_sorted
  .else
    call poke_finish
  .endif
    pop r14
    pop r13
    pop r12
    pop rbp
    pop rbx
    ret
END mechanism_flip

// The statement of entry rdi goes to state rsi, now or later.
FUNCTION switch_statement
  .if PROTOCOL == PROTOCOL_INT3_BATCH_SORTED
    mov rax, [rip + sorted_count]
    cmp rax, [rip + lab_params + PARAM_BATCH_LIMIT]
    jb 1f
    push rdi
    mov rdi, rsi
    call poke_sorted
    pop rdi
    xor eax, eax
1:  inc qword ptr [rip + sorted_count]
    lea rdx, [rip + sorted_sites]
    mov rcx, [rdi + SITE_CODE]
2:  dec rax
    js 3f
    mov r8, [rdx + rax * 8]
    cmp rcx, [r8 + SITE_CODE]
    ja 3f
    mov [rdx + rax * 8 + 8], r8
    jmp 2b
3:  mov [rdx + rax * 8 + 8], rdi
    ret
  .else
  .if PROTOCOL == PROTOCOL_INT3_EACH
    call poke_site
    jmp poke_finish
  .else
    jmp poke_site
  .endif
  .endif
END switch_statement

  .if PROTOCOL == PROTOCOL_INT3_BATCH_SORTED
// What was sorted goes to state rdi, as one batch.
FUNCTION poke_sorted
    push rbx
    push rbp
    mov rbp, rdi
    xor ebx, ebx
1:  cmp rbx, [rip + sorted_count]
    jae 2f
    lea rax, [rip + sorted_sites]
    mov rdi, [rax + rbx * 8]
    mov rsi, rbp
    call poke_site
    inc rbx
    jmp 1b
2:  mov qword ptr [rip + sorted_count], 0
    pop rbp
    pop rbx
    jmp poke_finish
END poke_sorted
  .endif

STATIC_BRANCH_TEXT

POKE_STATIC_BRANCH

  .if PROTOCOL == PROTOCOL_INT3_BATCH_SORTED
.data
.balign 8
sorted_count:
    .quad 0
sorted_sites:                            // entries in the order of their addresses
    .fill BATCH_MAX, 8, 0
  .endif
