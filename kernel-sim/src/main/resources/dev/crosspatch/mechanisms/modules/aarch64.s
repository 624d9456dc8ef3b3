// Modules: text that is loaded, linked with the kernel, patched as the kernel's own is, and unloaded. They lie farther
// from the kernel's text than BL reaches: each text has a PLT behind it, with an entry for each call of the kernel and,
// in core text, one for what traces.

// A module's file: what a linker makes of it. Addresses are those that it has in the file.
.set FILE_TEXTS, 0                       // begin and end of core text, which begins with the pointer of its function,
                                         // and of init text, which begins with the init function
.set FILE_NAMES, 32                      // theirs, in events and mappings
.set FILE_RELOCATIONS, 48                // up to the alternatives, which have no names
.set FILE_ALTERNATIVES, 56
.set FILE_ALTERNATIVES_END, 64
.set FILE_ENTRY, 72                      // the site of tracing in the function that sites call
.set FILE_BRANCH, 80                     // the static branch, where it goes, its name in events
.set FILE_BRANCH_TARGET, 88
.set FILE_BRANCH_NAME, 96
.set FILE_EXIT, 104                      // the exit function
.set FILE_SIZE, 112
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
.set MODULE_INIT, 32
.set MODULE_MAPPINGS, 40                 // their numbers, if they are announced
.set MODULE_PLTS, 56                     // how many entries the PLTs have
.set MODULE_FTRACE, 72                   // the entry for ftrace_caller
.set MODULE_NEXT, 80                     // number of the next file
.set MODULE_STEP, 88                     // of module_steps
.set MODULE_SIZE, 128
.set COUNTED, 3
.set CHANGING_BIT, 2
.set SWITCHING_BIT, 3
.set CHANGES, 16

.set PLT_ROOM, 5 * PLT_SIZE              // behind either text

// Whether new text is told of as mappings, and used again when they are acknowledged.
.set ACKNOWLEDGED, PROTOCOL == PROTOCOL_BRK_ACKNOWLEDGED

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
    stp x29, x30, [sp, -16]!
    ADDRESS x0, module_absent
    ADDRESS x1, modules
    mov x2, KEYS
1:  str x0, [x1, MODULE_HOOK]
    add x1, x1, MODULE_SIZE
    subs x2, x2, 1
    b.ne 1b
    bl init_mappings
    ldp x29, x30, [sp], 16
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

// What each module calls by one of its alternatives, and what it would call without: one keeps the sum that the other
// alternatives make.
FUNCTION module_chosen
    add x0, x0, 1
    ret
END module_chosen

FUNCTION module_passed_over
    add x0, x0, 256
    ret
END module_passed_over

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
    ldr x2, [x2, FILE_NAMES]
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

// Loads the key's next module (load_module): finds room, writes the texts there and links them, tells of them; brings
// the static branch to the state that the key has, runs the init function and gives the init text back.
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
    bl write_text
    mov x26, 1
    bl write_text
    bl link_module
  .if FAULT_ALTERNATIVES == 0
    ldp x0, x1, [x24, FILE_ALTERNATIVES]
    mov x2, 0
    mov x3, ALT_FEATURES
    bl choose_alternatives
  .endif
  .if FAULT_FLUSH == 0
    mov x26, 0
    bl flush_text
    mov x26, 1
    bl flush_text
  .endif
  .if FAULT_LOAD_EVENT == 0
    mov x26, 0
    bl text_appears
  .endif
  .if FAULT_INIT_EVENT == 0
    mov x26, 1
    bl text_appears
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

    mov x26, 1
  .if FAULT_INIT_EVENT == 0
    bl text_goes
  .endif
    bl loaded_text
    bl text_free
    ldr x26, [sp, 32]
    ldp x24, x25, [sp, 16]
    ldp x29, x30, [sp], 48
    ret
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

// Text x26 of module x23, 0 core or 1 init: where it is in x0, its bytes with the PLT in x1, its name in x2. Changes
// x3.
FUNCTION loaded_text
    ldr x2, [x23, MODULE_FILE]
    add x3, x2, x26, lsl 4
    ldp x0, x1, [x3, FILE_TEXTS]
    sub x1, x1, x0
    add x1, x1, PLT_ROOM
    add x2, x2, FILE_NAMES
    ldr x2, [x2, x26, lsl 3]
    add x3, x23, MODULE_TEXTS
    ldr x0, [x3, x26, lsl 3]
    ret
END loaded_text

// Finds room for text x26 of file x24 and copies it there. Behind it, UDF until the PLT needs it.
FUNCTION write_text
    stp x29, x30, [sp, -16]!
    mov x29, sp
    bl loaded_text
    mov x0, x1
    bl text_alloc
    cbz x0, 2f
    add x1, x23, MODULE_TEXTS
    str x0, [x1, x26, lsl 3]
    add x1, x23, MODULE_PLTS
    str xzr, [x1, x26, lsl 3]
    bl writable
    add x1, x24, x26, lsl 4
    ldp x2, x3, [x1, FILE_TEXTS]
1:  ldr w4, [x2], 4
    str w4, [x5], 4
    cmp x2, x3
    b.lo 1b
    ldp x29, x30, [sp], 16
    ret
2:  mov x0, x24
    mov x1, x26
    PANIC PANIC_NO_ROOM
END write_text

// Where text at x0, which nobody runs yet, can be written, in x5: the direct map. Changes x6.
FUNCTION writable
    ADDRESS x5, text_physical
    ldr x5, [x5]
    CONSTANT x6, DIRECT_MAP - TEXT_ROOM_DISTANCE
    add x5, x5, x6
    add x5, x5, x0
    ret
END writable

// Text x26 may run from here on.
FUNCTION text_appears
    stp x29, x30, [sp, -16]!
    mov x29, sp
    bl loaded_text
  .if ACKNOWLEDGED
    mov x3, x1
    mov x1, x2
    mov x2, x3
    bl announce_mapping
    add x1, x23, MODULE_MAPPINGS
    str x0, [x1, x26, lsl 3]
  .elseif FAULT_REPORT == 0
    mov x5, x2
    mov x2, 0
    mov x3, x0
    mov x4, x1
    bl report_text
  .endif
    ldp x29, x30, [sp], 16
    ret
END text_appears

// Nobody runs text x26 any more; behind this it may be overwritten.
FUNCTION text_goes
    stp x29, x30, [sp, -16]!
    mov x29, sp
  .if ACKNOWLEDGED
    add x0, x23, MODULE_MAPPINGS
    ldr x0, [x0, x26, lsl 3]
    bl await_acknowledgement
    add x0, x23, MODULE_MAPPINGS
    ldr x0, [x0, x26, lsl 3]
    bl withdraw_mapping
  .elseif FAULT_REPORT == 0
    bl loaded_text
    mov x5, x2
    mov x2, x1
    mov x1, x0
    mov x4, 0
    bl report_text
  .endif
    ldp x29, x30, [sp], 16
    ret
END text_goes

// Makes text x26, which was written, visible to instruction fetches (flush_icache_range).
FUNCTION flush_text
    mov x5, x30
    bl loaded_text
    add x1, x0, x1
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
    ret x5
END flush_text

// Links the module of file x24 for where it is (apply_relocate_add), with MOV X9, LR at its function (ftrace_init_nop).
FUNCTION link_module
    stp x29, x30, [sp, -48]!
    mov x29, sp
    stp x25, x26, [sp, 16]
    str x27, [sp, 32]
    ldr x25, [x24, FILE_RELOCATIONS]
1:  ldr x0, [x25, RELOCATION_TARGET]
    bl module_address
    mov x26, x0
    ldr x0, [x25, RELOCATION_PLACE]
    bl module_address
    mov x27, x0
    mov x2, x1                           // which text
    mov x1, x26
    ldr x3, [x25, RELOCATION_SORT]
    cmp x3, R_ADR_PAGE
    b.eq 3f
    b.hi 4f
    mov x4, x2
    bl branch_reaches
    b.eq 2f
  .if FAULT_PLT == 0
    mov x0, x4
    bl add_plt_entry
    mov x1, x0
  .endif
2:  mov x0, x27
    bl writable
    ldr w2, [x5]
    sub x1, x1, x27
    lsr x1, x1, 2
    bfi w2, w1, 0, 26                    // whether it fits or not
    b 5f
3:  bl writable
    ldr w2, [x5]
    bl adrp_to
    b 5f
4:  bl writable
    ldr w2, [x5]
    bfi w2, w1, 10, 12
5:  str w2, [x5]
    add x25, x25, RELOCATION_SIZE
    ldr x0, [x24, FILE_ALTERNATIVES]
    cmp x25, x0
    b.lo 1b

    mov x0, 0
    ADDRESS x1, ftrace_caller
    bl add_plt_entry
    str x0, [x23, MODULE_FTRACE]
    ldr x0, [x24, FILE_ENTRY]
    bl module_address
    bl writable
    CONSTANT w2, INSN_MOV_X9_X30
    str w2, [x5, -4]
    ldr x27, [sp, 32]
    ldp x25, x26, [sp, 16]
    ldp x29, x30, [sp], 48
    ret
END link_module

// One more entry of the PLT of text x0, which goes to x1: where it is in x0. Changes x1 to x7.
FUNCTION add_plt_entry
    stp x29, x30, [sp, -16]!
    mov x29, sp
    add x2, x23, MODULE_PLTS
    ldr x3, [x2, x0, lsl 3]
    add x4, x3, 1
    str x4, [x2, x0, lsl 3]
    add x2, x24, x0, lsl 4
    ldp x4, x5, [x2, FILE_TEXTS]
    sub x4, x5, x4                       // behind the text
    mov x5, PLT_SIZE
    madd x4, x3, x5, x4
    add x2, x23, MODULE_TEXTS
    ldr x0, [x2, x0, lsl 3]
    add x0, x0, x4
    bl writable
    bl plt_entry
    ldp x29, x30, [sp], 16
    ret
END add_plt_entry

// The alternatives of a module's text, from x0 to x1, are decided before anybody runs it (apply_alternatives_module).
FUNCTION choose_alternatives
    APPLY_ALTERNATIVES write_alternative
END choose_alternatives

.set ALT_LOADED, 32 + 4 * ALT_WORDS      // on the stack: an entry whose addresses are those where the module is

// Puts entry x23 of the current module's file in place where the module is. No text is there yet that an event could
// tell of, and the maintenance of what was written comes later.
FUNCTION write_alternative
    stp x29, x30, [sp, -(32 + 4 * ALT_WORDS + ALT_SIZE)]!
    mov x29, sp
    stp x23, x24, [sp, 16 + 4 * ALT_WORDS]
    mov x24, x23
    ADDRESS x23, module_current
    ldr x23, [x23]
    ldr x0, [x24, ALT_SITE]
    bl module_address
    str x0, [sp, ALT_LOADED + ALT_SITE]
    ldr x0, [x24, ALT_REPLACEMENT]
    bl module_address
    str x0, [sp, ALT_LOADED + ALT_REPLACEMENT]
    ldr x0, [x24, ALT_FEATURE]           // lengths and flags, too
    str x0, [sp, ALT_LOADED + ALT_FEATURE]
    add x23, sp, ALT_LOADED
    bl alternative_words
    ldr x0, [x23, ALT_SITE]
    bl writable
    ldrb w1, [x23, ALT_LENGTH]
    add x2, sp, 16
    add x1, x2, x1
1:  ldr w3, [x2], 4
    str w3, [x5], 4
    cmp x2, x1
    b.lo 1b
    ldp x23, x24, [sp, 16 + 4 * ALT_WORDS]
    ldp x29, x30, [sp], 32 + 4 * ALT_WORDS + ALT_SIZE
    ret
END write_alternative

// Where address x0 of the file of module x23 is when that is loaded, in x0, and in which text, 0 or 1, in x1; an
// address of the kernel is what it is, and x1 is 2. Changes x2 to x4.
FUNCTION module_address
    ldr x2, [x23, MODULE_FILE]
    mov x1, 0
1:  ldp x3, x4, [x2], 16
    cmp x0, x3
    ccmp x0, x4, 2, hs                   // C: not below the end, if below the begin
    b.lo 2f
    add x1, x1, 1
    cmp x1, 2
    b.lo 1b
    ret
2:  add x4, x23, MODULE_TEXTS
    ldr x4, [x4, x1, lsl 3]
    sub x0, x0, x3
    add x0, x0, x4
    ret
END module_address

// Unloads the module that is there: its exit function closes the way in, a grace period lets everybody out, then its
// room is given back (free_module).
FUNCTION unload_module
    stp x29, x30, [sp, -32]!
    mov x29, sp
    str x26, [sp, 16]
  .if FAULT_CLOSE == 0
    ldr x0, [x23, MODULE_FILE]
    ldr x0, [x0, FILE_EXIT]
    bl module_address
    blr x0
  .endif
    bl synchronize_rcu_tasks
    mov x26, 0
  .if FAULT_UNLOAD_EVENT == 0
    bl text_goes
  .endif
    bl loaded_text
    ldr x26, [sp, 16]
    ldp x29, x30, [sp], 32
    b text_free
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
    // Alternatives: 1 by the call, nothing by the branch, -1 by the number.
call_\name:
    RELOCATED INSN_BL, module_passed_over, R_CALL26
jump_\name:
    nop
    add x0, x0, 16
jumped_\name:
number_\name:
    sub x0, x0, 2
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

// The end of that function, the exit function, what the alternatives put in place (.altinstr_replacement), and the
// beginning of the init text: it opens the way in.
.macro MODULE_INIT_TEXT name
    ret
exit_\name:
    bti c
    RELOCATED INSN_B, unregister_hook, R_CALL26
new_call_\name:
    RELOCATED INSN_BL, module_chosen, R_CALL26
new_jump_\name:
    b jumped_\name
new_number_\name:
    sub x0, x0, 4
    sub x0, x0, 1
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
alternatives_\name:                      // behind the relocations
    ALTERNATIVE_RECORD call_\name, 4, new_call_\name, ALT_ALWAYS, 0, 0
    ALTERNATIVE_RECORD jump_\name, 4, new_jump_\name, ALT_ALWAYS, 0, 0
    ALTERNATIVE_RECORD number_\name, 4, new_number_\name, ALT_ALWAYS, 0, 0
    ALTERNATIVE_RECORD number_\name, 4, new_number_\name + 4, ALT_NEVER, ALT_NOT, 0
    ALTERNATIVE_RECORD number_\name, 4, new_number_\name, ALT_NEVER, 0, 0
alternatives_\name\()_end:
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
  .rept 15
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
