// Kernel probes: sites are instructions of several kinds, each with a probe while its key is on.

.text

// A probed instruction, of the sixth kind by n; behind it x10 is n + 1, whoever runs it and wherever. A pass counts as
// off, the probe's handler makes of it one that counts as on.
.macro SITE n, length, boundary, offset
    mov x10, \n
    mov x11, 1
    ADDRESS x12, kprobed_numbers
    PLACE_SITE \n, \boundary, \offset
  .if \n % 6 == 0
    add x10, x10, x11                    // stepped
site_\n\()_on:
  .endif
  .if \n % 6 == 1
    bl kprobed_function                  // simulated
site_\n\()_on:
  .endif
  .if \n % 6 == 2
    tbz x19, 3, .Lsite_\n\()_zero        // simulated
site_\n\()_on:
    add x10, x10, 1
    b .Lsite_\n\()_end
.Lsite_\n\()_zero:
    add x10, x10, x11
.Lsite_\n\()_end:
  .endif
  .if \n % 6 == 3
    ldr x10, .Lsite_\n\()_number         // simulated
site_\n\()_on:
    b .Lsite_\n\()_end
    .balign 8
.Lsite_\n\()_number:
    .quad \n + 1
.Lsite_\n\()_end:
  .endif
  .if \n % 6 == 4
    adr x10, .Lsite_\n\()_here           // simulated
site_\n\()_on:
.Lsite_\n\()_here:
    ADDRESS x11, .Lsite_\n\()_here
    sub x10, x10, x11
    add x10, x10, \n + 1
  .endif
  .if \n % 6 == 5
    ldr x10, [x12, \n * 8]               // stepped
site_\n\()_on:
  .endif
    mrs x9, tpidr_el1
    ldr x11, [x9, CPU_SITES_OFF]
    add x11, x11, 1
    str x11, [x9, CPU_SITES_OFF]
    ldr x11, [x9, CPU_CHECKSUM]
    add x10, x10, x11
    str x10, [x9, CPU_CHECKSUM]
.endm

FUNCTION kprobed_function
    add x10, x10, 1
    ret
END kprobed_function

FUNCTION mechanism_boot
    b init_text_alloc
END mechanism_boot

// The probes of key x0 come, or go; with those of key 0 one in the handler of all of them.
FUNCTION mechanism_flip
    stp x29, x30, [sp, -64]!
    mov x29, sp
    stp x23, x24, [sp, 16]
    stp x25, x26, [sp, 32]
    mov x26, x0
    ADDRESS x1, lab_key_state
    ldr x25, [x1, x0, lsl 3]
    eor x25, x25, 1                      // the new state
    str x25, [x1, x0, lsl 3]
    ADDRESS x1, lab_keys
    add x1, x1, x0, lsl 4                // KEY_SIZE
    ldr x23, [x1, KEY_FIRST]
    ldr x24, [x1, KEY_COUNT]
1:  mov x0, x23
    bl site_probe
    ldr x1, [x23, SITE_CODE]
    adr x2, count_hit
    ldr x3, [x23, SITE_NAME]
    bl toggle_probe
    add x23, x23, SITE_SIZE
    subs x24, x24, 1
    b.ne 1b
    cbnz x26, 2f
    ADDRESS x0, probe_in_handler
    adr x1, count_hit_step
    adr x2, never_called
    ADDRESS x3, handler_name
    bl toggle_probe
2:  ldp x25, x26, [sp, 32]
    ldp x23, x24, [sp, 16]
    ldp x29, x30, [sp], 64
    ret
END mechanism_flip

// Probe x0 at x1 with handler x2 and name x3 comes if x25 is 1, else goes.
FUNCTION toggle_probe
    stp x1, x2, [x0, KP_ADDRESS]
    str x3, [x0, KP_NAME]
    cbz x25, 1f
    b register_kprobe
1:  b unregister_kprobe
END toggle_probe

// The probe of site x0, in x0: they stand as the sites do. Changes x1.
FUNCTION site_probe
    ADDRESS x1, lab_sites
    sub x0, x0, x1
    ADDRESS x1, probes
    add x0, x1, x0, lsl 1                // KP_SIZE is twice SITE_SIZE
    ret
END site_probe

// The handler of all sites' probes: the pass that begins counts as on.
FUNCTION count_hit
    mrs x9, tpidr_el1
    ldr x10, [x9, CPU_SITES_OFF]
    ldr x11, [x9, CPU_SITES_ON]
count_hit_step:
    sub x10, x10, 1                      // itself with a probe while key 0 is on
    add x11, x11, 1
    str x10, [x9, CPU_SITES_OFF]
    str x11, [x9, CPU_SITES_ON]
    mov x0, 0
    ret
END count_hit

// The handler of the probe in a handler: it is always missed.
FUNCTION never_called
    ldr x1, [x0, KP_MISSED]
    ldr x0, [x0, KP_ADDRESS]
    PANIC PANIC_TRAP_RECURSION
END never_called

.ltorg

.section .rodata
handler_name:
    .asciz "count_hit_step"
.balign 8
kprobed_numbers:
  .set number, 1
  .rept SITE_ROOM
    .quad number
    .set number, number + 1
  .endr

.data
.balign 64
probes:
    .fill SITE_ROOM * KP_SIZE / 8, 8, 0
probe_in_handler:
    .fill KP_SIZE / 8, 8, 0
