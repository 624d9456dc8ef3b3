// Text that mechanisms share: functions that are traced at their entry (the site), with an instruction to be probed and
// a static branch behind it. Every caller looks whether all that is there was counted.

// A key's combination: what of its functions is on.
.set KEY_ON, 1
.set TRACED, 2
.set PROBED, 4

// A key's word in key_words: how often a call of its functions counts as on now, and whether that is being changed;
// above that how often it was.
.set COUNTED, 15
.set CHANGING, 16
.set CHANGES, 32

// Places behind a site.
.set PROBED_INSN, 5
.set BRANCH, 8
.set BRANCH_LENGTH, 5
.set ON_BLOCK, 10                        // bytes of the out-of-line block, or more

// Probes of a site, OPT_SIZE each.
.set PROBE_ENTRY, 0                      // of the site itself, through ftrace
.set PROBE_INSN, OPT_SIZE                // beside the branch: the jump of an optimized probe would go across it
.set PROBE_BRANCH, OPT_SIZE * 2          // of the branch: refused
.set PROBES_SIZE, OPT_SIZE * 3

.text

// A call of function n, which makes n + 1 of n and 1. If nobody changed the key from before the call until behind it,
// as much was counted as the key's word says.
.macro SITE n, length, boundary, offset
    push gs:[CPU_SITES_ON]
    push [rip + key_words + site_\n\()_key * 8]
    mov eax, \n
    mov ecx, 1
    call shared_\n
    pop rcx
    pop rdx
    cmp rcx, [rip + key_words + site_\n\()_key * 8]
    jne .Lsite_\n\()_end
    test cl, CHANGING
    jnz .Lsite_\n\()_end
    and ecx, COUNTED
    add rcx, rdx
    cmp rcx, gs:[CPU_SITES_ON]
    je .Lsite_\n\()_end
    lea rdi, [rip + site_\n]
    mov rsi, gs:[CPU_SITES_ON]
    sub rsi, rdx
    PANIC PANIC_COUNT_DIFFERS

    FUNCTION shared_\n
    FENTRY \n, \boundary, \offset
    add rax, rcx
    .byte 0x0f, 0x1f, 0x44, 0x00, 0x00
    inc qword ptr gs:[CPU_SITES_OFF]
    RETURN \n
site_\n\()_on:
    inc qword ptr gs:[CPU_SITES_ON]
    RETURN \n
    END shared_\n
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

// All branches are reserved.
FUNCTION mechanism_boot
    push rbx
    call init_text_alloc
    lea rbx, [rip + lab_sites]
1:  mov rdi, [rbx + SITE_CODE]
    add rdi, BRANCH
    mov esi, BRANCH_LENGTH
    call reserve_text
    add rbx, SITE_SIZE
    lea rax, [rip + lab_keys]            // which stand behind all sites
    cmp rbx, rax
    jb 1b
    pop rbx
    ret
END mechanism_boot

// Key rdi goes on to the next of eight combinations, in the order of the Gray code: one of the three is switched, while
// both others are on or off.
FUNCTION mechanism_flip
    push rbx
    push rbp
    push r12
    push r13
    mov rbx, rdi
    lea rax, [rip + key_words]
    add qword ptr [rax + rdi * 8], CHANGING
    lea rdx, [rip + lab_key_state]
    mov rcx, [rdx + rdi * 8]
    mov ebp, ecx
    shr ebp, 1
    xor ebp, ecx
    inc ecx
    and ecx, 7
    mov [rdx + rdi * 8], rcx
    mov r12d, ecx
    shr r12d, 1
    xor r12d, ecx                        // the combination from now on
    xor ebp, r12d                        // what is switched
    shl rdi, 4                           // KEY_SIZE
    lea r13, [rip + lab_keys]
    add r13, rdi
    cmp ebp, TRACED
    je 3f
    cmp ebp, PROBED
    je 2f
    lea rax, [rip + switch_branch]
    call for_each_site
    call poke_finish
    jmp 4f
2:  test r12d, PROBED
    jz 1f
    lea rax, [rip + register_probes]
    call for_each_site
    jmp 3f
1:  call trace_entries
    lea rax, [rip + unregister_probes]
    call for_each_site
    jmp 4f
3:  call trace_entries

    // What a call counts: the trampoline, the branch, each probe.
4:  xor eax, eax
    lea rdx, [rip + ftrace_targets]
    cmp [rdx + rbx * 8], rax
    setne al
    mov edx, r12d
    and edx, KEY_ON
    add eax, edx
    test r12d, PROBED
    jz 5f
    add rax, [rip + probes_of_site]
5:  lea rdx, [rip + key_words]
    mov rcx, [rdx + rbx * 8]
    and rcx, -CHANGING
    lea rax, [rax + rcx + CHANGES - CHANGING]
    mov [rdx + rbx * 8], rax
    pop r13
    pop r12
    pop rbp
    pop rbx
    ret
END mechanism_flip

// Calls rax with each site of the key at r13 in rdi.
FUNCTION for_each_site
    push rbx
    push rbp
    push r14
    mov r14, rax
    mov rbx, [r13 + KEY_FIRST]
    mov rbp, [r13 + KEY_COUNT]
1:  mov rdi, rbx
    call r14
    add rbx, SITE_SIZE
    dec rbp
    jnz 1b
    pop r14
    pop rbp
    pop rbx
    ret
END for_each_site

// Queues the poke that brings the branch of site rdi to combination r12.
FUNCTION switch_branch
    push rbx
    sub rsp, 16
    mov rbx, rdi
  .if FAULT_OLD_TEXT == 0
    // The text must be what the other state says (jump_label_bug).
    mov esi, r12d
    xor esi, KEY_ON
    mov rdx, rsp
    call branch_text
    lea rdi, [rdi + BRANCH]
    mov rsi, rsp
    mov ecx, BRANCH_LENGTH
    repe cmpsb
    jne 9f
  .endif
    mov rdi, rbx
    mov esi, r12d
    mov rdx, rsp
    call branch_text
    add rdi, BRANCH
    mov rsi, rsp
    mov edx, BRANCH_LENGTH
    xor ecx, ecx
    mov r8, [rbx + SITE_NAME]
    call poke_queue
    add rsp, 16
    pop rbx
    ret
9:  mov rdi, [rbx + SITE_CODE]
    mov rsi, [rdi + BRANCH]
    add rdi, BRANCH
    PANIC PANIC_OLD_TEXT_DIFFERS
END switch_branch

// Writes the branch of site rdi in combination esi to rdx; the site's address in rdi. Changes rax.
FUNCTION branch_text
    NOP5_AT rdx
    mov rax, [rdi + SITE_TARGET]
    mov rdi, [rdi + SITE_CODE]
    test esi, KEY_ON
    jz 1f
    sub rax, rdi
    sub eax, BRANCH + BRANCH_LENGTH
    mov byte ptr [rdx], OP_JMP32
    mov [rdx + 1], eax
1:  ret
END branch_text

// The entries of key rbx, with combination r12, call ftrace_caller if anybody wants it.
FUNCTION trace_entries
    lea rdi, [rip + ftrace_caller]
    lea rsi, [rip + count_call]
    call ftrace_update_func
  .if FAULT_KPROBE_FTRACE == 0
    test r12d, TRACED + PROBED
  .else
    test r12d, TRACED
  .endif
    lea rsi, [rip + ftrace_caller]
    mov eax, 0
    cmovz rsi, rax
    mov rdi, rbx
    lea rax, [rip + ftrace_targets]
    cmp [rax + rdi * 8], rsi
    jne ftrace_set
    ret
END trace_entries

// What the trampoline calls, with the site's address in rdi: it counts, and so do probes of entries.
FUNCTION count_call
    inc qword ptr gs:[CPU_SITES_ON]
  .if FAULT_KPROBE_FTRACE == 0
    jmp kprobe_ftrace_handler
  .else
    ret
  .endif
END count_call

// The handler of all probes.
FUNCTION count_hit
    inc qword ptr gs:[CPU_SITES_ON]
    xor eax, eax
    ret
END count_hit

// The probes of site rdi, in rax: they stand as the sites do. Changes rcx.
FUNCTION site_probes
    mov rax, rdi
    lea rcx, [rip + lab_sites]
    sub rax, rcx
    shr rax, 5                           // SITE_SIZE
    imul rax, rax, PROBES_SIZE
    lea rcx, [rip + probes]
    add rax, rcx
    ret
END site_probes

// The probes of site rdi come: one through ftrace; one that could be optimized, were there not the branch behind it;
// one that is refused.
FUNCTION register_probes
    push rbx
    push rbp
    mov rbp, rdi
    call site_probes
    mov rbx, rax
    lea rdi, [rbx + PROBE_ENTRY]
    xor esi, esi
    call fill_probe
    call register_ftrace_kprobe
    lea rdi, [rbx + PROBE_INSN]
    mov esi, PROBED_INSN
    call fill_probe
    mov rax, [rdi + KP_ADDRESS]
    mov [rdi + OPT_START], rax
    mov rax, [rbp + SITE_TARGET]
    add rax, ON_BLOCK
    mov [rdi + OPT_END], rax
    call register_optprobe
    test eax, eax
    jz 1f
    lea rdi, [rbx + PROBE_INSN]
    call optimize_kprobe
    call await_optimizable
    lea rdi, [rbx + PROBE_INSN]
    call queue_optimized
    call poke_finish
1:  lea rdi, [rbx + PROBE_BRANCH]
    mov esi, BRANCH
    call fill_probe
    call register_kprobe
    add eax, 2
    mov [rip + probes_of_site], rax
    pop rbp
    pop rbx
    ret
END register_probes

// Probe rdi is to stand rsi bytes behind the beginning of site rbp. Changes rax.
FUNCTION fill_probe
    add rsi, [rbp + SITE_CODE]
    mov [rdi + KP_ADDRESS], rsi
    lea rax, [rip + count_hit]
    mov [rdi + KP_HANDLER], rax
    mov rax, [rbp + SITE_NAME]
    mov [rdi + KP_NAME], rax
    ret
END fill_probe

// They go, those that came.
FUNCTION unregister_probes
    push rbx
    call site_probes
    mov rbx, rax
    cmp qword ptr [rip + probes_of_site], 3
    jne 1f
    lea rdi, [rbx + PROBE_BRANCH]
    call unregister_kprobe
1:  lea rdi, [rbx + PROBE_INSN]
    cmp qword ptr [rdi + OPT_TRAMPOLINE], 0
    je 2f
    call unoptimize_kprobe
2:  lea rdi, [rbx + PROBE_INSN]
    call unregister_optprobe
    lea rdi, [rbx + PROBE_ENTRY]
    pop rbx
    jmp unregister_ftrace_kprobe
END unregister_probes

.data
.balign 64
probes_of_site:                          // how many of a site's are registered
    .quad 0
key_words:
    .fill KEYS, 8, 0
probes:
    .fill SITE_ROOM * PROBES_SIZE / 8, 8, 0
