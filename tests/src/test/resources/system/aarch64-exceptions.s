// Exceptions, returns and privilege. Sections are DDI0487's; ISS and classes are those of ESR_EL1, D19.2.37.

//# udf: C6.2 UDF; D19.2.37, ISS for exceptions with an unknown reason
//= 0x200 0x02000000 bad 0x3c5 1
  catch behind
  mov x0, 1
bad:
  udf 7
  mov x0, 2
behind:
  report x0
  done

//# flags are saved: D1.3.4 AArch64.TakeException; C5.2 SPSR_EL1
//= 0x200 0x02000000 bad 0x600003c5
  catch behind
  cmp x0, x0
bad:
  udf 0
behind:
  done

//# brk: D2.8; D19.2.37, ISS for a Breakpoint instruction, EC 0x3c
//= 0x200 0xf2000123 bad 0x3c5
  catch behind
bad:
  brk 0x123
behind:
  done

//# svc at EL1: D19.2.37, ISS for SVC, EC 0x15; the preferred return address is behind it (D1.3.3)
//= 0x200 0x56001234 next 0x3c5
  catch behind
  svc 0x1234
next:
  nop
behind:
  done

//# svc at EL0: D19.2.37, EC 0x15
//= 0x400 0x5600002a next+AS_USER 0x3c0
  catch behind
  el0 user
user:
  svc 42
next:
  nop
behind:
  done

//# hvc without EL2: C6.2 HVC
//= 0x200 0x02000000 bad 0x3c5
//~ ; on the board virt HVC calls the firmware, whatever its immediate is
  catch behind
  mov x0, 0
bad:
  hvc 5
behind:
  done

//# smc without EL3: C6.2 SMC
//= 0x200 0x02000000 bad 0x3c5
  catch behind
  mov x0, 0
bad:
  smc 5
behind:
  done

//# eret, hvc and smc at EL0: C6.2 ERET, HVC, SMC
//= 0x400 0x02000000 bad+AS_USER 0x3c0 0x400 0x02000000 bad2+AS_USER 0x3c0 0x400 0x02000000 bad3+AS_USER 0x3c0
  mov x0, 0
  catch second
  el0 bad
bad:
  eret
second:
  catch third
  el0_again bad2
bad2:
  hvc 0
third:
  catch behind
  el0_again bad3
bad3:
  smc 0
behind:
  done

//# brk at EL0: D19.2.37, EC 0x3c
//= 0x400 0xf200ffff bad+AS_USER 0xf00003c0
  catch behind
  el0 bad, 0xf00003c0
bad:
  brk 0xffff
behind:
  done

//# on SP_EL0: D1.3.1, offset of the vector by the stack pointer in use
//= 0x000 0x56000001 next 0x3c4
  catch behind
  msr spsel, 0
  svc 1
next:
  nop
behind:
  done

//# read-only register is written: C5.3, the access is UNDEFINED
//= 0x200 0x02000000 bad 0x3c5
  catch behind
bad:
  .word 0xd5180000              // msr midr_el1, x0
behind:
  done

//# register of EL2: C5.3, without EL2 UNDEFINED
//= 0x200 0x02000000 bad 0x3c5
  catch behind
bad:
  .word 0xd53c1000              // mrs x0, sctlr_el2
behind:
  done

//# SP_EL0 while it is in use: C5.2 SP_EL0
//= 0x000 0x02000000 bad 0x3c4
  catch behind
  msr spsel, 0
bad:
  mrs x0, sp_el0
behind:
  done

//# stack pointers are banked: D1.2.2; C5.2 SPSel
//= 0x1111 0x2222 0x1 0x0
  mov x1, 0x2222
  mov x2, 0x1111
  msr sp_el0, x2
  mov sp, x1
  msr spsel, 0
  mov x0, sp
  mrs x4, spsel
  msr spsel, 1
  report x0
  mov x0, sp
  report x0
  mrs x0, spsel
  report x0
  report x4
  done

//# registers of EL1 at EL0: C5.2 SCTLR_EL1, the access is UNDEFINED
//= 0x400 0x02000000 bad+AS_USER 0x3c0 0x400 0x02000000 bad2+AS_USER 0x3c0 0x400 0x02000000 bad3+AS_USER 0x3c0
  catch second
  el0 bad
bad:
  mrs x0, sctlr_el1
second:
  catch third
  el0_again bad2
bad2:
  msr vbar_el1, x0
third:
  catch behind
  el0_again bad3
bad3:
  mrs x0, currentel
behind:
  done

//# maintenance of EL1 at EL0: C5.5 TLBI VMALLE1, C5.4 AT S1E1R, C5.4 IC IALLU, DC ISW
//= 0x400 0x02000000 bad+AS_USER 0x3c0 0x400 0x02000000 bad2+AS_USER 0x3c0 0x400 0x02000000 bad3+AS_USER 0x3c0
  catch second
  el0 bad
bad:
  tlbi vmalle1
second:
  catch third
  el0_again bad2
bad2:
  at s1e1r, x0
third:
  catch behind
  el0_again bad3
bad3:
  ic iallu
behind:
  done

//# CTR_EL0 at EL0, UCT 0: D19.2.129 SCTLR_EL1.UCT; D19.2.37, EC 0x18
//= 0x400 0x6232c0a1 bad+AS_USER 0x3c0 0x400 0x56000000 next+AS_USER 0x3c0 0x4
  control 1 << 15, 0
  catch second
  el0 bad
bad:
  mrs x5, ctr_el0
second:
  control 0, 1 << 15
  catch behind
  el0_again good
good:
  mrs x0, ctr_el0
  and x0, x0, 15
  svc 0
next:
  nop
behind:
  report x0
  done

//# DC ZVA at EL0, DZE 0: D19.2.129 SCTLR_EL1.DZE; D19.2.37, EC 0x18; C5.3 DCZID_EL0.DZP
//= 0x400 0x6212dc68 bad+AS_USER 0x3c0 0x400 0x56000000 next+AS_USER 0x3c0 0x10
  page 0, NORMAL + USER
  ldr x3, =PAGES
  catch second
  el0 bad
bad:
  dc zva, x3
second:
  catch behind
  el0_again good
good:
  mrs x0, dczid_el0
  svc 0
next:
  nop
behind:
  and x0, x0, 0x10
  report x0
  done

//# DC ZVA at EL0, DZE 1: C5.4 DC ZVA
//= 0x400 0x56000000 next+AS_USER 0x3c0 0x77 0x0 0x0 0x77
  page 0, NORMAL + USER
  ldr x3, =PAGES
  mov x0, 0x77
  str x0, [x3, 0x38]
  str x0, [x3, 0x40]
  str x0, [x3, 0x78]
  str x0, [x3, 0x80]
  add x3, x3, 0x48
  control 0, 1 << 14
  catch behind
  el0 good
good:
  dc zva, x3
  svc 0
next:
  nop
behind:
  ldr x3, =PAGES
  ldr x0, [x3, 0x38]
  report x0
  ldr x0, [x3, 0x40]
  report x0
  ldr x0, [x3, 0x78]
  report x0
  ldr x0, [x3, 0x80]
  report x0
  done

//# IC IVAU and DC CVAU at EL0, UCI 0: D19.2.129 SCTLR_EL1.UCI; D19.2.37, EC 0x18
//= 0x400 0x6212dc6a bad+AS_USER 0x3c0 0x400 0x6212dc76 bad2+AS_USER 0x3c0
  catch second
  el0 bad
bad:
  ic ivau, x3
second:
  catch behind
  el0_again bad2
bad2:
  dc cvau, x3
behind:
  done

//# DAIF at EL0, UMA 0: D19.2.129 SCTLR_EL1.UMA; D19.2.37, EC 0x18
//= 0x400 0x620cd3e4 bad+AS_USER 0x3c0 0x400 0x6232d065 bad2+AS_USER 0x3c0
//~ 0x400 0x620793e4 bad+AS_USER 0x3c0 0x400 0x6232d065 bad2+AS_USER 0x3c0; QEMU has op1 and op2 of MSR DAIFSet
//+ exchanged
  catch second
  el0 bad
bad:
  msr daifset, 2
second:
  catch behind
  el0_again bad2
bad2:
  mrs x3, daif
behind:
  done

//# DAIF at EL0, UMA 1: D19.2.129 SCTLR_EL1.UMA
//= 0x400 0x56000000 next+AS_USER 0x80 0x80
  control 0, 1 << 9
  catch behind
  el0 user, 0
user:
  msr daifset, 2
  mrs x3, daif
  svc 0
next:
  nop
behind:
  report x3
  done

//# counters at EL0, CNTKCTL_EL1 0: D11.1; D19.2.37, EC 0x18
//= 0x400 0x6234f841 bad+AS_USER 0x3c0 0x400 0x6230f801 bad2+AS_USER 0x3c0
  catch second
  el0 bad
bad:
  mrs x2, cntvct_el0
second:
  catch behind
  el0_again bad2
bad2:
  mrs x0, cntfrq_el0
behind:
  done

//# WFI at EL0, nTWI 0: D19.2.129 SCTLR_EL1.nTWI; D19.2.37, EC 0x01
//= 0x400 0x07e00000 bad+AS_USER 0x3c0
  control 1 << 16, 0
  catch behind
  el0 bad
bad:
  wfi
behind:
  done

//# WFE at EL0, nTWE 0: D19.2.129 SCTLR_EL1.nTWE: trapped, or it ends by itself
//= 0x400 0x07e00001 bad+AS_USER 0x3c0
//= 0x400 0x56000000 next+AS_USER 0x3c0
  control 1 << 18, 0
  catch behind
  el0 user
user:
  wfe                           // ERET has set the event register (D1.6.1)
bad:
  wfe
  svc 0
next:
  nop
behind:
  done

//# SIMD and floating point, FPEN 0: D19.2.33 CPACR_EL1; D19.2.37, EC 0x07
//= 0x200 0x1fe00000 bad 0x3c5
  msr cpacr_el1, xzr
  isb
  catch behind
bad:
  fmov s0, 1.0
behind:
  done

//# SIMD and floating point, FPEN 1: D19.2.33 CPACR_EL1 traps EL0 alone; D19.2.37, EC 0x07
//= 0x3ff0000000000000 0x400 0x1fe00000 bad+AS_USER 0x3c0
  mov x0, 1 << 20
  msr cpacr_el1, x0
  isb
  fmov d0, 1.0
  fmov x0, d0
  report x0
  catch behind
  el0 bad
bad:
  fmov x0, d0
behind:
  done

//# stack pointer misaligned at EL1: D1.3.7; D19.2.129 SCTLR_EL1.SA; D19.2.37, EC 0x26
//= 0x200 0x9a000000 bad 0x3c5
//~ 0x200 0x96000007 bad 0x3c5 0x80000008; QEMU never checks the stack pointer, and the page is not there
  control 0, 1 << 3
  ldr x0, =PAGES + 8
  mov sp, x0
  catch behind
bad:
  ldr x0, [sp]
behind:
  done

//# stack pointer misaligned at EL1, SA 0: D19.2.129 SCTLR_EL1.SA
//= 0x77
  page 0, NORMAL
  ldr x0, =PAGES + 8
  mov x1, 0x77
  str x1, [x0]
  mov sp, x0
  ldr x0, [sp]
  report x0
  done

//# stack pointer misaligned at EL0: D19.2.129 SCTLR_EL1.SA0; D19.2.37, EC 0x26
//= 0x400 0x9a000000 bad+AS_USER 0x3c0
//~ 0x400 0x92000007 bad+AS_USER 0x3c0 0x80000008; QEMU never checks the stack pointer, and the page is not there
  control 0, 1 << 4
  ldr x0, =PAGES + 8
  msr sp_el0, x0
  catch behind
  el0 bad
bad:
  ldr x0, [sp]
behind:
  done

//# PC misaligned at EL1: D1.3.8; D19.2.37, EC 0x22
//= 0x200 0x8a000000 bad+2 0x3c5 bad+2
  catch behind
  adr x0, bad
  add x0, x0, 2
  ret x0
bad:
  nop
behind:
  done

//# PC misaligned at EL0: D1.3.8; D19.2.37, EC 0x22
//= 0x400 0x8a000000 bad+AS_USER+2 0x3c0 bad+AS_USER+2
  catch behind
  el0 bad+2
bad:
  nop
  nop
behind:
  done

//# illegal return to EL2: D1.4.4; D19.2.37, EC 0x0e; SPSR_EL1.IL, the level does not change
//= 0x200 0x3a000000 bad 0x801003c5
  catch behind
  adr x0, bad
  msr elr_el1, x0
  ldr x1, =0x800003c9
  msr spsr_el1, x1
  eret
bad:
  nop
behind:
  done

//# illegal return to a reserved mode: D1.4.4; D19.2.37, EC 0x0e
//= 0x200 0x3a000000 bad 0x1003c5
  catch behind
  adr x0, bad
  msr elr_el1, x0
  mov x1, 0x3c2
  msr spsr_el1, x1
  eret
bad:
  nop
behind:
  done

//# return to an illegal state: D1.4.4; SPSR_EL1.IL comes back, and the next instruction is refused before all else
//= 0x400 0x3a000000 bad+AS_USER 0x1003c0
  catch behind
  el0 bad, 0x1003c0
bad:
  udf 0
behind:
  done

//# bits of VBAR_EL1: C5.2 VBAR_EL1, 10:0 are RES0
//= 0x123456789800 0x3c0
//~ 0x123456789fe0 0x3c0; QEMU fixes bits 4:0 alone
  ldr x0, =0x123456789fff
  msr vbar_el1, x0
  mrs x0, vbar_el1
  report x0
  mrs x0, daif
  report x0
  done

//# DAIFSet and DAIFClr: C5.2 DAIF
//= 0x140 0x240 0x4 0x40000000
  msr daifclr, 15
  msr daifset, 5
  mrs x0, daif
  msr daifset, 15
  report x0
  msr daifclr, 6
  mrs x0, daif
  msr daifset, 15
  report x0
  mrs x0, currentel
  report x0
  cmp x0, x0
  mrs x0, nzcv
  and x0, x0, 1 << 30
  report x0
  done

//# process state behind an exception: D1.3.4 AArch64.TakeException masks all of DAIF, and selects SP_EL1
//= 0x400 0x56000000 next+AS_USER 0x60000000 0x3c0 0x1
  ldr x0, =own
  msr vbar_el1, x0
  isb
  el0 user, 0x60000000
user:
  svc 0
next:
  .balign 2048
own:
  .space 0x400
  mrs x19, daif
  mrs x20, spsel
  mov x29, 0x400
  str x29, [x28], 8
  mrs x29, esr_el1
  str x29, [x28], 8
  mrs x29, elr_el1
  str x29, [x28], 8
  mrs x29, spsr_el1
  str x29, [x28], 8
  report x19
  report x20
  done
