// Two CPUs. Sections are DDI0487's.

//# text changed by another CPU, maintained, and ISB: B2.7.4.2: the new instruction
//2
//= 0x1 0x2
  adr x2, site
  other runner
  await 1
  ldr w1, new
  str w1, [x2]
  dc cvau, x2
  dsb ish
  ic ivau, x2
  dsb ish
  step 2
  join
  done
runner:
  bl site
  report x0
  step 1
  await 2
  isb
  bl site
  report x0
  other_done
new:
  mov x0, 2
  .balign 64
site:
  mov x0, 1
  ret

//# text changed by another CPU, maintained, no ISB: B2.2.5: a NOP or the branch
//2
//= 0x1 0x1
//= 0x1 0x2
  adr x2, site
  other runner
  await 1
  ldr w1, new
  str w1, [x2]
  dc cvau, x2
  dsb ish
  ic ivau, x2
  dsb ish
  step 2
  join
  done
runner:
  bl routine
  report x0
  step 1
  await 2
  bl routine
  report x0
  other_done
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

//# BRK put by another CPU, and taken away: B2.2.5, B2.7.4.2; D2.8
//2
//= 0x200 0xf2000005 site 0x3c5 0x1
  adr x2, site
  ldr w3, [x2]
  other runner
  await 1
  ldr w1, new
  str w1, [x2]
  dc cvau, x2
  dsb ish
  ic ivau, x2
  dsb ish
  step 2
  await 3
  str w3, [x2]
  dc cvau, x2
  dsb ish
  ic ivau, x2
  dsb ish
  step 4
  join
  done
runner:
  mov x19, x27
  bl routine
  step 1
  await 2
  isb
  adr x27, trapped
  bl routine
trapped:
  mov x27, x19
  step 3
  await 4
  isb
  bl routine
  report x0
  other_done
new:
  brk 5
  .balign 64
routine:
  mov x0, 1
site:
  nop
  ret

//# a page exchanged for all CPUs: D8.13, D8.13.1; C5.5 TLBI VAE1IS, with DSB ISH
//2
//= 0x11 0x22
  page 0, NORMAL
  fill 0, 0x11
  fill 1, 0x22
  other runner
  await 1
  entry LEVEL_3, 0
  ldr x1, =PAGES >> 12
  tlbi vae1is, x1
  synchronize
  entry LEVEL_3, RAM + 0x1000 + NORMAL
  step 2
  join
  done
runner:
  ldr x0, =PAGES
  ldr x1, [x0]
  report x1
  step 1
  await 2
  isb
  ldr x1, [x0]
  report x1
  other_done

//# a page taken away from all CPUs: D8.13; C5.5 TLBI VMALLE1IS; D19.2.37
//2
//= 0x11 0x200 0x96000007 bad 0x3c5 0x80000000
  page 0, NORMAL
  fill 0, 0x11
  other runner
  await 1
  entry LEVEL_3, 0
  tlbi vmalle1is
  synchronize
  step 2
  join
  done
runner:
  mov x19, x27
  ldr x0, =PAGES
  ldr x1, [x0]
  report x1
  step 1
  await 2
  adr x27, behind
bad:
  ldr x1, [x0]
behind:
  mov x27, x19
  other_done

//# a page taken away from this CPU alone: D8.13; C5.5 TLBI VAE1: the other one may have it still
//2
//= 0x11 0x11
//= 0x11 0x200 0x96000007 bad 0x3c5 0x80000000
  page 0, NORMAL
  fill 0, 0x11
  other runner
  await 1
  entry LEVEL_3, 0
  ldr x1, =PAGES >> 12
  tlbi vae1, x1
  synchronize
  step 2
  join
  done
runner:
  mov x19, x27
  ldr x0, =PAGES
  ldr x1, [x0]
  report x1
  step 1
  await 2
  adr x27, behind
bad:
  ldr x1, [x0]
  report x1
behind:
  mov x27, x19
  other_done

//# a store of another CPU between LDXR and STXR: B2.9.2, the global monitor: the STXR fails
//2
//= 0x1 0x22
  ldr x0, =RAM
  mov x1, 0x11
  str x1, [x0]
  other runner
  ldr x4, =FLAG
  mov x5, 1
  ldxr x1, [x0]
  str x5, [x4]
again:
  ldr x5, [x4]
  cmp x5, 2
  b.ne again
  mov x2, 0x33
  stxr w3, x2, [x0]
  report x3
  ldr x1, [x0]
  report x1
  join
  done
runner:
  await 1
  ldr x0, =RAM
  mov x2, 0x22
  str x2, [x0]
  step 2
  other_done
