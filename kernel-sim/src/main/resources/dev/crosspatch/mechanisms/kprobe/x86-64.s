// Kernel probes: sites are instructions of several kinds, each with a probe while its key is on.

.text

// A probed instruction of `length` bytes; behind it eax is n + 1, whoever runs it and wherever. A pass counts as off,
// the probe's handler makes of it one that counts as on.
.macro SITE n, length, boundary, offset
    mov eax, \n
    mov ecx, 1
  .if \length == 1
    push rbp
    mov ebp, \n + 1
  .endif
  .if \length == 2
    test bl, 1
  .endif
  .if \length == 4
    xor eax, 8 ^ \n ^ (\n + 1)
  .endif
    PLACE_SITE \n, \boundary, \offset
  .if \length == 1
    push rbp                             // boosted
site_\n\()_on:
    pop rax
    pop rbp
  .endif
  .if \length == 2
    jz .Lsite_\n\()_zero                 // emulated
site_\n\()_on:
    add eax, 1
    jmp .Lsite_\n\()_end
.Lsite_\n\()_zero:
    inc eax
.Lsite_\n\()_end:
  .endif
  .if \length == 3
    add rax, rcx                         // boosted
site_\n\()_on:
  .endif
  .if \length == 4
    btc eax, 3                           // stepped
site_\n\()_on:
  .endif
  .if \length == 5
    call kprobed_function                // emulated
site_\n\()_on:
  .endif
  .if \length == 7
    mov rax, [rip + kprobed_numbers + \n * 8]   // boosted, with another displacement in its slot
site_\n\()_on:
  .endif
    inc qword ptr gs:[CPU_SITES_OFF]
    add gs:[CPU_CHECKSUM], rax
.endm

FUNCTION kprobed_function
    inc eax
    ret
END kprobed_function

FUNCTION mechanism_boot
    jmp init_text_alloc
END mechanism_boot

// The probes of key rdi come, or go; with those of key 0 one in the handler of all of them.
FUNCTION mechanism_flip
    push rbx
    push rbp
    push r12
    push r13
    lea rax, [rip + lab_key_state]
    xor qword ptr [rax + rdi * 8], 1
    mov r12, [rax + rdi * 8]
    mov r13, rdi
    shl rdi, 4                           // KEY_SIZE
    lea rax, [rip + lab_keys]
    mov rbx, [rax + rdi + KEY_FIRST]
    mov rbp, [rax + rdi + KEY_COUNT]
1:  mov rdi, rbx
    call site_probe
    mov rcx, [rbx + SITE_CODE]
    mov [rdi + KP_ADDRESS], rcx
    lea rcx, [rip + count_hit]
    mov [rdi + KP_HANDLER], rcx
    mov rcx, [rbx + SITE_NAME]
    mov [rdi + KP_NAME], rcx
    call toggle_probe
    add rbx, SITE_SIZE
    dec rbp
    jnz 1b
    test r13, r13
    jnz 2f
    lea rdi, [rip + probe_in_handler]
    lea rcx, [rip + count_hit_step]
    mov [rdi + KP_ADDRESS], rcx
    lea rcx, [rip + never_called]
    mov [rdi + KP_HANDLER], rcx
    lea rcx, [rip + handler_name]
    mov [rdi + KP_NAME], rcx
    call toggle_probe
2:  pop r13
    pop r12
    pop rbp
    pop rbx
    ret
END mechanism_flip

// Probe rdi comes if r12 is 1, else goes.
FUNCTION toggle_probe
    test r12, r12
    jnz register_kprobe
    jmp unregister_kprobe
END toggle_probe

// The probe of site rdi, in rdi: they stand as the sites do. Changes rax, rcx.
FUNCTION site_probe
    lea rax, [rip + lab_sites]
    sub rdi, rax
    shr rdi, 5                           // SITE_SIZE
    imul rdi, rdi, KP_SIZE
    lea rax, [rip + probes]
    add rdi, rax
    ret
END site_probe

// The handler of all sites' probes: the pass that begins counts as on.
FUNCTION count_hit
    mov eax, 1
count_hit_step:
    add gs:[CPU_SITES_ON], rax           // itself with a probe while key 0 is on
    sub gs:[CPU_SITES_OFF], rax
    xor eax, eax
    ret
END count_hit

// The handler of the probe in a handler: it is always missed.
FUNCTION never_called
    mov rsi, [rdi + KP_MISSED]
    mov rdi, [rdi + KP_ADDRESS]
    PANIC PANIC_TRAP_RECURSION
END never_called

.section .rodata
handler_name:
    .asciz "count_hit_step"
.balign 8
kprobed_numbers:
  .set number, 1
  .rept SITE_ROOM
    .quad number
    .set number, number + 1
  .endr

.data
.balign 64
probes:
    .fill SITE_ROOM * KP_SIZE / 8, 8, 0
probe_in_handler:
    .fill KP_SIZE / 8, 8, 0
