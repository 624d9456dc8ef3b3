// What meets at a function's entry (the site): a tracer, a program of BPF, a live patch and a return probe come and go,
// each beside all combinations of the others and all through ftrace. Every caller looks whether all that is there was
// counted.

// What is at the entries of a key's functions: bits of a combination.
.set TRACED, 1
.set ATTACHED, 2
.set REPLACED, 4
.set HOOKED, 8
.set VIA_LIST, 16                        // beside them: even a program that is alone is called by the list

// What is known of a key, in entry_keys.
.set EK_WORD, 0                          // how often a call of its functions counts as on at least; whether it may once
                                         // more (CHANGING); above that how often that was said
.set EK_OPS, 8                           // what the list calls, a combination
.set EK_ATTACHES, 16                     // how often a program came
.set EK_REFUSED, 24                      // 1: it was not let in
.set EK_SIZE, 32
.set COUNTED, 15
.set CHANGING, 16
.set CHANGES, 32

// What is known of a site, in entry_sites.
.set ES_KEY, 0
.set ES_TARGET, 8                        // what it calls, or 0
.set ES_TRAMPOLINE, 16                   // the program's, or 0
.set ES_OTHER, 24                        // that which takes its place, or 0
.set ES_SIZE, 32
.if ES_SIZE != SITE_SIZE
    .error "both lists have records of one size"
.endif

.set FEXIT_CALL, 0xff                    // first byte of the call in an image of the one kind, not of the other

.text

// A call of function n, which makes n + 1 of n and 1. If nobody changed the key's word from before the call until
// behind it, as much was counted as that says.
.macro SITE n, length, boundary, offset
    push gs:[CPU_SITES_ON]
    push [rip + entry_keys + site_\n\()_key * EK_SIZE + EK_WORD]
    mov edi, \n
    mov esi, 1
    call entry_\n
    pop rcx
    pop rdx
    cmp rcx, [rip + entry_keys + site_\n\()_key * EK_SIZE + EK_WORD]
    jne .Lsite_\n\()_end
    mov rsi, gs:[CPU_SITES_ON]
    sub rsi, rdx
    mov edx, ecx
    and edx, COUNTED
    cmp rsi, rdx
    je .Lsite_\n\()_end
    inc edx
    test ecx, CHANGING
    jz 1f
    cmp rsi, rdx
    je .Lsite_\n\()_end
1:  lea rdi, [rip + site_\n]
    PANIC PANIC_COUNT_DIFFERS

    FUNCTION entry_\n
    FENTRY \n, \boundary, \offset
    inc qword ptr gs:[CPU_SITES_OFF]
    lea rax, [rdi + rsi]
    RETURN \n
    END entry_\n

    FUNCTION replacement_\n
site_\n\()_on:
    inc qword ptr gs:[CPU_SITES_ON]
    lea rax, [rsi + rdi]
    RETURN \n
    END replacement_\n
.Lsite_\n\()_end:
    add gs:[CPU_CHECKSUM], rax
.endm

// Every second pair of functions returns through the thunk, as all do with mitigations.
.macro RETURN n
  .if \n & 2
    jmp return_thunk
  .else
    ret
  .endif
.endm

FUNCTION return_thunk
    ret
    int3
END return_thunk

// Every site gets its key.
FUNCTION mechanism_boot
    push rbx
    lea rbx, [rip + entry_keys]
    lea rsi, [rip + lab_keys]
    mov r8d, KEYS
1:  mov rdi, [rsi + KEY_FIRST]
    call entry_site
    mov rcx, [rsi + KEY_COUNT]
2:  mov [rax + ES_KEY], rbx
    add rax, ES_SIZE
    dec rcx
    jnz 2b
    add rbx, EK_SIZE
    add rsi, KEY_SIZE
    dec r8d
    jnz 1b
    pop rbx
    jmp init_text_alloc
END mechanism_boot

// What is known of site rdi, in rax. Changes rcx.
FUNCTION entry_site
    lea rax, [rip + entry_sites]
    add rax, rdi
    lea rcx, [rip + lab_sites]
    sub rax, rcx
    ret
END entry_site

// What entries call where the list has something for them: keeps all registers, and calls the list with the address of
// the site in rdi. Goes to what a direct call would call, as if it had, or on.
FUNCTION ftrace_regs_caller
    push 0                               // whom the direct call is to call (arch_ftrace_set_direct_caller)
    PUSH_SCRATCH
    lea rsi, [rsp + 9 * 8]
    mov rdi, [rsi + 8]
    sub rdi, FENTRY_LENGTH
    call entry_list
    cmp qword ptr [rsp + 9 * 8], 0
    jne 1f
    POP_SCRATCH
    lea rsp, [rsp + 8]
    ret
1:  POP_SCRATCH
    ret
END ftrace_regs_caller

// All that is at the entry of site rdi, by its key's EK_OPS. At rsi lie whom a direct call is to call, where it goes
// on, and where the function returns to (arch_ftrace_ops_list_func). Changes what a function may.
FUNCTION entry_list
    mov r10, rsi
    lea r11, [rip + lab_sites]
1:  cmp rdi, [r11 + SITE_CODE]
    je 2f
    add r11, SITE_SIZE
    jmp 1b
2:  mov rdi, r11
    call entry_site
    mov rcx, rax
    mov rax, [rcx + ES_KEY]
    mov rax, [rax + EK_OPS]
    test al, TRACED
    jz 3f
    inc qword ptr gs:[CPU_SITES_ON]
3:  test al, ATTACHED
    jz 4f
    mov rdx, [rcx + ES_TRAMPOLINE]       // call_direct_funcs
    mov [r10], rdx
4:  test al, REPLACED
    jz 5f
    mov rdx, [r11 + SITE_TARGET]         // klp_ftrace_handler
    mov [r10 + 8], rdx
5:  test al, HOOKED
    jz 6f
    pushfq
    cli
    lea rdi, [r10 + 16]
    lea rsi, [rip + count_return]
    call rethook_hook
    popfq
6:  ret
END entry_list

// The handler of return probes.
FUNCTION count_return
    inc qword ptr gs:[CPU_SITES_ON]
    ret
END count_return

// The program: rdi points to two arguments of the function, of which the second is 1.
FUNCTION bpf_prog
    mov rax, [rdi + 8]
    add gs:[CPU_SITES_ON], rax
    xor edi, edi
    xor esi, esi
    ret
END bpf_prog

// Key rdi goes on to the next of 16 combinations: one of the four comes or goes, while the others are there or not.
FUNCTION mechanism_flip
    push rbx
    push rbp
    push r12
    push r13
    mov rbx, rdi
    shl rbx, 5                           // EK_SIZE
    lea rax, [rip + entry_keys]
    add rbx, rax
    mov r13, rdi
    shl r13, 4                           // KEY_SIZE
    lea rax, [rip + lab_keys]
    add r13, rax
    lea rsi, [rip + lab_key_state]
    lea rsi, [rsi + rdi * 8]
    mov ecx, [rsi]
    call combination
    mov ebp, eax
    inc ecx
    and ecx, 15
    mov [rsi], rcx
    call combination
    mov r12d, eax                        // from now on
    and eax, ebp
    xor ebp, r12d                        // what comes or goes
    mov esi, CHANGING
    call entry_word

    test ebp, r12d
    jz 3f
    cmp ebp, ATTACHED
    je 2f
    cmp ebp, REPLACED
    jne 1f
    call share_ipmodify
1:  or [rbx + EK_OPS], rbp
    call update_entries
    jmp 6f
2:  call attach
    jmp 6f
3:  cmp ebp, ATTACHED
    je 5f
    call update_entries
    xor [rbx + EK_OPS], rbp
    cmp ebp, REPLACED
    jne 6f
    call share_ipmodify
    jmp 6f
5:  call detach

6:  mov eax, r12d
    xor esi, esi
    call entry_word
    pop r13
    pop r12
    pop rbp
    pop rbx
    ret
END mechanism_flip

// The combination that key rdi has behind ecx flips, in eax: the Gray code, in which TRACED and ATTACHED have changed
// places for odd keys. Changes rdx.
FUNCTION combination
    mov eax, ecx
    shr eax, 1
    xor eax, ecx
    test dil, 1
    jz 1f
    lea edx, [rax + 1]
    test dl, 2                           // one of both
    jz 1f
    xor eax, TRACED + ATTACHED
1:  ret
END combination

// Says of key rbx that calls count what combination eax has, and maybe one more if esi is CHANGING. Changes rcx, rdx.
FUNCTION entry_word
  .if FAULT_FTRACE_MANAGED == 1
    cmp qword ptr [rbx + EK_REFUSED], 0
    je 1f
    and eax, ~ATTACHED
1:
  .endif
    mov rcx, [rbx + EK_WORD]
    and rcx, -CHANGES
    lea rcx, [rcx + rsi + CHANGES]
2:  mov edx, eax
    and edx, 1
    add rcx, rdx
    shr eax, 1
    jnz 2b
    mov [rbx + EK_WORD], rcx
    ret
END entry_word

// Calls rax with each site of the key at r13 in rdi.
FUNCTION for_each_site
    push rbp
    push r14
    mov r14, rax
    mov rbp, [r13 + KEY_FIRST]
    push [r13 + KEY_COUNT]
1:  mov rdi, rbp
    call r14
    add rbp, SITE_SIZE
    dec qword ptr [rsp]
    jnz 1b
    pop rax
    pop r14
    pop rbp
    ret
END for_each_site

// The entries of key rbx call what combination r12 wants: looks at what each holds, queues those that change, finishes
// (ftrace_replace_code).
FUNCTION update_entries
  .if FAULT_OLD_TEXT == 0
    lea rax, [rip + look_at_entry]
    call for_each_site
  .endif
    lea rax, [rip + queue_entry]
    call for_each_site
    jmp poke_finish
END update_entries

// Gives up if site rdi does not hold what was last written there.
FUNCTION look_at_entry
    sub rsp, 8
    call entry_site
    mov rsi, [rax + ES_TARGET]
    mov rdi, [rdi + SITE_CODE]
    mov rdx, rsp
    call ftrace_text
    mov rsi, rsp
    mov ecx, FENTRY_LENGTH
    mov rax, rdi
    repe cmpsb
    jne 1f
    add rsp, 8
    ret
1:  mov rdi, rax
    mov rsi, [rdi]
    PANIC PANIC_OLD_TEXT_DIFFERS
END look_at_entry

// Queues the poke that makes site rdi call what combination r12 wants, if it does not: a program's trampoline if
// nothing else is there (a direct call).
FUNCTION queue_entry
    call entry_site
    mov ecx, r12d
  .if FAULT_FTRACE_MANAGED == 1
    and ecx, ~ATTACHED
  .endif
    xor esi, esi
    test ecx, ecx
    jz 1f
    mov rsi, [rax + ES_TRAMPOLINE]
    cmp ecx, ATTACHED
    je 1f
    lea rsi, [rip + ftrace_regs_caller]
1:  cmp [rax + ES_TARGET], rsi
    je 2f
    mov [rax + ES_TARGET], rsi
    jmp queue_call
2:  ret
END queue_entry

// Queues the poke that makes site rdi call rsi, or nothing if that is 0.
FUNCTION queue_call
    sub rsp, 8
    mov r8, [rdi + SITE_NAME]
    mov rdi, [rdi + SITE_CODE]
    mov rdx, rsp
    call ftrace_text
    mov rsi, rsp
    mov edx, FENTRY_LENGTH
    xor ecx, ecx
    call poke_queue
    add rsp, 8
    ret
END queue_call

// Programs

// A program comes to the functions of key rbx (register_ftrace_direct).
FUNCTION attach
    inc qword ptr [rbx + EK_ATTACHES]
    lea rax, [rip + make_trampoline]
    call for_each_site
    call copy_sync
    lea rax, [rip + exchange_trampolines]
    call for_each_site
  .if FAULT_FTRACE_MANAGED == 0
    or [rbx + EK_OPS], rbp
    jmp update_entries
  .else
    mov qword ptr [rbx + EK_REFUSED], 0
    lea rax, [rip + poke_program]
    call for_each_site
    jmp poke_finish
  .endif
END attach

// It goes; its trampolines are freed when nobody is in them any more.
FUNCTION detach
  .if FAULT_FTRACE_MANAGED == 0
    call update_entries
    xor [rbx + EK_OPS], rbp
  .else
    cmp qword ptr [rbx + EK_REFUSED], 0
    jne 1f
    lea rax, [rip + poke_program]
    call for_each_site
    call poke_finish
1:
  .endif
    lea rax, [rip + exchange_trampolines]
    call for_each_site
    jmp free_others
END detach

// The functions of key rbx are about to be replaced, or are no longer: a program that runs behind its function gets
// another trampoline, which calls what its own return address leads to, not the function that it was made for
// (FTRACE_OPS_CMD_ENABLE_SHARE_IPMODIFY_PEER, DISABLE). All go through the list until each is changed
// (modify_ftrace_direct).
FUNCTION share_ipmodify
  .if FAULT_SHARE_IPMODIFY == 0 && FAULT_FTRACE_MANAGED == 0
    test r12d, ATTACHED
    jz 1f
    push r12
    lea rax, [rip + remake_trampoline]
    call for_each_site
    call copy_sync
    and r12d, ~REPLACED
    or r12d, VIA_LIST
    call update_entries
    lea rax, [rip + exchange_trampolines]
    call for_each_site
    xor r12d, VIA_LIST
    call update_entries
    pop r12
    jmp free_others
1:
  .endif
    ret
END share_ipmodify

// The other trampolines of key rbx are freed when nobody is in them any more.
FUNCTION free_others
    call synchronize_rcu_tasks
    lea rax, [rip + free_trampoline]
    jmp for_each_site
END free_others

// Trampoline and other of site rdi change places, if there is another or a program is to go.
FUNCTION exchange_trampolines
    call entry_site
    mov rcx, [rax + ES_OTHER]
    test r12d, ATTACHED
    jz 1f
    test rcx, rcx
    jz 2f
1:  xchg rcx, [rax + ES_TRAMPOLINE]
    mov [rax + ES_OTHER], rcx
2:  ret
END exchange_trampolines

FUNCTION copy_sync
  .if FAULT_COPY_SYNC == 0
    jmp sync_each_cpu                    // others may hold what was there
  .else
    ret
  .endif
END copy_sync

// ZF is 0 if the program of site rdi, of key rbx, runs behind its function, too (fexit), 1 if only before it (fentry):
// in turn. Changes rax, rcx.
FUNCTION is_fexit
    mov rax, rdi
    lea rcx, [rip + lab_sites]
    sub rax, rcx
    shr eax, 5                           // SITE_SIZE
    add rax, [rbx + EK_ATTACHES]
    test al, 1
    ret
END is_fexit

FUNCTION remake_trampoline
    call is_fexit
    jnz make_trampoline
    ret
END remake_trampoline

// Makes the other trampoline of site rdi, of key rbx, for combination r12: room is found, a copy written there and told
// of (arch_prepare_bpf_trampoline).
FUNCTION make_trampoline
    push rbp
    push r14
    sub rsp, offset TRAMPOLINE_SIZE
    mov rbp, rdi
    mov edi, offset TRAMPOLINE_SIZE
    call text_alloc
    test rax, rax
    jz 9f
    mov r14, rax
    mov rdi, rbp
    call entry_site
    mov [rax + ES_OTHER], r14
    call is_fexit
    lea rsi, [rip + fentry_image]
    mov edx, offset FENTRY_PROG
    jz 1f
    lea rsi, [rip + fexit_image]
    mov edx, offset FEXIT_PROG
1:  mov rdi, rsp
    mov ecx, offset TRAMPOLINE_SIZE
    rep movsb
    lea rdi, [r14 + rdx]
    lea rsi, [rip + bpf_prog]
    add rdx, rsp
    call ftrace_text
    cmp byte ptr [rsp + FEXIT_ORIGINAL], FEXIT_CALL
    jne 2f
  .if FAULT_SHARE_IPMODIFY == 0
    test r12d, REPLACED
    jnz 2f
  .endif
    lea rdi, [r14 + FEXIT_ORIGINAL]
    mov rsi, [rbp + SITE_CODE]
    add rsi, FENTRY_LENGTH
    lea rdx, [rsp + FEXIT_ORIGINAL]
    call ftrace_text
2:  mov rdi, r14
    mov rsi, rsp
    mov edx, offset TRAMPOLINE_SIZE
    call text_copy
  .if FAULT_REPORT == 0 && FAULT_IMAGE_EVENT == 0
    mov rdi, r14
    xor esi, esi
    xor edx, edx
    mov rcx, rsp
    mov r8d, offset TRAMPOLINE_SIZE
    lea r9, [rip + trampoline_name]
    call report_text
  .endif
    add rsp, offset TRAMPOLINE_SIZE
    pop r14
    pop rbp
    ret
9:  mov edi, offset TRAMPOLINE_SIZE
    PANIC PANIC_NO_ROOM
END make_trampoline

// Frees the other trampoline of site rdi, if there is one, in which nobody is any more.
FUNCTION free_trampoline
    call entry_site
    xor edi, edi
    xchg rdi, [rax + ES_OTHER]
    test rdi, rdi
    jz 1f
  .if FAULT_REPORT == 0 && FAULT_IMAGE_EVENT == 0
    push rdi
    mov rsi, rdi
    mov edx, offset TRAMPOLINE_SIZE
    xor ecx, ecx
    xor r8d, r8d
    lea r9, [rip + trampoline_name]
    call report_text
    pop rdi
  .endif
    mov esi, offset TRAMPOLINE_SIZE
    jmp text_free
1:  ret
END free_trampoline

  .if FAULT_FTRACE_MANAGED == 1
// The call of its trampoline at site rdi, of key rbx, comes or goes, by combination r12, if the text is what it should
// be without anybody else, else it is refused, or gives up as it goes (bpf_arch_text_poke, which is right for functions
// that ftrace does not know).
FUNCTION poke_program
    push rbp
    push r14
    sub rsp, 8
    mov rbp, rdi
    call entry_site
    mov r14, [rax + ES_TRAMPOLINE]
    xor esi, esi
    test r12d, ATTACHED
    cmovz rsi, r14                       // the old one
    mov rdi, [rbp + SITE_CODE]
    mov rdx, rsp
    call ftrace_text
  .if FAULT_OLD_TEXT == 0
    mov rsi, rsp
    mov ecx, FENTRY_LENGTH
    repe cmpsb
    jne 2f
  .endif
    xor esi, esi
    test r12d, ATTACHED
    cmovnz rsi, r14
    mov rdi, rbp
    call queue_call
1:  add rsp, 8
    pop r14
    pop rbp
    ret
2:  inc qword ptr [rip + bpf_refused]    // -EBUSY
    mov qword ptr [rbx + EK_REFUSED], 1
    test r12d, ATTACHED
    jnz 1b
    mov rdi, [rbp + SITE_CODE]
    mov rsi, [rdi]
    PANIC PANIC_OLD_TEXT_DIFFERS
END poke_program
  .endif

.section .rodata
// Trampolines, but for where their calls go. The function has its arguments in rdi and rsi.
.balign 32, 0xcc
fentry_image:
    push rbp
    mov rbp, rsp
    push rsi
    push rdi
    mov rdi, rsp
fentry_prog:
    call fentry_image
    pop rdi
    pop rsi
    pop rbp
    ret
.balign 32, 0xcc
// Calls the function and returns to where that would have.
fexit_image:
    push rbp
    mov rbp, rsp
    push rsi
    push rdi
fexit_original:
    call [rbp + 8]                       // where the entry's call returns to (BPF_TRAMP_F_ORIG_STACK)
    .byte 0x66, 0x90
    push rax
    lea rdi, [rsp + 8]
fexit_prog:
    call fentry_image
    pop rax
    leave
    add rsp, 8                           // past it (BPF_TRAMP_F_SKIP_FRAME)
    ret
.balign 32, 0xcc
fexit_image_end:
.set FENTRY_PROG, fentry_prog - fentry_image
.set FEXIT_ORIGINAL, fexit_original - fexit_image
.set FEXIT_PROG, fexit_prog - fexit_image
.set TRAMPOLINE_SIZE, fexit_image_end - fexit_image
trampoline_name:
    .asciz "bpf_trampoline"

.data
.balign 8
bpf_refused:
    .quad 0
entry_keys:
    .fill KEYS * EK_SIZE / 8, 8, 0
entry_sites:
    .fill SITE_ROOM * ES_SIZE / 8, 8, 0
