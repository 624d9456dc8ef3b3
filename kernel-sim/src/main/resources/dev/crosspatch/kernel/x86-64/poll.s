// When it is time to patch. What is patched, and how, is the mechanism's.

.text

  .if USES_TEXT_MUTEX == 0
// Called between work iterations. On the patching CPU: flips the next key if it is time to and flips are left; once all
// are made, tells endless workers to stop.
FUNCTION patch_poll
    mov rax, gs:[CPU_NUMBER]
    cmp rax, [rip + lab_params + PARAM_PATCHING_CPU]
    jne 3f
    mov rcx, [rip + lab_params + PARAM_FLIPS]
    test rcx, rcx
    jz 1f
    cmp [rip + flips_made], rcx
    jb 1f
    mov qword ptr [rip + work_stop], 1
    ret
1:  rdtsc
    shl rdx, 32
    or rax, rdx
    cmp rax, [rip + next_flip]
    jb 3f
    add rax, [rip + lab_params + PARAM_FLIP_INTERVAL]
    mov [rip + next_flip], rax

    mov rcx, [rip + flip_index]
    lea rdx, [rip + lab_flip_order]
    mov rdi, [rdx + rcx * 8]
    inc rcx
    cmp rcx, [rip + lab_params + PARAM_FLIP_ORDER_LENGTH]
    jb 2f
    xor ecx, ecx
2:  mov [rip + flip_index], rcx
    inc qword ptr [rip + flips_made]
  .if USES_TASKS || USES_HOTPLUG
    call mechanism_flip                  // not jumped to: other tasks' returns are not this one's
  .if USES_HOTPLUG
    jmp hotplug_poll
  .else
    ret
  .endif
  .else
    jmp mechanism_flip
  .endif
3:  ret
END patch_poll
  .endif

.data
.balign 64
text_physical:                           // physical address minus address of the text
    .quad 0
poking_cr3:
    .quad 0
next_flip:
    .quad 0
flip_index:
    .quad 0
flips_made:
    .quad 0
