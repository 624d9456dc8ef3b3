// Modules: text that is loaded, linked with the kernel, patched as the kernel's own is, and unloaded. They lie farther
// from the kernel's text than BL reaches: each text has a PLT behind it, with an entry for each call of the kernel and,
// in core text, one for what traces.

// A module's file: what a linker makes of it. Addresses are those that it has in the file.
.set FILE_TEXTS, 0                       // core text and its end; it begins with the pointer of its function
.set FILE_CORE, 0
.set FILE_CORE_END, 8
.set FILE_INIT, 16                       // init text and its end; it begins with the init function
.set FILE_INIT_END, 24
.set FILE_RELOCATIONS, 32                // and their end
.set FILE_RELOCATIONS_END, 40
.set FILE_ENTRY, 48                      // the site of tracing in the function that sites call
.set FILE_BRANCH, 56                     // the static branch, and where it goes
.set FILE_BRANCH_TARGET, 64
.set FILE_EXIT, 72                       // the exit function
.set FILE_NAME, 80                       // for events; of the init text, and of the static branch
.set FILE_INIT_NAME, 88
.set FILE_BRANCH_NAME, 96
.set FILE_SIZE, 104
.set MODULE_FILES, 3

// A relocation: the instruction at `place` gets what of `target` its sort says.
.set RELOCATION_PLACE, 0
.set RELOCATION_TARGET, 8
.set RELOCATION_SORT, 16
.set RELOCATION_SIZE, 24
.set R_CALL26, 0                         // B, BL: the distance
.set R_ADR_PAGE, 1                       // ADRP: the distance in pages
.set R_LO12, 2                           // ADD: the lowest 12 bits

// A key's module. The word says how many functions are counted with each call, whether that is being changed, whether
// the key is, and above that how often something was.
.set MODULE_WORD, 0
.set MODULE_HOOK, 8                      // what sites call
.set MODULE_FILE, 16                     // what is loaded
.set MODULE_TEXTS, 24                    // where: core text, init text
.set MODULE_CORE, 24
.set MODULE_INIT, 32
.set MODULE_NEXT, 40                     // number of the next file
.set MODULE_STEP, 48                     // of module_steps
.set MODULE_PLTS, 56                     // how many entries the PLTs have
.set MODULE_FTRACE, 72                   // the entry for ftrace_caller
.set MODULE_SIZE, 128
.set COUNTED, 3
.set CHANGING_BIT, 2
.set SWITCHING_BIT, 3
.set CHANGES, 16

.set MODULE_ROOM, 512                    // for either text while it is linked
.set PLT_ROOM, 4 * PLT_SIZE              // behind either text

.text

// The module of site n's key in `register`. Changes x14.
.macro MODULE_OF register, n
    ADDRESS \register, modules
    CONSTANT x14, site_\n\()_key * MODULE_SIZE
    add \register, \register, x14
.endm

// A static branch in the kernel's text, then a call of the key's module if it is there. Both have the key's state: the
// module gets the kernel's and gives back x0 only if its own is the same, which must be so whenever the key was not
// being switched meanwhile. If the module was not being changed either, the calls that were counted must be as many as
// its word says.
.macro SITE n, length, boundary, offset
    mrs x9, tpidr_el1
    ldr x10, [x9, CPU_SITES_ON]
    MODULE_OF x12, \n
    ldar x11, [x12]
    stp x10, x11, [sp, -16]!
    mov x0, \n + 1
    PLACE_SITE \n, \boundary, \offset
    nop
    mov x1, 0
    b 1f
site_\n\()_on:
    mov x1, 1
1:  MODULE_OF x12, \n
    add x12, x12, MODULE_HOOK
    ldar x12, [x12]
    blr x12
    ldp x10, x11, [sp], 16
    MODULE_OF x12, \n
    ldar x13, [x12]
    mrs x9, tpidr_el1
    cmp x11, x13
    b.ne 3f
    tbnz x11, SWITCHING_BIT, 3f
    cmp x0, \n + 1
    b.ne 2f
    tbnz x11, CHANGING_BIT, 3f
    and x11, x11, COUNTED
    add x10, x10, x11
    ldr x12, [x9, CPU_SITES_ON]
    cmp x10, x12
    b.eq 3f
2:  mov x1, x0
    ADDRESS x0, site_\n
    PANIC PANIC_COUNT_DIFFERS
3:  ldr x10, [x9, CPU_CHECKSUM]
    add x10, x10, \n + 1
    str x10, [x9, CPU_CHECKSUM]
.endm

STATIC_BRANCH_TEXT
POKE_STATIC_BRANCH

FUNCTION mechanism_boot
    ADDRESS x0, module_absent
    ADDRESS x1, modules
    mov x2, KEYS
1:  str x0, [x1, MODULE_HOOK]
    add x1, x1, MODULE_SIZE
    subs x2, x2, 1
    b.ne 1b
    b init_text_alloc
END mechanism_boot

// What sites call while there is no module.
FUNCTION module_absent
    COUNT CPU_SITES_OFF
    ret
END module_absent

// What modules call of the kernel: counts a call; the way in is open, to x0, or closed.
FUNCTION module_count
    COUNT CPU_SITES_ON
    mov x0, 0
    mov x1, 0
    ret
END module_count

FUNCTION unregister_hook
    ADDRESS x0, module_absent
    b register_hook
END unregister_hook

FUNCTION register_hook
    ADDRESS x1, module_current
    ldr x1, [x1]
    add x1, x1, MODULE_HOOK
    stlr x0, [x1]
    ret
END register_hook

// What traces the modules' functions.
FUNCTION module_trace
    COUNT CPU_SITES_ON
    mov x0, 0
    mov x1, 0
    ret
END module_trace

// The module of key x0 goes on to its next step.
FUNCTION mechanism_flip
    stp x29, x30, [sp, -32]!
    mov x29, sp
    stp x23, x25, [sp, 16]
    ADDRESS x23, modules
    add x23, x23, x0, lsl 7              // MODULE_SIZE
    ADDRESS x1, module_current
    str x23, [x1]
    ldr x1, [x23, MODULE_WORD]
    orr x1, x1, 1 << CHANGING_BIT
    stlr x1, [x23]
    dmb ish
    ldr x1, [x23, MODULE_STEP]
    add x2, x1, 1
    CONSTANT x3, MODULE_STEPS
    cmp x2, x3
    csel x2, x2, xzr, lo
    str x2, [x23, MODULE_STEP]
    ADDRESS x2, module_steps
    add x2, x2, x1, lsl 4
    ldp x3, x25, [x2]                    // what is done, how many functions are counted from then on
    blr x3
    ldr x1, [x23, MODULE_WORD]
    add x1, x1, CHANGES
    and x1, x1, -CHANGES
    add x1, x1, x25
    stlr x1, [x23]
    ldp x23, x25, [sp, 16]
    ldp x29, x30, [sp], 32
    ret
END mechanism_flip

// The steps; x23 = the module, x0 = its key.

// Key x0 changes: one batch for its sites in the kernel and the one in the module.
FUNCTION switch_key
    stp x29, x30, [sp, -48]!
    mov x29, sp
    stp x24, x25, [sp, 16]
    str x26, [sp, 32]
    ldr x1, [x23, MODULE_WORD]
    orr x1, x1, 1 << SWITCHING_BIT
    stlr x1, [x23]
    dmb ish
    ADDRESS x1, lab_key_state
    ldr x26, [x1, x0, lsl 3]
    eor x26, x26, 1                      // the new state
    str x26, [x1, x0, lsl 3]
    ADDRESS x1, lab_keys
    add x1, x1, x0, lsl 4                // KEY_SIZE
    ldr x24, [x1, KEY_FIRST]
    ldr x25, [x1, KEY_COUNT]
1:  cbz x25, 2f
    mov x0, x24
    mov x1, x26
    bl poke_site
    add x24, x24, SITE_SIZE
    sub x25, x25, 1
    b 1b
2:  mov x1, x26
    bl queue_branch
    bl poke_finish
    ldr x26, [sp, 32]
    ldp x24, x25, [sp, 16]
    ldp x29, x30, [sp], 48
    ret
END switch_key

// Queues the poke that brings the module's static branch to state x1.
FUNCTION queue_branch
    stp x29, x30, [sp, -64]!
    mov x29, sp
    stp x24, x1, [sp, 16]
    ldr x24, [x23, MODULE_FILE]
    ldr x0, [x24, FILE_BRANCH]
    bl module_address
    str x0, [sp, 32 + SITE_CODE]         // an entry as lab_sites has it
    ldr x0, [x24, FILE_BRANCH_TARGET]
    bl module_address
    str x0, [sp, 32 + SITE_TARGET]
    ldr x0, [x24, FILE_BRANCH_NAME]
    str x0, [sp, 32 + SITE_NAME]
    add x0, sp, 32
    ldr x1, [sp, 24]
    bl poke_site
    ldr x24, [sp, 16]
    ldp x29, x30, [sp], 64
    ret
END queue_branch

// The module's function is traced: an ordinary poke, of a BL to the PLT.
FUNCTION trace_module
    stp x29, x30, [sp, -16]!
    mov x29, sp
    ldr x0, [x23, MODULE_FILE]
    ldr x0, [x0, FILE_ENTRY]
    bl module_address
    ldr x1, [x23, MODULE_FTRACE]
    bl ftrace_text
    mov w1, w2
    ldr x2, [x23, MODULE_FILE]
    ldr x2, [x2, FILE_NAME]
    bl poke_queue
    bl poke_finish
    ldp x29, x30, [sp], 16
    ret
END trace_module

// Another module takes the place of the one that is there.
FUNCTION reload_module
    stp x29, x30, [sp, -32]!
    mov x29, sp
    str x0, [sp, 16]
    bl unload_module
    ldr x0, [sp, 16]
    ldp x29, x30, [sp], 32
    b load_module
END reload_module

// Loads the key's next module (load_module): finds room, links the text for it, writes it there and tells of it; brings
// its static branch to the state that the key has, runs the init function and gives the init text back.
FUNCTION load_module
    stp x29, x30, [sp, -48]!
    mov x29, sp
    stp x24, x25, [sp, 16]
    str x26, [sp, 32]
    mov x25, x0
    ldr x0, [x23, MODULE_NEXT]
    add x1, x0, 1
    cmp x1, MODULE_FILES
    csel x1, x1, xzr, lo
    str x1, [x23, MODULE_NEXT]
    ADDRESS x24, module_files
    mov x1, FILE_SIZE
    madd x24, x0, x1, x24
    str x24, [x23, MODULE_FILE]

    mov x26, 0
1:  mov x0, x26
    bl text_size
    mov x0, x1
    bl text_alloc
    cbz x0, 9f
    add x1, x23, MODULE_TEXTS
    str x0, [x1, x26, lsl 3]
    add x26, x26, 1
    cmp x26, 2
    b.lo 1b
    bl link_module
    mov x0, 0
    bl write_text
    mov x0, 1
    bl write_text
  .if FAULT_LOAD_EVENT == 0
    mov x0, 0
    ldr x5, [x24, FILE_NAME]
    bl report_appearance
  .endif
  .if FAULT_INIT_EVENT == 0
    mov x0, 1
    ldr x5, [x24, FILE_INIT_NAME]
    bl report_appearance
  .endif
  .if FAULT_LOAD_SYNC == 0
    bl kick_other_cpus                   // what was here before may still be in a pipeline
  .endif

  .if FAULT_KEYS_ORDER == 0
    mov x0, x25
    bl apply_key
  .endif
    ldr x0, [x23, MODULE_INIT]
    blr x0
  .if FAULT_KEYS_ORDER == 1
    mov x0, x25
    bl apply_key
  .endif

  .if FAULT_INIT_EVENT == 0
    mov x0, 1
    ldr x5, [x24, FILE_INIT_NAME]
    bl report_end
  .endif
    mov x0, 1
    bl text_size
    ldr x0, [x23, MODULE_INIT]
    bl text_free
    ldr x26, [sp, 32]
    ldp x24, x25, [sp, 16]
    ldp x29, x30, [sp], 48
    ret
9:  mov x0, x24
    PANIC PANIC_NOT_MAPPED
END load_module

// The static branch of the module, which files have as a NOP, gets the state of key x0 (jump_label_add_module).
FUNCTION apply_key
    ADDRESS x1, lab_key_state
    ldr x1, [x1, x0, lsl 3]
    cbz x1, 1f
    stp x29, x30, [sp, -16]!
    mov x29, sp
    bl queue_branch
    bl poke_finish
    ldp x29, x30, [sp], 16
1:  ret
END apply_key

// Bytes of text x0 of file x24 with its PLT in x1; begin and end in the file in x2, x3.
FUNCTION text_size
    add x1, x24, x0, lsl 4
    ldp x2, x3, [x1, FILE_TEXTS]
    sub x1, x3, x2
    add x1, x1, PLT_ROOM
    ret
END text_size

// The copy of text x0 in which it is linked, in x4.
FUNCTION text_in_copy
    ADDRESS x4, module_copies
    add x4, x4, x0, lsl 9                // MODULE_ROOM
    ret
END text_in_copy

// Text x0 of module x23 appears, or goes away; x5 = its name.
FUNCTION report_appearance
    stp x29, x30, [sp, -16]!
    mov x29, sp
    bl text_size
    bl text_in_copy
    mov x3, x4
    mov x4, x1
    mov x2, 0
    add x1, x23, MODULE_TEXTS
    ldr x0, [x1, x0, lsl 3]
  .if FAULT_REPORT == 0
    bl report_text
  .endif
    ldp x29, x30, [sp], 16
    ret
END report_appearance

FUNCTION report_end
    stp x29, x30, [sp, -16]!
    mov x29, sp
    bl text_size
    mov x2, x1
    mov x4, 0
    add x1, x23, MODULE_TEXTS
    ldr x0, [x1, x0, lsl 3]
    ADDRESS x1, text_physical
    ldr x1, [x1]
    CONSTANT x3, DIRECT_MAP - TEXT_ROOM_DISTANCE
    add x1, x1, x3
    add x1, x1, x0                       // by the alias: the laboratory knows no other address of it
  .if FAULT_REPORT == 0
    bl report_text
  .endif
    ldp x29, x30, [sp], 16
    ret
END report_end

// Writes text x0 of module x23, which nobody runs yet, from its copy through the direct map, then makes all of it
// visible to instruction fetches (flush_icache_range).
FUNCTION write_text
    stp x29, x30, [sp, -16]!
    mov x29, sp
    bl text_size
    bl text_in_copy
    add x2, x23, MODULE_TEXTS
    ldr x0, [x2, x0, lsl 3]
    add x1, x0, x1
    ADDRESS x2, text_physical
    ldr x2, [x2]
    CONSTANT x3, DIRECT_MAP - TEXT_ROOM_DISTANCE
    add x2, x2, x3
    mov x3, x0
1:  ldr w5, [x4], 4
    str w5, [x3, x2]
    add x3, x3, 4
    cmp x3, x1
    b.lo 1b
  .if FAULT_FLUSH == 0
    bl flush_text
  .endif
    ldp x29, x30, [sp], 16
    ret
END write_text

// The cache maintenance of text from x0 to x1. Changes x2 to x4.
FUNCTION flush_text
    mrs x4, ctr_el0
    tbnz x4, CTR_IDC_BIT, 2f
    ubfx x3, x4, 16, 4                   // DminLine: its logarithm, in words
    mov x2, 4
    lsl x3, x2, x3
    sub x2, x3, 1
    bic x2, x0, x2
1:
  .if FAULT_DC_CVAU == 0
    dc cvau, x2
  .endif
    add x2, x2, x3
    cmp x2, x1
    b.lo 1b
2:
  .if FAULT_DSB == 0
    dsb ish
  .endif
    tbnz x4, CTR_DIC_BIT, 4f
    and x3, x4, 15                       // IminLine
    mov x2, 4
    lsl x3, x2, x3
    sub x2, x3, 1
    bic x2, x0, x2
3:
  .if FAULT_IC_IVAU == 0
    ic ivau, x2
  .endif
    add x2, x2, x3
    cmp x2, x1
    b.lo 3b
  .if FAULT_DSB == 0
    dsb ish
  .endif
4:
  .if FAULT_LOCAL_ISB == 0
    isb
  .endif
    ret
END flush_text

// Links the module of file x24 for where it will be, in copies of its texts (apply_relocate_add), with MOV X9, LR at
// its function (ftrace_init_nop).
FUNCTION link_module
    stp x29, x30, [sp, -48]!
    mov x29, sp
    stp x25, x26, [sp, 16]
    str x27, [sp, 32]
    mov x0, 0
1:  bl text_size
    bl text_in_copy
    add x1, x3, PLT_ROOM
2:  cmp x2, x3
    ldr w5, [x2], 4
    csel w5, w5, wzr, lo                 // behind the text, UDF until the PLT needs it
    str w5, [x4], 4
    cmp x2, x1
    b.lo 2b
    add x1, x23, MODULE_PLTS
    str xzr, [x1, x0, lsl 3]
    add x0, x0, 1
    cmp x0, 2
    b.lo 1b

    ldr x25, [x24, FILE_RELOCATIONS]
3:  ldr x0, [x25, RELOCATION_TARGET]
    bl module_address
    mov x26, x0
    ldr x0, [x25, RELOCATION_PLACE]
    bl module_address
    mov x27, x0
    mov x1, x26
    ldr x3, [x25, RELOCATION_SORT]
    cmp x3, R_ADR_PAGE
    b.eq 5f
    b.hi 6f
    bl branch_reaches
    b.eq 4f
  .if FAULT_PLT == 0
    ldr x0, [x25, RELOCATION_PLACE]
    bl text_of
    mov x1, x26
    bl add_plt_entry
    mov x1, x0
  .endif
4:  sub x26, x1, x27
    lsr x26, x26, 2
    bl relocated
    bfi w2, w26, 0, 26                   // whether it fits or not
    b 7f
5:  bl relocated
    mov x0, x27
    bl adrp_to
    b 7f
6:  bl relocated
    bfi w2, w26, 10, 12
7:  str w2, [x5]
    add x25, x25, RELOCATION_SIZE
    ldr x0, [x24, FILE_RELOCATIONS_END]
    cmp x25, x0
    b.lo 3b

    mov x0, 0
    ADDRESS x1, ftrace_caller
    bl add_plt_entry
    str x0, [x23, MODULE_FTRACE]
    ldr x0, [x24, FILE_ENTRY]
    sub x0, x0, 4
    bl copy_address
    CONSTANT w2, INSN_MOV_X9_X30
    str w2, [x5]
    ldr x27, [sp, 32]
    ldp x25, x26, [sp, 16]
    ldp x29, x30, [sp], 48
    ret
END link_module

// The instruction of relocation x25 in w2, where it is in the copies in x5. Changes x0, x3, x4.
FUNCTION relocated
    stp x29, x30, [sp, -32]!
    mov x29, sp
    str x1, [sp, 16]
    ldr x0, [x25, RELOCATION_PLACE]
    bl copy_address
    ldr w2, [x5]
    ldr x1, [sp, 16]
    ldp x29, x30, [sp], 32
    ret
END relocated

// One more entry of the PLT of text x0, which goes to x1: where it will be in x0. Changes x1 to x8.
FUNCTION add_plt_entry
    stp x29, x30, [sp, -16]!
    mov x29, sp
    mov x8, x1
    bl text_size
    bl text_in_copy
    sub x1, x3, x2
    add x2, x23, MODULE_PLTS
    ldr x3, [x2, x0, lsl 3]
    add x5, x3, 1
    str x5, [x2, x0, lsl 3]
    mov x5, PLT_SIZE
    madd x1, x3, x5, x1                  // where it is behind the begin of the text
    add x5, x4, x1
    add x2, x23, MODULE_TEXTS
    ldr x2, [x2, x0, lsl 3]
    add x0, x2, x1
    mov x1, x8
    bl plt_entry
    ldp x29, x30, [sp], 16
    ret
END add_plt_entry

// Which text of file x24 address x0 is in, in x0: 0 or 1, or 2 if it is the kernel's. Changes x1 to x3.
FUNCTION text_of
    mov x1, x0
    mov x0, 0
1:  add x2, x24, x0, lsl 4
    ldp x2, x3, [x2, FILE_TEXTS]
    cmp x1, x2
    ccmp x1, x3, 2, hs                   // C: not below the end, if below the begin
    b.lo 2f
    add x0, x0, 1
    cmp x0, 2
    b.lo 1b
2:  ret
END text_of

// Where address x0 of the file of module x23 is when that is loaded, in x0; an address of the kernel is what it is.
// Changes x1 to x4.
FUNCTION module_address
    stp x24, x30, [sp, -32]!
    str x0, [sp, 16]
    ldr x24, [x23, MODULE_FILE]
    bl text_of
    ldr x4, [sp, 16]
    cmp x0, 2
    b.eq 1f
    sub x4, x4, x2
    add x3, x23, MODULE_TEXTS
    ldr x3, [x3, x0, lsl 3]
    add x4, x4, x3
1:  mov x0, x4
    ldp x24, x30, [sp], 32
    ret
END module_address

// Where address x0 of file x24 is in the copies of its texts, in x5. Changes x0 to x4.
FUNCTION copy_address
    stp x29, x30, [sp, -16]!
    mov x29, sp
    mov x5, x0
    bl text_of
    sub x5, x5, x2
    bl text_in_copy
    add x5, x5, x4
    ldp x29, x30, [sp], 16
    ret
END copy_address

// Unloads the module that is there: its exit function closes the way in, a grace period lets everybody out, then its
// room is given back (free_module).
FUNCTION unload_module
    stp x29, x30, [sp, -32]!
    mov x29, sp
    str x24, [sp, 16]
    ldr x24, [x23, MODULE_FILE]
  .if FAULT_CLOSE == 0
    ldr x0, [x24, FILE_EXIT]
    bl module_address
    blr x0
  .endif
    bl synchronize_rcu_tasks
  .if FAULT_UNLOAD_EVENT == 0
    mov x0, 0
    ldr x5, [x24, FILE_NAME]
    bl report_end
  .endif
    mov x0, 0
    bl text_size
    ldr x0, [x23, MODULE_CORE]
    bl text_free
    ldr x24, [sp, 16]
    ldp x29, x30, [sp], 32
    ret
END unload_module

.ltorg

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

module_ops:                              // what the pointers of the modules' functions are
    .quad module_trace

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

// An instruction that gets something of a symbol of the kernel or of the other text, and its relocation.
.macro RELOCATED instruction, symbol, sort
9:  .word \instruction
    .pushsection .data
    .quad 9b, \symbol, \sort
    .popsection
.endm

// The beginning of a module's file: the function that sites call counts itself by the kernel's, which keeps no
// register, and gives back x0 if the state in x1 is that of the static branch here.
.macro MODULE name
    .pushsection .data
    .balign 8
relocations_\name:
    .popsection
    .balign 16
module_\name:
    .quad module_ops
function_\name:
    bti c
    nop                                  // MOV X9, LR
entry_\name:
    nop
    stp x29, x30, [sp, -32]!
    mov x29, sp
    stp x0, x1, [sp, 16]
    RELOCATED INSN_BL, module_count, R_CALL26
    ldp x0, x1, [sp, 16]
    ldp x29, x30, [sp], 32
branch_\name:
    nop
    sub x0, x0, x1
    b 1f
branch_\name\()_on:
    add x0, x0, x1
    sub x0, x0, 1
1:
.endm

// The end of that function, the exit function, and the beginning of the init text: it opens the way in.
.macro MODULE_INIT_TEXT name
    ret
exit_\name:
    bti c
    RELOCATED INSN_B, unregister_hook, R_CALL26
module_\name\()_end:
    .balign 16
init_\name:
    bti c
    stp x29, x30, [sp, -16]!
    mov x29, sp
    RELOCATED 0x90000000, function_\name, R_ADR_PAGE // adrp x0
    RELOCATED 0x91000000, function_\name, R_LO12 // add x0, x0
    RELOCATED INSN_BL, register_hook, R_CALL26
    ldp x29, x30, [sp], 16
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
    tbz x19, 0, 1f
    add x2, x2, x19
1:  tbz x19, 1, 1f
    eor x2, x2, 0x7f
1:  ror x2, x2, 3
MODULE_INIT_TEXT a
    mov x3, 3
1:  add x2, x2, x19
  .rept 16
    tbz x2, 2, 2f
    add x2, x2, x2, lsl 1
2:
  .endr
    subs x3, x3, 1
    b.ne 1b
MODULE_END a

// A loop.
MODULE b
    and w3, w19, 7
1:  lsr x4, x2, x3
    tbz x4, 0, 2f
    add x2, x2, x19
2:  subs w3, w3, 1
    b.pl 1b
MODULE_INIT_TEXT b
MODULE_END b

// Calls within the module.
MODULE c
    mov x12, x30
    bl 2f
    tbz x19, 10, 1f
    bl 2f
1:  mov x30, x12
    b 4f
2:  cmp x2, x19
    b.lo 3f
    sub x2, x2, x19
    ret
3:  add x2, x2, x2, lsl 1
    ret
4:
MODULE_INIT_TEXT c
MODULE_END c

.data
.balign 64
modules:
    .fill KEYS * MODULE_SIZE, 1, 0
module_current:                          // the one that is being changed
    .quad 0
.balign 8
module_copies:
    .fill 2 * MODULE_ROOM, 1, 0
