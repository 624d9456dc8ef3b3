// Waits until all other CPUs have come.
.macro AWAIT_PARKED
    mov eax, [rip + lab_params + PARAM_CPUS]
    dec eax
9:  pause
    cmp eax, [rip + parked]
    jne 9b
.endm

.macro SITE n, length, boundary, offset
    PLACE_SITE \n, \boundary, \offset
    .byte 0x0f, 0x1f, 0x44, 0x00, 0x00
    inc qword ptr gs:[CPU_SITES_OFF]
    jmp .Lsite_\n\()_end
site_\n\()_on:
    inc qword ptr gs:[CPU_SITES_ON]
.Lsite_\n\()_end:
    add qword ptr gs:[CPU_CHECKSUM], \n + 1
.endm

.text

// Every CPU synchronizes. Keeps rdi and rsi.
.macro SYNC
    push rdi
    push rsi
    call sync_each_cpu
    pop rsi
    pop rdi
.endm

// Tells of site rbx, whose old and new bytes lie at rsp.
.macro REPORT
    mov rsi, rsp
    mov edx, 5
    lea rcx, [rsp + 8]
    mov r8d, edx
    mov r9, [rbx + SITE_NAME]
    call report_text
.endm

// All sites of key rdi, one after the other.
FUNCTION mechanism_flip
    push rbx
    push r12
    sub rsp, 24                          // old text, new text, an INT3
    mov byte ptr [rsp + 16], 0xcc
    shl rdi, 4                           // KEY_SIZE
    lea rcx, [rip + lab_keys]
    mov rbx, [rcx + rdi + KEY_FIRST]
    mov r12, [rcx + rdi + KEY_COUNT]
1:  mov rdi, [rbx + SITE_CODE]
    mov rax, [rdi]
    mov [rsp], rax
    lea rdx, [rdi + 5]
    cmp al, 0xe9
    mov eax, 0x00441f0f
    je 2f
    mov rdx, [rbx + SITE_TARGET]
    mov rax, rdx
    sub rax, rdi
    sub rax, 5
    shl rax, 8
    mov al, 0xe9
2:  mov [rsp + 8], rax
    mov [rip + trapping], rdi
    mov [rip + onward], rdx
    lea rsi, [rsp + 16]
    mov edx, 1
    call text_poke
    SYNC
    inc rdi
    lea rsi, [rsp + 9]
    mov edx, 4
    call text_poke
    dec rdi
  .if PROTOCOL != PROTOCOL_LATE && PROTOCOL != PROTOCOL_PARKED
    REPORT
  .endif
  .if PROTOCOL == PROTOCOL_RELAYED || PROTOCOL == PROTOCOL_RELAYED_COUNTED
    mov al, [rsp + 8]
    mov [rip + head], al
    mov dword ptr [rip + parked], 0
    lea rdi, [rip + relay]
    call call_on_each_cpu
  .else
  .if PROTOCOL == PROTOCOL_PARKED
    push rdi
    mov dword ptr [rip + parked], 0
    lea rax, [rip + park]
    xchg r12, rax
    push rax
    call request_call
    mfence
    lfence
    mov eax, ICR_ALL_BUT_SELF + VECTOR_CALL
    xor edx, edx
    mov ecx, MSR_X2APIC_ICR
    wrmsr
    pop r12
    pop rdi
    AWAIT_PARKED
  .else
    SYNC
  .endif
    lea rsi, [rsp + 8]
    mov edx, 1
    call text_poke
  .if PROTOCOL != PROTOCOL_IN_TIME
    REPORT
  .endif
  .endif
  .if PROTOCOL == PROTOCOL_PARKED
    mov dword ptr [rip + parked], -1
    call await_calls
  .else
    SYNC
  .endif
    add rbx, SITE_SIZE
    dec r12
    jnz 1b
    add rsp, 24
    pop r12
    pop rbx
    ret
END mechanism_flip

// A CPU waits until the patching one has done, and synchronizes.
FUNCTION park
    lock inc dword ptr [rip + parked]
1:  pause
    cmp dword ptr [rip + parked], 0
    jg 1b
    jmp sync_core
END park

// CPU 1 stores the first byte, perhaps once all others are here; every CPU synchronizes.
FUNCTION relay
    cmp qword ptr gs:[CPU_NUMBER], 1
    jne 2f
  .if PROTOCOL == PROTOCOL_RELAYED_COUNTED
    AWAIT_PARKED
  .endif
    mov rdi, [rip + trapping]
    lea rsi, [rip + head]
    mov edx, 1
    call text_poke
    jmp 3f
2:  lock inc dword ptr [rip + parked]
3:  jmp sync_core
END relay

// Of a site that is being written, the new instruction: goes where it goes.
FUNCTION mechanism_breakpoint
    xor eax, eax
    mov rcx, [rdi + FRAME_RIP]
    dec rcx
    cmp rcx, [rip + trapping]
    jne 1f
    mov rcx, [rip + onward]
    mov [rdi + FRAME_RIP], rcx
    inc eax
1:  ret
END mechanism_breakpoint

.data
.balign 64
trapping: .quad 0
onward:   .quad 0
head:     .byte 0
.balign 64
parked:   .quad 0
.balign 64
