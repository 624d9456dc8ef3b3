// New text is announced, and given up only when all observers have acknowledged it (library part mappings).

.text

// Tells the laboratory where acknowledgements are looked for; called once, from mechanism_boot. Changes rax.
FUNCTION init_mappings
    lea rax, [rip + acknowledgements]
    LAB LAB_MAPPING_ACKNOWLEDGEMENTS, rax
    ret
END init_mappings

// Announces rdx bytes of text at rdi, rsi = their name, zero-terminated: from here on they may run. Returns the number
// of the mapping in rax. Changes rcx. For one CPU at a time.
FUNCTION announce_mapping
    inc qword ptr [rip + mappings_announced]
    mov rax, [rip + mappings_announced]
    sub rsp, MAPPING_SIZE
    mov [rsp + MAPPING_ADDRESS], rdi
    mov [rsp + MAPPING_LENGTH], rdx
    mov [rsp + MAPPING_NAME], rsi
    mov [rsp + MAPPING_SEQUENCE], rax
    mov rcx, rsp
    LAB LAB_MAPPING_ANNOUNCE, rcx
    add rsp, MAPPING_SIZE
    ret
END announce_mapping

// Gives up mapping rdi, which nobody runs any more: behind it its text may be overwritten.
FUNCTION withdraw_mapping
    LAB LAB_MAPPING_WITHDRAW, rdi
    ret
END withdraw_mapping

// Whether observer ecx has acknowledged mapping rdi, or is waited for no more: CF is 0 if so. Changes rax.
FUNCTION mapping_acknowledged
    lea rax, [rip + observers_lost]
    cmp qword ptr [rax + rcx * 8], 1
    je 1f                                // equal: CF is 0
    lea rax, [rip + acknowledgements]
    cmp [rax + rcx * 8], rdi
1:  ret
END mapping_acknowledged

// Waits until every observer has acknowledged mapping rdi. One that takes too long is told of and waited for no more,
// or ends the run, as the scenario has it. Changes rax, rcx, rdx, rsi, r8.
FUNCTION await_acknowledgement
  .if FAULT_ACKNOWLEDGE == 0
    rdtsc
    shl rdx, 32
    lea rsi, [rax + rdx]                 // when it began
    xor ecx, ecx
1:  call mapping_acknowledged
    jae 3f
    rdtsc
    shl rdx, 32
    or rax, rdx
    sub rax, rsi
    mov r8, OBSERVER_PATIENCE
    cmp rax, r8
    jae 2f
    pause
    jmp 1b
2:  lea rax, [rip + observers_lost]
    mov qword ptr [rax + rcx * 8], 1
    LAB LAB_MAPPING_OBSERVER, rcx
    LAB LAB_MAPPING_TIMEOUT, rdi
  .if OBSERVER_PANICS
    mov rdi, [rsp]
    mov rsi, rcx
    PANIC PANIC_OBSERVER_TIMEOUT
  .endif
3:  inc ecx
    cmp ecx, OBSERVERS
    jb 1b
  .endif
    ret
END await_acknowledgement

.data
.balign 64
// By observer, the number of the last mapping that it has acknowledged: the laboratory writes here.
acknowledgements:
    .fill OBSERVERS, 8, 0
.balign 64
// By observer, 1 if it is waited for no more.
observers_lost:
    .fill OBSERVERS, 8, 0
mappings_announced:
    .quad 0
