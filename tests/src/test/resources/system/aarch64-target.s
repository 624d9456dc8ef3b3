// Branch target identification, FEAT_BTI. Sections are DDI0487's; EC 0x0d with PSTATE.BTYPE as ISS, which SPSR_EL1 has
// in bits 11:10, too. FAR_EL1 is not written. What is at `label` lies at `label+AS_USER` in the guarded mapping.

//# FEAT_BTI is told: D19.2.69 ID_AA64PFR1_EL1.BT; D19.2.129 SCTLR_EL1.BT0, BT1
//! max
//= 0x1 0x1800000000
  mrs x0, id_aa64pfr1_el1
  and x0, x0, 15
  report x0
  control 0, 3 << 35
  mrs x0, sctlr_el1
  and x0, x0, 3 << 35
  report x0
  done

//# no landing pad, NOP: D8.4.5, BTYPE 1 by BR X16, 2 by BLR, 3 by another BR
//! max
//= 0x200 0x36000001 pad+AS_USER 0x7c5 0x200 0x36000002 pad+AS_USER 0xbc5 0x200 0x36000003 pad+AS_USER 0xfc5
  pads 0xd503201f

//# landing pad BTI: BTypeCompatible_BTI, for no branch
//! max
//= 0x200 0x36000001 pad+AS_USER 0x7c5 0x200 0x36000002 pad+AS_USER 0xbc5 0x200 0x36000003 pad+AS_USER 0xfc5
  pads 0xd503241f

//# landing pad BTI C: BTypeCompatible_BTI, not for BTYPE 3
//! max
//= 0x77 0x77 0x200 0x36000003 pad+AS_USER 0xfc5
  pads 0xd503245f

//# landing pad BTI J: BTypeCompatible_BTI, not for BTYPE 2
//! max
//= 0x77 0x200 0x36000002 pad+AS_USER 0xbc5 0x77
  pads 0xd503249f

//# landing pad BTI JC: BTypeCompatible_BTI, for all
//! max
//= 0x77 0x77 0x77
  pads 0xd50324df

//# landing pad PACIASP, SCTLR_EL1.BT1 0: BTypeCompatible_PACIXSP, for all
//! max
//= 0x77 0x77 0x77
  pads 0xd503233f

//# landing pad PACIBSP, SCTLR_EL1.BT1 0: BTypeCompatible_PACIXSP, for all; BT0 is not EL1's
//! max
//= 0x77 0x77 0x77
  control 0, 1 << 35
  pads 0xd503237f

//# landing pad PACIASP, SCTLR_EL1.BT1 1: BTypeCompatible_PACIXSP, not for BTYPE 3
//! max
//= 0x77 0x77 0x200 0x36000003 pad+AS_USER 0xfc5
  control 0, 1 << 36
  pads 0xd503233f

//# landing pad PACIBSP, SCTLR_EL1.BT1 1: BTypeCompatible_PACIXSP, not for BTYPE 3
//! max
//= 0x77 0x77 0x200 0x36000003 pad+AS_USER 0xfc5
  control 0, 1 << 36
  pads 0xd503237f

//# no landing pad, AUTIASP: C6.2
//! max
//= 0x200 0x36000001 pad+AS_USER 0x7c5 0x200 0x36000002 pad+AS_USER 0xbc5 0x200 0x36000003 pad+AS_USER 0xfc5
  pads 0xd50323bf

//# landing pad BRK: C6.2 BRK, SetBTypeCompatible; the breakpoint's SPSR_EL1 has BTYPE
//! max
//= 0x200 0xf2000007 pad+AS_USER 0x7c5 0x200 0xf2000007 pad+AS_USER 0xbc5 0x200 0xf2000007 pad+AS_USER 0xfc5
  pads 0xd42000e0

//# landing pad HLT: C6.2 HLT, undefined where nothing halts; BTYPE may be lost then (Unpredictable_ZEROBTYPE)
//! max
//= 0x200 0x02000000 pad+AS_USER 0x7c5 0x200 0x02000000 pad+AS_USER 0xbc5 0x200 0x02000000 pad+AS_USER 0xfc5
//= 0x200 0x02000000 pad+AS_USER 0x3c5 0x200 0x02000000 pad+AS_USER 0x3c5 0x200 0x02000000 pad+AS_USER 0x3c5
  pads 0xd44000e0

//# no landing pad, UDF: D1.3.5.5, the Branch Target exception comes before the undefined instruction's
//! max
//= 0x200 0x36000001 pad+AS_USER 0x7c5 0x200 0x36000002 pad+AS_USER 0xbc5 0x200 0x36000003 pad+AS_USER 0xfc5
  pads 0

//# no landing pad, SVC: D1.3.5.5, the Branch Target exception comes before the system call
//! max
//= 0x200 0x36000001 pad+AS_USER 0x7c5 0x200 0x36000002 pad+AS_USER 0xbc5 0x200 0x36000003 pad+AS_USER 0xfc5
  pads 0xd4000001

//# no landing pad at EL0, NOP: D8.4.5, BTYPE 1 by BR X16, 2 by BLR, 3 by another BR
//! max
//= 0x400 0x36000001 pad+AS_USER 0x7c0 0x400 0x36000002 pad+AS_USER 0xbc0 0x400 0x36000003 pad+AS_USER 0xfc0
  pads_of_user 0xd503201f

//# landing pad BTI C at EL0: BTypeCompatible_BTI, not for BTYPE 3
//! max
//= 0x400 0x56000001 pad+AS_USER+8 0x3c0 0x400 0x56000001 pad+AS_USER+8 0x3c0 0x400 0x36000003 pad+AS_USER 0xfc0
  pads_of_user 0xd503245f

//# landing pad BTI J at EL0: BTypeCompatible_BTI, not for BTYPE 2
//! max
//= 0x400 0x56000001 pad+AS_USER+8 0x3c0 0x400 0x36000002 pad+AS_USER 0xbc0 0x400 0x56000001 pad+AS_USER+8 0x3c0
  pads_of_user 0xd503249f

//# landing pad BTI JC at EL0: BTypeCompatible_BTI, for all
//! max
//= 0x400 0x56000001 pad+AS_USER+8 0x3c0 0x400 0x56000001 pad+AS_USER+8 0x3c0 0x400 0x56000001 pad+AS_USER+8 0x3c0
  pads_of_user 0xd50324df

//# landing pad PACIASP at EL0, SCTLR_EL1.BT0 0: BTypeCompatible_PACIXSP, for all; BT1 is not EL0's
//! max
//= 0x400 0x56000001 pad+AS_USER+8 0x3c0 0x400 0x56000001 pad+AS_USER+8 0x3c0 0x400 0x56000001 pad+AS_USER+8 0x3c0
  control 0, 1 << 36
  pads_of_user 0xd503233f

//# landing pad PACIASP at EL0, SCTLR_EL1.BT0 1: BTypeCompatible_PACIXSP, not for BTYPE 3
//! max
//= 0x400 0x56000001 pad+AS_USER+8 0x3c0 0x400 0x56000001 pad+AS_USER+8 0x3c0 0x400 0x36000003 pad+AS_USER 0xfc0
  control 0, 1 << 35
  pads_of_user 0xd503233f

//# landing pad BRK at EL0: C6.2 BRK, SetBTypeCompatible
//! max
//= 0x400 0xf2000007 pad+AS_USER 0x7c0 0x400 0xf2000007 pad+AS_USER 0xbc0 0x400 0xf2000007 pad+AS_USER 0xfc0
  pads_of_user 0xd42000e0

//# from a page that is not guarded: C6.2 BR, BTYPE 1 by any register; BLR, 2
//! max
//= 0x200 0x36000001 pad+AS_USER 0x7c5 0x200 0x36000001 pad+AS_USER 0x7c5 0x200 0x36000002 pad+AS_USER 0xbc5
  entry LEVEL_3 + 8 * 16, PROGRAM + NORMAL + READ_ONLY + GUARDED
  ldr x0, =pad + AS_USER
  mov x17, x0
  catch second
  br x0
second:
  catch third
  br x17
third:
  catch behind
  blr x0
behind:
  done
pad:
  nop

//# by X17 from a guarded page: C6.2 BR, BTYPE 1
//! max
//= 0x200 0x36000001 pad+AS_USER 0x7c5
  guarded
  adr x17, pad
  catch behind
  br x17
behind:
  done
pad:
  nop

//# to a page that is not guarded: D8.4.5, no landing pad is needed
//! max
//= 0x77 0x77 0x77
  mov x1, 0x77
  guarded
  ldr x0, =pad
  mov x16, x0
  catch second
  br x0
second:
  catch third
  br x16
third:
  catch behind
  blr x0
behind:
  done
pad:
  report x1
  ret x27

//# branches that set no type: C6.2 RET, B, BL, B.cond, CBZ, TBZ, BTYPE 0
//! max
//= 0x77
  guarded
  mov x1, 0x77
  mov x2, 0
  adr x0, 1f
  ret x0
  udf 0
1:
  b 2f
  udf 0
2:
  bl 3f
  udf 0
3:
  cmp x1, x1
  b.eq 4f
  udf 0
4:
  cbz x2, 5f
  udf 0
5:
  tbz x1, 3, 6f
  udf 0
6:
  report x1
  done

//# the type is that of one instruction: BTypeNext is 0 behind any but a branch
//! max
//= 0x77
  guarded
  mov x1, 0x77
  adr x0, 1f
  blr x0
1:
  .inst 0xd503245f              // bti c
  nop
  bl 2f
2:
  .inst 0xd503249f              // bti j
  report x1
  done

//# BRAA, BRAAZ, BRAB, BRABZ: C6.2, as BR; BRAA by X17, BTYPE 1
//! max
//= 0x200 0x36000003 pad+AS_USER 0xfc5 0x200 0x36000003 pad+AS_USER 0xfc5 0x200 0x36000003 pad+AS_USER 0xfc5
//+ 0x200 0x36000003 pad+AS_USER 0xfc5 0x200 0x36000001 pad+AS_USER 0x7c5
  guarded
  adr x0, pad
  mov x17, x0
  catch 1f
  .inst 0xd71f0801              // braa x0, x1
1:
  catch 2f
  .inst 0xd61f081f              // braaz x0
2:
  catch 3f
  .inst 0xd71f0c01              // brab x0, x1
3:
  catch 4f
  .inst 0xd61f0c1f              // brabz x0
4:
  catch 5f
  .inst 0xd71f0a21              // braa x17, x1
5:
  done
pad:
  nop

//# BLRAA, BLRAAZ, BLRAB, BLRABZ: C6.2, as BLR; RETAA as RET
//! max
//= 0x200 0x36000002 pad+AS_USER 0xbc5 0x200 0x36000002 pad+AS_USER 0xbc5 0x200 0x36000002 pad+AS_USER 0xbc5
//+ 0x200 0x36000002 pad+AS_USER 0xbc5 0x77
  guarded
  adr x0, pad
  catch 1f
  .inst 0xd73f0801              // blraa x0, x1
1:
  catch 2f
  .inst 0xd63f081f              // blraaz x0
2:
  catch 3f
  .inst 0xd73f0c01              // blrab x0, x1
3:
  catch 4f
  .inst 0xd63f0c1f              // blrabz x0
4:
  mov x1, 0x77
  adr x30, 5f
  .inst 0xd65f0bff              // retaa
5:
  report x1
  done
pad:
  nop

//# the branch's own page counts: C6.2 BR, InGuardedPage; text runs on from a page that is not guarded into one that is
//! max
//= 0x200 0x36000003 0x80003000 0xfc5 0x200 0x36000001 0x80003000 0x7c5
  text_page 1, 0
  text_page 2, GUARDED
  text_page 3, GUARDED
  text_page 5, GUARDED
  text_page 6, 0
  text RAM + 0x1ff8, 0xd503201fd503201f // nop; nop
  text RAM + 0x2000, 0xd61f0000d503201f // nop; br x0
  text RAM + 0x3000, 0xd503201f
  text RAM + 0x5ff8, 0xd503201fd503201f
  text RAM + 0x6000, 0xd61f0000d503201f
  ldr x0, =PAGES + 0x3000
  ldr x1, =PAGES + 0x1ff8
  catch second
  ret x1
second:
  ldr x1, =PAGES + 0x5ff8
  catch behind
  ret x1
behind:
  done

//# a call at the end of a guarded page: C6.2 BLR; what it returns to in the next page needs no landing pad
//! max
//= 0x77 0x80002000
  text_page 1, GUARDED
  text_page 2, GUARDED
  text_page 3, GUARDED
  text RAM + 0x1ff8, 0xd63f0000d503201f // nop; blr x0
  text RAM + 0x2000, 0xd65f0360d503201f // nop; ret x27
  text RAM + 0x3000, 0xd65f03c0d503245f // bti c; ret
  ldr x0, =PAGES + 0x3000
  ldr x1, =PAGES + 0x1ff8
  catch behind
  ret x1
behind:
  mov x1, 0x77
  report x1
  report x30
  done

//# a block is guarded: D8.3.1, GP of a level 2 block descriptor
//! max
//= 0x200 0x36000001 0x80200000 0x7c5
  entry LEVEL_2 + 8 * 1, 0x40400000 + BLOCK + READ_ONLY + GUARDED
  text 0x40400000, 0xd503201f
  ldr x0, =PAGES + 0x200000
  catch behind
  br x0
behind:
  done

//# a page becomes guarded, and is so no longer: D8.13, behind TLBI
//! max
//= 0x77 0x200 0x36000001 pad+AS_USER 0x7c5 0x77
//~ 0x77 0x77 0x77; QEMU does not look whether the page of text that it has translated already is guarded now
  mov x1, 0x77
  entry LEVEL_3 + 8 * 16, PROGRAM + NORMAL + READ_ONLY
  ldr x0, =pad + AS_USER
  catch second
  br x0
second:
  entry LEVEL_3 + 8 * 16, PROGRAM + NORMAL + READ_ONLY + GUARDED
  tlbi vmalle1
  synchronize
  catch third
  br x0
third:
  entry LEVEL_3 + 8 * 16, PROGRAM + NORMAL + READ_ONLY
  tlbi vmalle1
  synchronize
  catch behind
  br x0
behind:
  done
pad:
  report x1
  ret x27

//# translation is off: D8.4.5, no page is guarded
//! max
//= 0x77
  mov x1, 0x77
  control 1, 0
  adr x0, pad
  catch behind
  br x0
behind:
  done
pad:
  report x1
  ret x27

//# ERET to a guarded page: SetPSTATEFromPSR, BTYPE is SPSR_EL1's
//! max
//= 0x200 0x36000001 pad+AS_USER 0x7c5 0x200 0x36000002 pad+AS_USER 0xbc5 0x200 0x36000003 pad+AS_USER 0xfc5 0x77
  guarded
  mov x1, 0x77
  catch 1f
  back pad, 0x400
1:
  catch 2f
  back pad, 0x800
2:
  catch 3f
  back pad, 0xc00
3:
  catch 4f
  back pad, 0
4:
  done
pad:
  report x1
  ret x27

//# ERET to EL0, guarded: SetPSTATEFromPSR, BTYPE is SPSR_EL1's
//! max
//= 0x400 0x36000002 pad+AS_USER 0xbc0 0x400 0x56000002 pad+AS_USER+4 0x3c0
  entry LEVEL_3 + 8 * 16, PROGRAM + NORMAL + USER + READ_ONLY + GUARDED
  catch second
  el0_again pad, 0xbc0
second:
  catch behind
  el0_again pad
behind:
  done
pad:
  svc 2

//# ERETAA: C6.2, BTYPE is SPSR_EL1's
//! max
//= 0x200 0x36000003 pad+AS_USER 0xfc5
  guarded
  adr x0, pad
  msr elr_el1, x0
  mov x1, 0xfc5
  msr spsr_el1, x1
  catch behind
  .inst 0xd69f0bff              // eretaa
behind:
  done
pad:
  nop

//# ERET to a landing pad: BTypeCompatible_BTI
//! max
//= 0x77
  guarded
  mov x1, 0x77
  catch behind
  back pad, 0x800
behind:
  done
pad:
  .inst 0xd503245f              // bti c
  report x1
  ret x27

//# illegal state before the branch target: D1.3.5.5; BTYPE is kept
//! max
//= 0x200 0x3a000000 pad+AS_USER 0x100fc5
  guarded
  catch behind
  back pad, 0x100c00
behind:
  done
pad:
  nop

//# fetch abort at a branch's target: D1.3.5.5; SPSR_EL1 has BTYPE
//! max
//= 0x200 0x8600000f 0x80000000 0x7c5 0x80000000 0x200 0x8600000f 0x80000000 0xbc5 0x80000000
//+ 0x200 0x8600000f 0x80000000 0xfc5 0x80000000
  page 0, NORMAL + PXN + GUARDED
  ldr x0, =PAGES
  guarded
  mov x16, x0
  catch 1f
  br x16
1:
  catch 2f
  blr x0
2:
  catch 3f
  br x0
3:
  done

//# PC misaligned at a branch's target: D1.3.5.5; SPSR_EL1 has BTYPE
//! max
//= 0x200 0x8a000000 bad+AS_USER+2 0xfc5 bad+AS_USER+2 0x200 0x8a000000 bad+AS_USER+2 0xbc5 bad+AS_USER+2
  guarded
  adr x0, bad
  add x0, x0, 2
  catch second
  br x0
second:
  catch behind
  blr x0
behind:
  done
bad:
  nop

//# undefined behind a branch to a page that is not guarded: BTYPE in SPSR_EL1, or 0 (Unpredictable_ZEROBTYPE)
//! max
//= 0x200 0x02000000 bad 0xbc5
//= 0x200 0x02000000 bad 0x3c5
  adr x0, bad
  catch behind
  blr x0
behind:
  done
bad:
  udf 0

//# data abort behind a branch to a page that is not guarded: BTYPE in SPSR_EL1, or 0 (Unpredictable_ZEROBTYPE)
//! max
//= 0x200 0x96000007 bad 0x7c5 0x80000000
//= 0x200 0x96000007 bad 0x3c5 0x80000000
  ldr x1, =PAGES
  adr x0, bad
  catch behind
  br x0
behind:
  done
bad:
  ldr x2, [x1]

//# SVC behind a branch to a page that is not guarded: BTYPE in SPSR_EL1, or 0 (Unpredictable_ZEROBTYPE)
//! max
//= 0x200 0x56000003 bad+4 0x7c5
//= 0x200 0x56000003 bad+4 0x3c5
  adr x0, bad
  catch behind
  br x0
behind:
  done
bad:
  svc 3

//# interrupt before a landing pad: D1.3.6, SPSR_EL1 has BTYPE, and it is 0 in the handler
//! max
//= 0x280 pad+AS_USER 0xb45 0x3 0x77 0x200 0x36000003 pad+AS_USER 0xfc5
  gic
  mov x1, 0x77
  mov x0, 3 << 24
  orr x0, x0, 1
  msr s3_0_c12_c11_5, x0        // ICC_SGI1R_EL1
pending:
  mrs x0, s3_0_c12_c1_0         // ISR_EL1
  cbz x0, pending
  guarded
  catch second
  adr x24, pad
  msr elr_el1, x24
  mov x25, 0xb45                // I and F as they are without DAIF.I
  msr spsr_el1, x25
  eret
second:
  report x1
  catch behind
  back pad, 0xc00
behind:
  done
pad:
  nop

//# step of BR and BLR: D2.12, SPSR_EL1 has BTYPE
//! max
//= 0x400 0xcb000022 target+AS_USER 0x7c0 0x400 0xcb000022 target+AS_USER 0xbc0
  ldr x0, =target + AS_USER
  stepping 1
  catch second
  el0 user, 0x2003c0
second:
  catch behind
  el0_again call, 0x2003c0
user:
  br x0
call:
  blr x0
target:
  nop
behind:
  done

//# step of what is no landing pad: D2.12.4, it is not executed: SPSR_EL1.SS is still set; and of a landing pad
//! max
//= 0x400 0x36000001 pad+AS_USER 0x2007c0 0x400 0xcb000022 next+AS_USER 0x3c0
  entry LEVEL_3 + 8 * 16, PROGRAM + NORMAL + USER + READ_ONLY + GUARDED
  stepping 1
  catch second
  el0_again pad, 0x2007c0
second:
  catch behind
  el0_again landing, 0x200bc0
pad:
  nop
landing:
  .inst 0xd503245f              // bti c
next:
  nop
behind:
  done

//# SPSR_EL1.BTYPE of a core without FEAT_BTI: C5.2.19, RES0; GP is ignored, and so are hints
//! cortex-a72 neoverse-n1
//= 0x77 0x400 0x02000000 user+AS_USER+8 0x3c0
  mov x1, 0x77
  entry LEVEL_3 + 8 * 16, PROGRAM + NORMAL + USER + READ_ONLY + GUARDED
  ldr x0, =pad + AS_USER
  catch second
  br x0
second:
  catch behind
  el0_again user
user:
  nop
  .inst 0xd503241f              // bti
  udf 0
behind:
  done
pad:
  report x1
  ret x27
