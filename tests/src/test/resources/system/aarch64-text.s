// Text that is changed while it is there, and interrupts. Sections are DDI0487's.

//# changed text, maintained: B2.7.4.2, DC CVAU, DSB, IC IVAU, DSB, ISB: the new instruction
//= 0x1 0x2
  adr x2, site
  bl site
  report x0
  ldr w1, new
  str w1, [x2]
  dc cvau, x2
  dsb ish
  ic ivau, x2
  dsb ish
  isb
  bl site
  report x0
  done
new:
  mov x0, 2
  .balign 64
site:
  mov x0, 1
  ret

//# changed text, maintained through another mapping: B2.7.4.2, D8.16; IC IVAU by the address that is executed
//= 0x1 0x2
  adr x2, site
  bl site
  report x0
  entry LEVEL_3, PROGRAM + NORMAL + UXN + PXN
  ldr x3, =PAGES
  and x4, x2, 0xfff
  add x3, x3, x4
  ldr w1, new
  str w1, [x3]
  dc cvau, x3
  dsb ish
  ic ivau, x2
  dsb ish
  isb
  bl site
  report x0
  done
new:
  mov x0, 2
  .balign 64
site:
  mov x0, 1
  ret

//# changed text, IC IALLU: C5.4 IC IALLU
//= 0x1 0x2
  adr x2, site
  bl site
  report x0
  ldr w1, new
  str w1, [x2]
  dc cvau, x2
  dsb ish
  ic iallu
  dsb ish
  isb
  bl site
  report x0
  done
new:
  mov x0, 2
  .balign 64
site:
  mov x0, 1
  ret

//# changed text, ERET for ISB: D1.4, an exception return is a context synchronization event
//= 0x1 0x2
  adr x2, site
  bl site
  report x0
  ldr w1, new
  str w1, [x2]
  dc cvau, x2
  dsb ish
  ic ivau, x2
  dsb ish
  adr x3, back
  msr elr_el1, x3
  mov x3, 0x3c5
  msr spsr_el1, x3
  eret
back:
  bl site
  report x0
  done
new:
  mov x0, 2
  .balign 64
site:
  mov x0, 1
  ret

//# changed text, not maintained: B2.2.5, a NOP and a branch may be exchanged, and either runs
//= 0x1 0x1
//= 0x1 0x2
  adr x2, site
  bl routine
  report x0
  ldr w1, new
  str w1, [x2]
  bl routine
  report x0
  done
new:
  b new + 8
  .balign 64
routine:
  mov x0, 1
site:
  nop
  ret
  mov x0, 2
  ret

//# changed text, brk: B2.2.5, and D2.8 for the trap
//= 0x200 0xf2000000 site 0x3c5
  adr x2, site
  bl site
  ldr w1, new
  str w1, [x2]
  dc cvau, x2
  dsb ish
  ic ivau, x2
  dsb ish
  isb
  catch behind
  bl site
behind:
  done
new:
  brk 0
  .balign 64
site:
  nop
  ret

//# text at EL0, changed by EL1: B2.7.4.2, D1.3.4: the return synchronizes
//= 0x400 0x56000001 site+AS_USER+4 0x3c0 0x400 0x56000002 site+AS_USER+4 0x3c0
  adr x2, site
  catch second
  el0 site
second:
  ldr w1, new
  str w1, [x2]
  dc cvau, x2
  dsb ish
  ic ivau, x2
  dsb ish
  catch behind
  el0_again site
behind:
  done
new:
  svc 2
  .balign 64
site:
  svc 1
  nop

//# a software interrupt: GICv3 (IHI0069) 4.3.4 SGIs; D1.3.1, offset 0x280
//= 0x280 * 0x345 0x7
  gic
  ldr x0, =0x1000000 * 7 + 1
  catch behind
  msr daifclr, 2
  msr s3_0_c12_c11_5, x0        // ICC_SGI1R_EL1
  dsb sy
  isb
spin:
  b spin
behind:
  done

//# a software interrupt while all is masked: D1.3.5, it stays pending until PSTATE.I is clear
//= 0x80 0x280 inside 0x345 0x3 0x0
//= 0x80 0x280 inside+4 0x345 0x3 0x0
//= 0x80 0x280 inside+8 0x345 0x3 0x0
  gic
  ldr x0, =0x1000000 * 3 + 1
  msr s3_0_c12_c11_5, x0
  dsb sy
  isb
wait:
  mrs x1, isr_el1
  tbz x1, 7, wait
  report x1
  catch behind
  msr daifclr, 2
inside:
  isb
  nop
  b .
behind:
  msr daifset, 2
  mrs x1, isr_el1
  report x1
  done

//# an interrupt of EL0: D1.3.1, offset 0x480; D1.3.5
//= 0x480 spin+AS_USER 0x340 0x5
  gic
  ldr x0, =0x1000000 * 5 + 1
  msr s3_0_c12_c11_5, x0
  dsb sy
  catch behind
  el0 spin, 0x340
spin:
  b spin
behind:
  done

//# WFI ends while PSTATE.I is set: D1.6.2
//= 0x80 0x9
  gic
  ldr x0, =0x1000000 * 9 + 1
  msr s3_0_c12_c11_5, x0
  dsb sy
  wfi
wait:
  mrs x1, isr_el1
  tbz x1, 7, wait
  report x1
  mrs x1, s3_0_c12_c12_0        // ICC_IAR1_EL1
  report x1
  msr s3_0_c12_c12_1, x1        // ICC_EOIR1_EL1
  done

//# priority mask: GICv3 4.8.1, ICC_PMR_EL1 holds back what is not above it
//= 0x0 0x80 0x2
  gic
  mov x0, 0x80
  msr s3_0_c4_c6_0, x0          // ICC_PMR_EL1
  isb
  ldr x0, =0x1000000 * 2 + 1
  msr s3_0_c12_c11_5, x0
  dsb sy
  isb
  mov x2, 100
hold:
  sub x2, x2, 1
  cbnz x2, hold
  mrs x1, isr_el1
  report x1
  mov x0, 0xff
  msr s3_0_c4_c6_0, x0
  isb
wait:
  mrs x1, isr_el1
  tbz x1, 7, wait
  report x1
  mrs x1, s3_0_c12_c12_0
  report x1
  msr s3_0_c12_c12_1, x1
  done

//# the virtual timer: D11.2.4; interrupt 27
//= 0x280 * 0x345 0x1b 0x5
  gic
  ldr x0, =0x080b0100           // GICR_ISENABLER0
  mov w1, 1 << 27
  str w1, [x0]
  mrs x0, cntvct_el0
  add x0, x0, 100
  msr cntv_cval_el0, x0
  mov x0, 1
  msr cntv_ctl_el0, x0
  isb
  catch behind
  msr daifclr, 2
spin:
  b spin
behind:
  mrs x1, cntv_ctl_el0
  report x1
  msr cntv_ctl_el0, xzr
  done
