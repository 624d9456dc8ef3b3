// Modules: text that is loaded, linked with the kernel, patched as the kernel's own is, and unloaded. They lie within
// 2 GiB of the kernel, as Linux's do, so that CALL reaches from the one to the other.

// A module's file: what a linker makes of it. Addresses are those that it has in the file.
.set FILE_TEXTS, 0                       // begin and end of core text, which begins with the function that sites call,
                                         // and of init text, which begins with the init function
.set FILE_NAMES, 32                      // theirs, in events and mappings
.set FILE_RELOCATIONS, 48                // up to the alternatives, which have no names
.set FILE_ALTERNATIVES, 56
.set FILE_ALTERNATIVES_END, 64
.set FILE_ENTRY, 72                      // the site of tracing in the function
.set FILE_BRANCH, 80                     // the static branch, where it goes, its name in events
.set FILE_BRANCH_TARGET, 88
.set FILE_BRANCH_NAME, 96
.set FILE_EXIT, 104                      // the exit function
.set FILE_SIZE, 112
.set MODULE_FILES, 3

// A relocation: the four bytes at `place` become the distance from behind them to `target`.
.set RELOCATION_PLACE, 0
.set RELOCATION_TARGET, 8
.set RELOCATION_SIZE, 16

// A key's module. The word says how many functions are counted with each call, whether that is being changed, whether
// the key is, and above that how often something was.
.set MODULE_WORD, 0
.set MODULE_HOOK, 8                      // what sites call
.set MODULE_FILE, 16                     // what is loaded
.set MODULE_TEXTS, 24                    // where: core text, init text
.set MODULE_INIT, 32
.set MODULE_MAPPINGS, 40                 // their numbers, if they are announced
.set MODULE_NEXT, 56                     // number of the next file
.set MODULE_STEP, 64                     // of module_steps
.set MODULE_SIZE, 128
.set COUNTED, 3
.set CHANGING, 4
.set SWITCHING, 8
.set CHANGES, 16

// Whether new text is told of as mappings, and used again when they are acknowledged.
.set ACKNOWLEDGED, PROTOCOL == PROTOCOL_INT3_BATCH_ACKNOWLEDGED

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
    call init_mappings
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

// What each module calls by one of its alternatives, and what it would call without: one keeps the sum that the other
// alternatives make.
FUNCTION module_chosen
    inc edi
    ret
END module_chosen

FUNCTION module_passed_over
    add edi, 256
    ret
END module_passed_over

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
    shl rax, 7                           // MODULE_SIZE
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
    mov r8, [r8 + FILE_NAMES]
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

// Loads the key's next module (load_module): finds room, writes the texts there and links them, tells of them; brings
// the static branch to the state that the key has, runs the init function and gives the init text back.
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

    xor r12d, r12d
    call write_text
    inc r12d
    call write_text
    call link_module
  .if FAULT_ALTERNATIVES == 0
    mov rdi, [rbp + FILE_ALTERNATIVES]
    mov rsi, [rbp + FILE_ALTERNATIVES_END]
    xor edx, edx
    mov ecx, ALT_FEATURES
    call choose_alternatives
  .endif
  .if FAULT_LOAD_EVENT == 0
    xor r12d, r12d
    call text_appears
  .endif
  .if FAULT_INIT_EVENT == 0
    mov r12d, 1
    call text_appears
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

    mov r12d, 1
  .if FAULT_INIT_EVENT == 0
    call text_goes
  .endif
    call loaded_text
    call text_free
    pop r13
    pop r12
    pop rbp
    ret
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

// Text r12 of module rbx, 0 core or 1 init: where it is in rdi, its bytes in rsi, its name in rdx. Changes rcx.
FUNCTION loaded_text
    mov rdx, [rbx + MODULE_FILE]
    lea rcx, [r12 + r12]
    mov rsi, [rdx + FILE_TEXTS + rcx * 8 + 8]
    sub rsi, [rdx + FILE_TEXTS + rcx * 8]
    mov rdx, [rdx + FILE_NAMES + r12 * 8]
    mov rdi, [rbx + MODULE_TEXTS + r12 * 8]
    ret
END loaded_text

// Finds room for text r12 of file rbp and copies it there.
FUNCTION write_text
    call loaded_text
    push rsi
    mov rdi, rsi
    call text_alloc
    pop rcx
    test rax, rax
    jz 1f
    mov [rbx + MODULE_TEXTS + r12 * 8], rax
    mov rdi, rax
    call writable
    lea rsi, [r12 + r12]
    mov rsi, [rbp + FILE_TEXTS + rsi * 8]
    rep movsb
    ret
1:  mov rdi, rbp
    mov rsi, r12
    PANIC PANIC_NO_ROOM
END write_text

// Where text at rdi, which nobody runs yet, can be written, in rdi: the direct map. Changes rdx.
FUNCTION writable
    mov rdx, DIRECT_MAP
    add rdx, [rip + text_physical]
    add rdi, rdx
    ret
END writable

// Text r12 may run from here on.
FUNCTION text_appears
    call loaded_text
  .if ACKNOWLEDGED
    xchg rsi, rdx
    call announce_mapping
    mov [rbx + MODULE_MAPPINGS + r12 * 8], rax
  .elseif FAULT_REPORT == 0
    mov r9, rdx
    xor edx, edx
    mov rcx, rdi
    mov r8, rsi
    call report_text
  .endif
    ret
END text_appears

// Nobody runs text r12 any more; behind this it may be overwritten.
FUNCTION text_goes
  .if ACKNOWLEDGED
    mov rdi, [rbx + MODULE_MAPPINGS + r12 * 8]
    call await_acknowledgement
    call withdraw_mapping
  .elseif FAULT_REPORT == 0
    call loaded_text
    mov r9, rdx
    mov rdx, rsi
    mov rsi, rdi
    xor r8d, r8d
    call report_text
  .endif
    ret
END text_goes

// Links the module of file rbp for where it is (apply_relocate_add). The call of what traces, as a compiler writes it,
// becomes a NOP (ftrace_init_nop).
FUNCTION link_module
    push r12
    push r13
    mov r12, [rbp + FILE_RELOCATIONS]
1:  mov rdi, [r12 + RELOCATION_PLACE]
    call module_address
    mov r13, rax
    mov rdi, [r12 + RELOCATION_TARGET]
    call module_address
    sub rax, r13
    sub rax, 4
    mov rdi, r13
    call writable
    mov [rdi], eax
    add r12, RELOCATION_SIZE
    cmp r12, [rbp + FILE_ALTERNATIVES]
    jb 1b
    mov rdi, [rbp + FILE_ENTRY]
    call module_address
    mov rdi, rax
    call writable
    NOP5_AT rdi
    pop r13
    pop r12
    ret
END link_module

// The alternatives of a module's text, from rdi to rsi, are decided before anybody runs it (module_finalize).
FUNCTION choose_alternatives
    APPLY_ALTERNATIVES write_alternative
END choose_alternatives

// Puts entry rbx of the current module's file in place where the module is. No text is there yet that an event could
// tell of.
FUNCTION write_alternative
    push rbx
    mov r14, rbx
    mov rbx, [rip + module_current]
    push [r14 + ALT_FEATURE]             // lengths and flags, too
    push 0
    mov rdi, [r14 + ALT_REPLACEMENT]
    call module_address
    push rax
    mov rdi, [r14 + ALT_SITE]
    call module_address
    push rax
    mov rbx, rsp                         // an entry whose addresses are those where the module is
    sub rsp, 256
    call alternative_text
    mov rdi, [rbx + ALT_SITE]
    call writable
    mov rsi, rsp
    mov rcx, r14
    rep movsb
    add rsp, 256 + ALT_SIZE
    pop rbx
    ret
END write_alternative

// Where address rdi of the file of module rbx is when that is loaded, in rax; an address of the kernel is what it is.
// Changes rcx, rdx.
FUNCTION module_address
    mov rdx, [rbx + MODULE_FILE]
    xor ecx, ecx
1:  mov rax, rdi
    cmp rdi, [rdx + FILE_TEXTS]
    jb 2f
    cmp rdi, [rdx + FILE_TEXTS + 8]
    jae 2f
    sub rax, [rdx + FILE_TEXTS]
    add rax, [rbx + MODULE_TEXTS + rcx * 8]
    ret
2:  add rdx, 16
    inc ecx
    cmp ecx, 2
    jb 1b
    ret
END module_address

// Unloads the module that is there: its exit function closes the way in, a grace period lets everybody out, then its
// room is given back (free_module).
FUNCTION unload_module
    push r12
    mov rax, [rbx + MODULE_FILE]
  .if FAULT_CLOSE == 0
    mov rdi, [rax + FILE_EXIT]
    call module_address
    call rax
  .endif
    call synchronize_rcu_tasks
    xor r12d, r12d
  .if FAULT_UNLOAD_EVENT == 0
    call text_goes
  .endif
    call loaded_text
    pop r12
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
    .quad name_\name, init_name_\name
    .quad relocations_\name, alternatives_\name, alternatives_\name\()_end
    .quad entry_\name, branch_\name, branch_\name\()_on, branch_name_\name, exit_\name
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
    // Alternatives: 1 by the call, nothing by the jump, -1 by the number.
call_\name:
    .byte OP_CALL
    DISTANCE module_passed_over
jump_\name:
    .byte 0x0f, 0x1f, 0x44, 0x00, 0x00
    add edi, 16
jumped_\name:
number_\name:
    .byte 0x81, 0xc7                     // add edi, a number of which the bytes are inc edi, twice
    inc edi
    inc edi
.endm

// The end of that function, the exit function, what the alternatives put in place (.altinstr_replacement), and the
// beginning of the init text: it opens the way in.
.macro MODULE_INIT_TEXT name
    mov eax, edi
    ret
exit_\name:
    .byte OP_JMP32
    DISTANCE unregister_hook
new_call_\name:
    .byte OP_CALL
    DISTANCE module_chosen
new_jump_\name:
    .byte OP_JMP32
    .long jumped_\name - new_inc_\name
new_inc_\name:
    inc edi
new_dec_\name:
    dec edi
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
alternatives_\name:                      // behind the relocations
    ALTERNATIVE_RECORD call_\name, 5, new_call_\name, 5, ALT_ALWAYS, 0, 0
    ALTERNATIVE_RECORD jump_\name, 5, new_jump_\name, 5, ALT_ALWAYS, 0, 0
    ALTERNATIVE_RECORD number_\name, 6, new_inc_\name, 2, ALT_ALWAYS, 0, 0
    ALTERNATIVE_RECORD number_\name, 6, new_dec_\name, 2, ALT_NEVER, ALT_NOT, 0
    ALTERNATIVE_RECORD number_\name, 6, new_inc_\name, 2, ALT_NEVER, 0, 0
alternatives_\name\()_end:
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
