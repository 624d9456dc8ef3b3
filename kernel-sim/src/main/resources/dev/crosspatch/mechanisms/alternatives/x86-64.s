// Alternatives: what is locked while several CPUs are online and plain while one is (SMP alternatives), and what a
// feature decides at boot.

.text

// What stands for LOCK INC while one CPU is online. Changes rax.
.macro PLAIN_INC
    mov rax, [rdx]
    inc rax
    mov [rdx], rax
.endm

// Adds 1 to a counter that all CPUs share: a LOCK prefix alone, or a locked instruction that is a load, an addition and
// a store where it is not locked. Before it alternatives of the fifth kind by n, behind which eax is n + 1.
.macro SITE n, length, boundary, offset
    mov eax, \n
  .if \n % 5 == 0
    ALTERNATIVE alternative_\n, "mov eax, -1", "mov eax, -2", ALT_ALWAYS, 0, .Lname_\n
    ALTERNATIVE_ENTRY again_\n, alternative_\n, 5, "mov eax, \n + 1", ALT_ALWAYS, 0, .Lname_\n
  .endif
  .if \n % 5 == 1
    ALTERNATIVE alternative_\n, "call alternative_dec", "call alternative_inc", ALT_ALWAYS, 0, .Lname_\n
  .endif
  .if \n % 5 == 2
    ALTERNATIVE alternative_\n, "nop", "jmp .Lsite_\n\()_jumped", ALT_ALWAYS, 0, .Lname_\n
    dec eax
    dec eax
.Lsite_\n\()_jumped:
    inc eax
  .endif
  .if \n % 5 == 3
    ALTERNATIVE alternative_\n, "add eax, 0x01020304", "inc eax", ALT_ALWAYS, 0, .Lname_\n
  .endif
  .if \n % 5 == 4
    ALTERNATIVE alternative_\n, "inc eax", "dec eax", ALT_NEVER, 0, .Lname_\n
  .endif
    lea rdi, [rip + alternative_\n]
    movsxd rcx, eax
    cmp eax, \n + 1
    jne wrong_result
    lea rdx, [rip + smp_passes]
    imul rax, gs:[CPU_NUMBER], 64
    inc qword ptr [rdx + rax]
    lea rdx, [rip + smp_shared]
    PLACE_SITE \n, \boundary, \offset
  .if \length == 1
    lock inc qword ptr [rdx]
    ALTERNATIVE_ENTRY up_\n, site_\n, 1, ".byte 0x3e", ALT_FIRST + site_\n\()_key, 0, .Lname_\n
    ALTERNATIVE_ENTRY smp_\n, site_\n, 1, ".byte 0xf0", ALT_FIRST + site_\n\()_key, ALT_NOT, .Lname_\n
  .else
    lock inc qword ptr [rdx]
    .byte 0x0f, 0x1f, 0x44, 0x00, 0x00
    ALTERNATIVE_ENTRY up_\n, site_\n, 9, PLAIN_INC, ALT_FIRST + site_\n\()_key, 0, .Lname_\n
    ALTERNATIVE_ENTRY smp_\n, site_\n, 9, "lock inc qword ptr [rdx]", ALT_FIRST + site_\n\()_key, ALT_NOT, .Lname_\n
  .endif
site_\n\()_on:
    inc qword ptr gs:[CPU_SITES_OFF]
    add gs:[CPU_CHECKSUM], rcx
.endm

FUNCTION alternative_inc
    inc eax
    ret
END alternative_inc

FUNCTION alternative_dec
    dec eax
    ret
END alternative_dec

// What stands at rdi made rcx of a site's number.
FUNCTION wrong_result
    mov rsi, rcx
    PANIC PANIC_WRONG_RESULT
END wrong_result

// alternative_instructions: what this kernel's CPUs have decides before others run.
FUNCTION mechanism_boot
    lea rdi, [rip + alternatives]
    lea rsi, [rip + lab_params]
    xor edx, edx
    mov ecx, ALT_FIRST
    jmp apply_alternatives
END mechanism_boot

// If one CPU is online, the locked text of key rdi becomes plain (alternatives_smp_switch(0)).
FUNCTION mechanism_flip
    cmp qword ptr [rip + cpus_online], 1
    jne 1f
    lea rax, [rip + lab_key_state]
    mov qword ptr [rax + rdi * 8], 1
    lea rax, [rip + alternative_features + ALT_FIRST]
    mov byte ptr [rax + rdi], 1
  .if USES_TASKS == 0
    push rdi
    call check_updates
    pop rdi
  .endif
    jmp smp_switch
1:  ret
END mechanism_flip

// A second CPU comes up: all text is locked again (alternatives_enable_smp).
FUNCTION mechanism_hotplug
  .if FAULT_SMP_RESTORE == 0
    lea rdi, [rip + alternative_features + ALT_FIRST]
    mov ecx, ALT_FEATURES - ALT_FIRST
    xor eax, eax
    rep stosb
    jmp smp_switch
  .else
    ret
  .endif
END mechanism_hotplug

FUNCTION smp_switch
    lea rdi, [rip + alternatives]
    lea rsi, [rip + lab_params]
    mov edx, ALT_FIRST
    mov ecx, ALT_FEATURES
    jmp apply_alternatives
END smp_switch

// One CPU is online: the counter that all share is what they added.
FUNCTION check_updates
    lea rdi, [rip + smp_passes]
    xor eax, eax
    mov ecx, 64
1:  add rax, [rdi]
    add rdi, 64
    dec ecx
    jnz 1b
    cmp rax, [rip + smp_shared]
    jne 2f
    ret
2:  lea rdi, [rip + smp_shared]
    mov rsi, rax
    PANIC PANIC_LOST_UPDATE
END check_updates

.section .rodata
.balign 8
alternatives:                            // entries follow, behind them lab_params

.data
.balign 64
smp_shared:
    .quad 0
.balign 64
smp_passes:                              // of each CPU, a line each
    .fill 64 * 8, 8, 0

.text
