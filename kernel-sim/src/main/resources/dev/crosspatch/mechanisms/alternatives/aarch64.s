// Alternatives: what a feature decides at boot, and features that come and go while all CPUs are stopped.

.text

// A place of two texts, of the fourth kind by n: x12 = which counter a pass adds to. Before it words that were decided
// at boot, behind which x13 is n + 1.
.macro SITE n, length, boundary, offset
    ALTERNATIVE number_\n, "mov x13, -1", "mov x13, -2", ALT_ALWAYS, 0, .Lname_\n
    ALTERNATIVE_ENTRY again_\n, number_\n, 4, "mov x13, \n", ALT_ALWAYS, 0, .Lname_\n
    ALTERNATIVE_ENTRY never_\n, number_\n, 4, "mov x13, -3", ALT_NEVER, 0, .Lname_\n
    ALTERNATIVE branch_\n, "nop", "b .Lsite_\n\()_over", ALT_ALWAYS, 0, .Lname_\n
    sub x13, x13, 7
.Lsite_\n\()_over:
    add x13, x13, 1
    adr x0, number_\n
    cmp x13, \n + 1
    b.ne wrong_result
    PLACE_SITE \n, \boundary, \offset
  .if \n % 4 == 0
    mov x12, CPU_SITES_OFF
    ALTERNATIVE_ENTRY off_\n, site_\n, 4, "mov x12, CPU_SITES_OFF", ALT_FIRST + site_\n\()_key, ALT_NOT, .Lname_\n
    ALTERNATIVE_ENTRY on_\n, site_\n, 4, "mov x12, CPU_SITES_ON", ALT_FIRST + site_\n\()_key, 0, .Lname_\n
  .endif
  .if \n % 4 == 1
    bl alternative_off
    ALTERNATIVE_ENTRY off_\n, site_\n, 4, "bl alternative_off", ALT_FIRST + site_\n\()_key, ALT_NOT, .Lname_\n
    ALTERNATIVE_ENTRY on_\n, site_\n, 4, "bl alternative_on", ALT_FIRST + site_\n\()_key, 0, .Lname_\n
  .endif
  .if \n % 4 == 2
    adrp x12, counter_off
    ALTERNATIVE_ENTRY off_\n, site_\n, 4, "adrp x12, counter_off", ALT_FIRST + site_\n\()_key, ALT_NOT, .Lname_\n
    ALTERNATIVE_ENTRY on_\n, site_\n, 4, "adrp x12, counter_on", ALT_FIRST + site_\n\()_key, 0, .Lname_\n
    ldr x12, [x12]
  .endif
  .if \n % 4 == 3
    mov x12, CPU_SITES_OFF
    ALTERNATIVE_CALLBACK site_\n, 4, move_counter, ALT_FIRST + site_\n\()_key, ALT_NOT, .Lname_\n
    ALTERNATIVE_CALLBACK site_\n, 4, move_counter, ALT_FIRST + site_\n\()_key, 0, .Lname_\n
  .endif
site_\n\()_on:
    mrs x9, tpidr_el1
    ldr x10, [x9, x12]
    add x10, x10, 1
    str x10, [x9, x12]
    ldr x10, [x9, CPU_CHECKSUM]
    add x10, x10, x13
    str x10, [x9, CPU_CHECKSUM]
.endm

FUNCTION alternative_off
    mov x12, CPU_SITES_OFF
    ret
END alternative_off

FUNCTION alternative_on
    mov x12, CPU_SITES_ON
    ret
END alternative_on

// What stands at x0 made x13 of a site's number.
FUNCTION wrong_result
    mov x1, x13
    PANIC PANIC_WRONG_RESULT
END wrong_result

// The callback: MOVZ x12 with the counter that entry x0's feature asks for, to x1.
FUNCTION move_counter
    ldrh w2, [x0, ALT_FEATURE]
    ADDRESS x3, alternative_features
    ldrb w2, [x3, x2]
    ADDRESS x4, counter_off
    ADDRESS x5, counter_on
    cmp w2, 0
    csel x4, x4, x5, eq
    ldr x4, [x4]
    CONSTANT w5, 0xd280000c
    orr w5, w5, w4, lsl 5
    str w5, [x1]
    ret
END move_counter

// apply_boot_alternatives: what the boot CPU has decides before others go on.
FUNCTION mechanism_boot
    ADDRESS x0, alternatives
    ADDRESS x1, lab_params
    mov x2, 0
    mov x3, ALT_FIRST
    b apply_alternatives
END mechanism_boot

// Feature x0 comes or goes, and the text of all its places with it.
FUNCTION mechanism_flip
    ADDRESS x1, lab_key_state
    ldr x2, [x1, x0, lsl 3]
    eor x2, x2, 1
    str x2, [x1, x0, lsl 3]
    ADDRESS x1, alternative_features + ALT_FIRST
    strb w2, [x1, x0]
    add x2, x0, ALT_FIRST
    add x3, x2, 1
    ADDRESS x0, alternatives
    ADDRESS x1, lab_params
    b apply_alternatives_all
END mechanism_flip

.ltorg

.section .rodata
.balign 8
alternatives:                            // entries follow, behind them lab_params

.data
.balign 4096
counter_off:
    .quad CPU_SITES_OFF
.balign 4096
counter_on:
    .quad CPU_SITES_ON
.balign 64

.text
