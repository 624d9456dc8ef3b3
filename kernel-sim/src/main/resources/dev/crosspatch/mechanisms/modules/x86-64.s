// Modules: text that is loaded, linked with the kernel, patched as the kernel's own is, and unloaded. They lie within
// 2 GiB of the kernel, as Linux's do, so that CALL reaches from the one to the other.

// A module's file: what a linker makes of it. Addresses are those that it has in the file.
.set FILE_CORE, 0                        // core text and its end; it begins with the function that sites call
.set FILE_CORE_END, 8
.set FILE_INIT, 16                       // init text and its end; it begins with the init function
.set FILE_INIT_END, 24
.set FILE_RELOCATIONS, 32                // and their end
.set FILE_RELOCATIONS_END, 40
.set FILE_ENTRY, 48                      // the site of tracing in the function
.set FILE_BRANCH, 56                     // the static branch, and where it goes
.set FILE_BRANCH_TARGET, 64
.set FILE_EXIT, 72                       // the exit function
.set FILE_NAME, 80                       // for events; of the init text, and of the static branch
.set FILE_INIT_NAME, 88
.set FILE_BRANCH_NAME, 96
.set FILE_SIZE, 104

// A relocation: the four bytes at `place` become the distance from behind them to `target`.
.set RELOCATION_PLACE, 0
.set RELOCATION_TARGET, 8
.set RELOCATION_SIZE, 16

// A key's module. The word says how many functions are counted with each call, whether that is being changed, whether
// the key is, and above that how often something was.
.set MODULE_WORD, 0
.set MODULE_HOOK, 8                      // what sites call
.set MODULE_FILE, 16                     // what is loaded
.set MODULE_CORE, 24                     // where
.set MODULE_INIT, 32
.set MODULE_NEXT, 40                     // number of the next file
.set MODULE_STEP, 48                     // of module_steps
.set MODULE_SIZE, 64
.set COUNTED, 3
.set CHANGING, 4
.set SWITCHING, 8
.set CHANGES, 16

.set MODULE_ROOM, 512                    // for either text while it is linked
.set MODULE_FILES, 3

.text

// A static branch in the kernel's text, then a call of the key's module if it is there. Both have the key's state: the
// module gets the kernel's and gives back rdi only if its own is the same, which must be so whenever the key was not
// being switched meanwhile. If the module was not being changed either, the calls that were counted must be as many as
// its word says.
.macro SITE n, length, boundary, offset
    push gs:[CPU_SITES_ON]
    push [rip + modules + site_\n\()_key * MODULE_SIZE + MODULE_WORD]
    mov edi, \n + 1
    PLACE_SITE \n, \boundary, \offset
  .if \length == 5
    .byte 0x0f, 0x1f, 0x44, 0x00, 0x00
  .else
    .byte 0x66, 0x90
  .endif
    xor esi, esi
    jmp 1f
site_\n\()_on:
    mov esi, 1
1:  call [rip + modules + site_\n\()_key * MODULE_SIZE + MODULE_HOOK]
    pop rcx
    pop rdx
    cmp rcx, [rip + modules + site_\n\()_key * MODULE_SIZE + MODULE_WORD]
    jne 3f
    test cl, SWITCHING
    jnz 3f
    cmp rax, \n + 1
    jne 2f
    test cl, CHANGING
    jnz 3f
    and ecx, COUNTED
    add rdx, rcx
    cmp rdx, gs:[CPU_SITES_ON]
    je 3f
2:  lea rdi, [rip + site_\n]
    mov rsi, rax
    PANIC PANIC_COUNT_DIFFERS
3:  add qword ptr gs:[CPU_CHECKSUM], \n + 1
.endm

STATIC_BRANCH_TEXT
POKE_STATIC_BRANCH

FUNCTION mechanism_boot
    lea rax, [rip + module_absent]
    lea rdx, [rip + modules]
    mov ecx, KEYS
1:  mov [rdx + MODULE_HOOK], rax
    add rdx, MODULE_SIZE
    dec ecx
    jnz 1b
    jmp init_text_alloc
END mechanism_boot

// What sites call while there is no module.
FUNCTION module_absent
    inc qword ptr gs:[CPU_SITES_OFF]
    mov eax, edi
    ret
END module_absent

// What modules call of the kernel: counts a call; the way in is open, to rdi, or closed.
FUNCTION module_count
    inc qword ptr gs:[CPU_SITES_ON]
    xor eax, eax
    xor ecx, ecx
    ret
END module_count

FUNCTION register_hook
    mov rax, [rip + module_current]
    mov [rax + MODULE_HOOK], rdi
    ret
END register_hook

FUNCTION unregister_hook
    mov rax, [rip + module_current]
    lea rdi, [rip + module_absent]
    mov [rax + MODULE_HOOK], rdi
    ret
END unregister_hook

// What traces the modules' functions.
FUNCTION module_trace
    inc qword ptr gs:[CPU_SITES_ON]
    xor esi, esi
    xor edi, edi
    ret
END module_trace

// The module of key rdi goes on to its next step.
FUNCTION mechanism_flip
    push rbx
    push rbp
    mov rbp, rdi
    mov rax, rdi
    shl rax, 6                           // MODULE_SIZE
    lea rbx, [rip + modules]
    add rbx, rax
    mov [rip + module_current], rbx
    add qword ptr [rbx + MODULE_WORD], CHANGING
    mov rcx, [rbx + MODULE_STEP]
    lea rax, [rcx + 1]
    cmp eax, offset MODULE_STEPS
    jb 1f
    xor eax, eax
1:  mov [rbx + MODULE_STEP], rax
    shl ecx, 4
    lea rax, [rip + module_steps]
    add rax, rcx
    push [rax + 8]
    mov rdi, rbp
    call [rax]
    pop rdx                              // how many functions are counted from now on
    mov rax, [rbx + MODULE_WORD]
    add rax, CHANGES
    and rax, -CHANGES
    add rax, rdx
    mov [rbx + MODULE_WORD], rax
    pop rbp
    pop rbx
    ret
END mechanism_flip

// The steps; rbx = the module, rdi = its key.

// Key rdi changes: one batch for its sites in the kernel and the one in the module.
FUNCTION switch_key
    push rbp
    push r12
    push r13
    or qword ptr [rbx + MODULE_WORD], SWITCHING
    lea rax, [rip + lab_key_state]
    xor qword ptr [rax + rdi * 8], 1
    mov r13, [rax + rdi * 8]             // the new state
    shl rdi, 4                           // KEY_SIZE
    lea rax, [rip + lab_keys]
    mov rbp, [rax + rdi + KEY_FIRST]
    mov r12, [rax + rdi + KEY_COUNT]
1:  dec r12
    js 2f
    mov rdi, rbp
    mov rsi, r13
    call poke_site
    add rbp, SITE_SIZE
    jmp 1b
2:  mov rsi, r13
    pop r13
    pop r12
    pop rbp
    call queue_branch
    jmp poke_finish
END switch_key

// Queues the poke that brings the module's static branch to state rsi.
FUNCTION queue_branch
    push rbp
    mov rbp, [rbx + MODULE_FILE]
    push [rbp + FILE_BRANCH_NAME]
    push 5
    mov rdi, [rbp + FILE_BRANCH_TARGET]
    call module_address
    push rax
    mov rdi, [rbp + FILE_BRANCH]
    call module_address
    push rax                             // an entry as lab_sites has it
    mov rdi, rsp
    call poke_site
    add rsp, SITE_SIZE
    pop rbp
    ret
END queue_branch

// The module's function is traced: an ordinary poke, as in the kernel's text.
FUNCTION trace_module
    lea rdi, [rip + ftrace_caller]
    lea rsi, [rip + module_trace]
    call ftrace_update_func
    sub rsp, 24
    mov rax, [rbx + MODULE_FILE]
    mov rdi, [rax + FILE_ENTRY]
    call module_address
    mov rdi, rax
    lea rsi, [rip + ftrace_caller]
    mov rdx, rsp
    call ftrace_text
    mov rsi, rsp
    mov edx, FENTRY_LENGTH
    xor ecx, ecx
    mov r8, [rbx + MODULE_FILE]
    mov r8, [r8 + FILE_NAME]
    call poke_queue
    add rsp, 24
    jmp poke_finish
END trace_module

// Another module takes the place of the one that is there.
FUNCTION reload_module
    push rdi
    call unload_module
    pop rdi
    jmp load_module
END reload_module

// Loads the key's next module (load_module): finds room, links the text for it, writes it there and tells of it; brings
// its static branch to the state that the key has, runs the init function and gives the init text back.
FUNCTION load_module
    push rbp
    push r12
    push r13
    mov r13, rdi
    mov rax, [rbx + MODULE_NEXT]
    lea rcx, [rax + 1]
    cmp ecx, MODULE_FILES
    jb 1f
    xor ecx, ecx
1:  mov [rbx + MODULE_NEXT], rcx
    imul rax, rax, FILE_SIZE
    lea rbp, [rip + module_files]
    add rbp, rax
    mov [rbx + MODULE_FILE], rbp

    mov rdi, [rbp + FILE_CORE_END]
    sub rdi, [rbp + FILE_CORE]
    call text_alloc
    test rax, rax
    jz 9f
    mov [rbx + MODULE_CORE], rax
    mov rdi, [rbp + FILE_INIT_END]
    sub rdi, [rbp + FILE_INIT]
    call text_alloc
    test rax, rax
    jz 9f
    mov [rbx + MODULE_INIT], rax

    call link_module
    mov rdi, [rbx + MODULE_CORE]
    lea rsi, [rip + module_core_copy]
    mov rdx, [rbp + FILE_CORE_END]
    sub rdx, [rbp + FILE_CORE]
    call text_copy
    mov rdi, [rbx + MODULE_INIT]
    lea rsi, [rip + module_init_copy]
    mov rdx, [rbp + FILE_INIT_END]
    sub rdx, [rbp + FILE_INIT]
    call text_copy
  .if FAULT_REPORT == 0
  .if FAULT_LOAD_EVENT == 0
    mov rdi, [rbx + MODULE_CORE]
    lea rcx, [rip + module_core_copy]
    mov r8, [rbp + FILE_CORE_END]
    sub r8, [rbp + FILE_CORE]
    mov r9, [rbp + FILE_NAME]
    xor edx, edx
    call report_text
  .endif
  .if FAULT_INIT_EVENT == 0
    mov rdi, [rbx + MODULE_INIT]
    lea rcx, [rip + module_init_copy]
    mov r8, [rbp + FILE_INIT_END]
    sub r8, [rbp + FILE_INIT]
    mov r9, [rbp + FILE_INIT_NAME]
    xor edx, edx
    call report_text
  .endif
  .endif
  .if FAULT_LOAD_SYNC == 0
    call sync_each_cpu                   // what was here before may still be in a pipeline
  .endif

  .if FAULT_KEYS_ORDER == 0
    call apply_key
    call [rbx + MODULE_INIT]
  .else
    call [rbx + MODULE_INIT]
    call apply_key
  .endif

    mov rdi, [rbx + MODULE_INIT]
    mov r12, [rbp + FILE_INIT_END]
    sub r12, [rbp + FILE_INIT]
  .if FAULT_REPORT == 0 && FAULT_INIT_EVENT == 0
    mov rsi, rdi
    mov rdx, r12
    xor r8d, r8d
    mov r9, [rbp + FILE_INIT_NAME]
    call report_text
  .endif
    mov rsi, r12
    call text_free
    pop r13
    pop r12
    pop rbp
    ret
9:  mov rdi, rbp
    xor esi, esi
    PANIC PANIC_NOT_MAPPED
END load_module

// The static branch of the module, which files have as a NOP, gets the state of key r13 (jump_label_add_module).
FUNCTION apply_key
    lea rax, [rip + lab_key_state]
    mov rsi, [rax + r13 * 8]
    test rsi, rsi
    jz 1f
    call queue_branch
    jmp poke_finish
1:  ret
END apply_key

// Links the module of file rbp for where it will be, in a copy of its texts (apply_relocate_add). The call of what
// traces, as a compiler writes it, becomes a NOP (ftrace_init_nop).
FUNCTION link_module
    push r12
    push r13
    mov rsi, [rbp + FILE_CORE]
    mov rcx, [rbp + FILE_CORE_END]
    sub rcx, rsi
    lea rdi, [rip + module_core_copy]
    rep movsb
    mov rsi, [rbp + FILE_INIT]
    mov rcx, [rbp + FILE_INIT_END]
    sub rcx, rsi
    lea rdi, [rip + module_init_copy]
    rep movsb
    mov r12, [rbp + FILE_RELOCATIONS]
1:  mov rdi, [r12 + RELOCATION_PLACE]
    call module_address
    mov r13, rax
    mov rdi, [r12 + RELOCATION_TARGET]
    call module_address
    sub rax, r13
    sub rax, 4
    mov rdi, [r12 + RELOCATION_PLACE]
    call copy_address
    mov [rdi], eax
    add r12, RELOCATION_SIZE
    cmp r12, [rbp + FILE_RELOCATIONS_END]
    jb 1b
    mov rdi, [rbp + FILE_ENTRY]
    call copy_address
    NOP5_AT rdi
    pop r13
    pop r12
    ret
END link_module

// Where address rdi of the file of module rbx is when that is loaded, in rax; an address of the kernel is what it is.
// Changes rdx.
FUNCTION module_address
    mov rdx, [rbx + MODULE_FILE]
    mov rax, rdi
    sub rax, [rdx + FILE_CORE]
    add rax, [rbx + MODULE_CORE]
    cmp rdi, [rdx + FILE_CORE]
    jb 1f
    cmp rdi, [rdx + FILE_CORE_END]
    jb 2f
    mov rax, rdi
    sub rax, [rdx + FILE_INIT]
    add rax, [rbx + MODULE_INIT]
    cmp rdi, [rdx + FILE_INIT]
    jb 1f
    cmp rdi, [rdx + FILE_INIT_END]
    jb 2f
1:  mov rax, rdi
2:  ret
END module_address

// Where address rdi of file rbp is in the copies of its texts, in rdi. Changes rdx.
FUNCTION copy_address
    lea rdx, [rip + module_core_copy]
    cmp rdi, [rbp + FILE_CORE]
    jb 1f
    cmp rdi, [rbp + FILE_CORE_END]
    jae 1f
    sub rdi, [rbp + FILE_CORE]
    add rdi, rdx
    ret
1:  lea rdx, [rip + module_init_copy]
    sub rdi, [rbp + FILE_INIT]
    add rdi, rdx
    ret
END copy_address

// Unloads the module that is there: its exit function closes the way in, a grace period lets everybody out, then its
// room is given back (free_module).
FUNCTION unload_module
    push rbp
    push r12
    mov rbp, [rbx + MODULE_FILE]
  .if FAULT_CLOSE == 0
    mov rdi, [rbp + FILE_EXIT]
    call module_address
    call rax
  .endif
    call synchronize_rcu_tasks
    mov rdi, [rbx + MODULE_CORE]
    mov r12, [rbp + FILE_CORE_END]
    sub r12, [rbp + FILE_CORE]
  .if FAULT_REPORT == 0 && FAULT_UNLOAD_EVENT == 0
    mov rsi, rdi
    mov rdx, r12
    xor r8d, r8d
    mov r9, [rbp + FILE_NAME]
    call report_text
  .endif
    mov rsi, r12
    pop r12
    pop rbp
    jmp text_free
END unload_module

.section .rodata
.balign 8
// What flips do, and how many functions are counted with each call behind it.
module_steps:
    .quad load_module, 1
    .quad switch_key, 1
    .quad reload_module, 1
    .quad trace_module, 2
    .quad unload_module, 0
.set MODULE_STEPS, (. - module_steps) / 16

module_files:
  .irp name, a, b, c
    .quad module_\name, module_\name\()_end, init_\name, init_\name\()_end
    .quad relocations_\name, relocations_\name\()_end
    .quad entry_\name, branch_\name, branch_\name\()_on, exit_\name
    .quad name_\name, init_name_\name, branch_name_\name
  .endr
  .irp name, a, b, c
name_\name:
    .asciz "module_\name"
init_name_\name:
    .asciz "module_\name\()_init"
branch_name_\name:
    .asciz "module_\name\()_branch"
  .endr

// Four bytes for the distance to a symbol of the kernel or of the other text, and their relocation.
.macro DISTANCE symbol
9:  .long 0
    .pushsection .data
    .quad 9b, \symbol
    .popsection
.endm

// The beginning of a module's file: the function that sites call counts itself by the kernel's, which keeps no
// register, and gives back rdi if the state in rsi is that of the static branch here.
.macro MODULE name
    .pushsection .data
    .balign 8
relocations_\name:
    .popsection
    .balign 16, 0xcc
module_\name:
    endbr64
entry_\name:
    .byte OP_CALL
    DISTANCE ftrace_stub
    push rdi
    push rsi
    .byte OP_CALL
    DISTANCE module_count
    pop rsi
    pop rdi
branch_\name:
    .byte 0x0f, 0x1f, 0x44, 0x00, 0x00
    sub edi, esi
    jmp 1f
branch_\name\()_on:
    lea edi, [rdi + rsi - 1]
1:
.endm

// The end of that function, the exit function, and the beginning of the init text: it opens the way in.
.macro MODULE_INIT_TEXT name
    mov eax, edi
    ret
exit_\name:
    .byte OP_JMP32
    DISTANCE unregister_hook
module_\name\()_end:
    .balign 16, 0xcc
init_\name:
    .byte 0x48, 0x8d, 0x3d               // lea rdi, [rip + module_name]
    DISTANCE module_\name
    .byte OP_CALL
    DISTANCE register_hook
.endm

.macro MODULE_END name
    ret
init_\name\()_end:
    .pushsection .data
relocations_\name\()_end:
    .popsection
.endm

// Branches on bits of the random number. Its init text is longer than the next module's core text, which will be there.
MODULE a
    test bl, 1
    jz 1f
    lea rdx, [rdx + rbx + 5]
1:  test bl, 2
    jz 1f
    xor rdx, 0x7f
1:  ror rdx, 3
MODULE_INIT_TEXT a
    mov ecx, 3
1:  add rdx, rbx
  .rept 16
    test dl, 4
    jz 2f
    lea rdx, [rdx + rdx * 2 + 1]
2:
  .endr
    dec ecx
    jnz 1b
MODULE_END a

// A loop.
MODULE b
    mov ecx, ebx
    and ecx, 7
1:  bt edx, ecx
    jnc 2f
    add rdx, rbx
2:  dec ecx
    jns 1b
MODULE_INIT_TEXT b
MODULE_END b

// Calls within the module, and of the kernel.
MODULE c
    call 2f
    test bh, 4
    jz 1f
    call 2f
1:  jmp 4f
2:  cmp rdx, rbx
    jb 3f
    sub rdx, rbx
    ret
3:  .byte OP_JMP32
    DISTANCE ftrace_stub
4:
MODULE_INIT_TEXT c
MODULE_END c

.data
.balign 64
modules:
    .fill KEYS * MODULE_SIZE, 1, 0
module_current:                          // the one that is being changed
    .quad 0
module_core_copy:
    .fill MODULE_ROOM, 1, 0
module_init_copy:
    .fill MODULE_ROOM, 1, 0
