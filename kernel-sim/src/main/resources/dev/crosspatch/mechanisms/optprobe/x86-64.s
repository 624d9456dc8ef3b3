// Optimized probes: sites are functions that begin with a probe. Flips take the probes of a key through the states of
// their life: armed, optimized where that can be, armed again, gone.

.text

// A function whose first instructions are as `length` says: 5 to 7 bytes that the jump can cover; of the other kinds
// none can be optimized. Behind it eax is n + 1. A pass counts as off, the probe's handler makes of it one that counts
// as on.
.macro SITE n, length, boundary, offset
    mov eax, \n
    mov ecx, 1
    call site_\n
    jmp .Lsite_\n\()_end
  .if \boundary > 1
    .balign \boundary, 0xcc
    .space \offset, 0xcc
  .endif
site_\n:
  .if \length == 5
    nop                                  // tasks sleep between them
    pause
    pause
    add eax, ecx
  .endif
  .if \length == 6
    add rax, rcx
    pause
    nop
  .endif
  .if \length == 7
    mov rax, [rip + probed_numbers + \n * 8]
  .endif
  .if \length == 8
    mov edx, eax                         // refused: a jump into byte 2
.Lsite_\n\()_back:
    add edx, 1
    pause
    dec ecx
    jnz .Lsite_\n\()_back
    mov eax, edx
  .endif
  .if \length == 9
    mov edx, eax                         // refused: a call cannot be copied
    call add_one
  .endif
  .if \length == 10
    add rax, rcx                         // refused: it has an entry in the exception table
    pause
    nop
  .endif
  .if \length == 11
    add rax, rcx                         // refused: an indirect jump, which might lead anywhere
    lea rdx, [rip + .Lsite_\n\()_ret]
    jmp rdx
.Lsite_\n\()_ret:
  .endif
    ret
site_\n\()_on:
.Lsite_\n\()_end:
    inc qword ptr gs:[CPU_SITES_OFF]
    add gs:[CPU_CHECKSUM], rax
.endm

FUNCTION add_one
    add eax, 1
    ret
END add_one

FUNCTION mechanism_boot
    jmp init_text_alloc
END mechanism_boot

// The probes of key rdi go on to the next state of their life.
FUNCTION mechanism_flip
    push rbx
    lea rax, [rip + lab_key_state]
    mov rbx, [rax + rdi * 8]
    lea rcx, [rbx + 1]
    and ecx, 3
    mov [rax + rdi * 8], rcx
    shl rdi, 4                           // KEY_SIZE
    lea rax, [rip + lab_keys]
    add rdi, rax
    mov [rip + flipped], rdi
    cmp ebx, 1
    je 1f
    lea rax, [rip + come]
    lea rcx, [rip + back]
    cmp ebx, 2
    cmove rax, rcx
    lea rcx, [rip + unregister_optprobe]
    cmp ebx, 3
    cmove rax, rcx
    call for_each_probe
    pop rbx
    ret
    // All that can be are optimized together.
1:  lea rax, [rip + may_optimize]
    call for_each_probe
    call await_optimizable
    lea rax, [rip + optimize]
    call for_each_probe
    call poke_finish
    pop rbx
    ret
END mechanism_flip

// Calls rax with each probe of the key that is flipped in rdi and its site in rsi.
FUNCTION for_each_probe
    push rbx
    push rbp
    push r12
    mov r12, rax
    mov rax, [rip + flipped]
    mov rbx, [rax + KEY_FIRST]
    mov rbp, [rax + KEY_COUNT]
1:  mov rdi, rbx
    lea rax, [rip + lab_sites]
    sub rdi, rax
    shr rdi, 5                           // SITE_SIZE
    imul rdi, rdi, OPT_SIZE
    lea rax, [rip + probes]
    add rdi, rax
    mov rsi, rbx
    call r12
    add rbx, SITE_SIZE
    dec rbp
    jnz 1b
    pop r12
    pop rbp
    pop rbx
    ret
END for_each_probe

// Probe rdi at site rsi is registered; the mechanism knows which can be optimized, too.
FUNCTION come
    push rbx
    mov rbx, rsi
    mov rcx, [rbx + SITE_CODE]
    mov [rdi + KP_ADDRESS], rcx
    mov [rdi + OPT_START], rcx
    mov rcx, [rbx + SITE_TARGET]
    mov [rdi + OPT_END], rcx
    lea rcx, [rip + count_hit]
    mov [rdi + KP_HANDLER], rcx
    mov rcx, [rbx + SITE_NAME]
    mov [rdi + KP_NAME], rcx
    cmp qword ptr [rbx + SITE_LENGTH], 10
    jne 1f
    push rdi
    mov rdi, [rbx + SITE_CODE]
    call has_exception_entry
    test eax, eax
    jnz 2f
    call add_exception_entry
2:  pop rdi
1:  call register_optprobe
    mov rcx, [rbx + SITE_LENGTH]
    cmp rcx, 8                           // 8 and more: refused
    setb cl
    cmp cl, al
    jne 3f
    pop rbx
    ret
3:  mov rdi, [rbx + SITE_CODE]
    mov rsi, [rbx + SITE_LENGTH]
    PANIC PANIC_CANNOT_EMULATE
END come

// For those that can be optimized; the others stay kernel probes.
.macro ONLY_OPTIMIZABLE function
    cmp qword ptr [rdi + OPT_TRAMPOLINE], 0
    jne \function
    ret
.endm

FUNCTION may_optimize
    ONLY_OPTIMIZABLE optimize_kprobe
END may_optimize

FUNCTION optimize
    ONLY_OPTIMIZABLE queue_optimized
END optimize

FUNCTION back
    ONLY_OPTIMIZABLE unoptimize_kprobe
END back

// The handler of all probes: the pass that has begun counts as on.
FUNCTION count_hit
    inc qword ptr gs:[CPU_SITES_ON]
    dec qword ptr gs:[CPU_SITES_OFF]
    xor eax, eax
    ret
END count_hit

.section .rodata
.balign 8
probed_numbers:
  .set number, 1
  .rept SITE_ROOM
    .quad number
    .set number, number + 1
  .endr

.data
.balign 64
flipped:                                 // the key
    .quad 0
probes:
    .fill SITE_ROOM * OPT_SIZE / 8, 8, 0
