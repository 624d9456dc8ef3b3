.set SLOTS_MAX, 64

.text

// Calls the slot of key n, or slot_idle, with interrupts off: who answers an interrupt is in no slot.
.macro SITE n, length, boundary, offset
site_\n:
    cli
    call qword ptr [rip + slot_entries + \n * 8]
    sti
    add qword ptr gs:[CPU_CHECKSUM], \n + 1
    jmp .Lsite_\n\()_end
site_\n\()_on:
.Lsite_\n\()_end:
.endm

FUNCTION slot_idle
    inc qword ptr gs:[CPU_SITES_OFF]
    ret
END slot_idle

// Tries the allocator: several hundred slots side by side, one freed and had again, all freed.
FUNCTION mechanism_boot
    push rbx
    push rbp
    call init_text_alloc
    lea rdi, [rip + slot_entries]
    lea rax, [rip + slot_idle]
    mov ecx, SLOTS_MAX
    rep stosq
    mov rbp, TEXT_ROOM
    xor ebx, ebx
1:  mov edi, 40
    call text_alloc
    cmp rax, rbp
    jne 9f
    add rbp, 48
    inc ebx
    cmp ebx, 300
    jb 1b
    mov rdi, TEXT_ROOM + 7 * 48
    mov esi, 40
    call text_free
    mov edi, 49
    call text_alloc                      // too large for the gap
    cmp rax, rbp
    jne 9f
    mov edi, 48
    call text_alloc
    mov rcx, TEXT_ROOM + 7 * 48
    cmp rax, rcx
    jne 9f
    mov edi, TEXT_ROOM_SIZE
    call text_alloc
    test rax, rax
    jnz 9f
    mov rdi, TEXT_ROOM
    mov esi, 300 * 48 + 64
    call text_free
    pop rbp
    pop rbx
    ret
9:  mov rdi, rax
    mov rsi, rbp
    PANIC PANIC_OLD_TEXT_DIFFERS
END mechanism_boot

// Key rdi changes: its slot comes or goes.
FUNCTION mechanism_flip
    push rbx
    push rbp
    push r12
    push r13
    mov rbx, rdi
    mov r12, rdi
    and r12, 3
    shl r12, 4
    lea rax, [rip + slot_image]
    add rax, r12
    mov r13, rax                         // its text
    neg r12
    add r12, offset SLOT_SIZE            // its size
    lea rbp, [rip + slot_entries]
    mov rcx, [rbp + rbx * 8]
    lea rax, [rip + slot_idle]
    cmp rax, rcx
    jne 1f
    mov rdi, r12
    call text_alloc
    push rax
    mov rdi, rax
    mov rsi, r13
    mov rdx, r12
    call text_copy
    call sync_each_cpu                   // others may hold what was there
    mov rdi, [rsp]
    xor esi, esi
    xor edx, edx
    mov rcx, r13
    mov r8, r12
    call slot_name
    call report_text
    pop rax
    mov [rbp + rbx * 8], rax
    jmp 2f
1:  mov [rbp + rbx * 8], rax
    push rcx
    call sync_each_cpu
    mov rdi, [rsp]
    mov rsi, rdi
    mov rdx, r12
    xor ecx, ecx
    xor r8d, r8d
    call slot_name
    call report_text
    pop rdi
    mov rsi, r12
    call text_free
2:  pop r13
    pop r12
    pop rbp
    pop rbx
    ret
END mechanism_flip

// Name of the site of key rbx in r9.
FUNCTION slot_name
    mov rax, rbx
    shl rax, 4                           // KEY_SIZE
    lea r9, [rip + lab_keys]
    mov r9, [r9 + rax + KEY_FIRST]
    mov r9, [r9 + SITE_NAME]
    ret
END slot_name

.section .rodata
// Slots have it from their own beginning on.
slot_image:
    .fill 48, 1, 0x90
    inc qword ptr gs:[CPU_SITES_ON]
    ret
.set SLOT_SIZE, . - slot_image

.data
.balign 8
slot_entries:
    .fill SLOTS_MAX, 8, 0
