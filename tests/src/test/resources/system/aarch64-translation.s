// Translation of stage 1, and maintenance of the TLB. Sections are DDI0487's; fault status codes are those of ESR_EL1,
// D19.2.37, ISS for a data and for an instruction abort.

//# load, translation fault at level 0: D8.2; D19.2.37, EC 0x25, DFSC 0b000100
//= 0x200 0x96000004 bad 0x3c5 0x800000000000
  ldr x0, =0x800000000000
  catch behind
bad:
  ldr x1, [x0]
behind:
  done

//# load, translation fault at level 1: D8.2; D19.2.37, EC 0x25, DFSC 0b000101
//= 0x200 0x96000005 bad 0x3c5 0xc0000008
  ldr x0, =0xc0000008
  catch behind
bad:
  ldr x1, [x0]
behind:
  done

//# load, translation fault at level 2: D8.2; D19.2.37, EC 0x25, DFSC 0b000110
//= 0x200 0x96000006 bad 0x3c5 0x80200000
  ldr x0, =0x80200000
  catch behind
bad:
  ldrb w1, [x0]
behind:
  done

//# load, translation fault at level 3: D8.2; D19.2.37, EC 0x25, DFSC 0b000111
//= 0x200 0x96000007 bad 0x3c5 0x80000ff8
  ldr x0, =PAGES
  catch behind
bad:
  ldr x1, [x0, 0xff8]
behind:
  done

//# store, translation fault: D19.2.37, ISS for a data abort, WnR
//= 0x200 0x96000047 bad 0x3c5 0x80000010
  ldr x0, =PAGES
  catch behind
bad:
  str x1, [x0, 16]
behind:
  done

//# load beyond the lower half: D8.2, an address that is out of range faults at level 0
//= 0x200 0x96000004 bad 0x3c5 0x1000000000000
  ldr x0, =0x1000000000000
  catch behind
bad:
  ldr x1, [x0]
behind:
  done

//# load from the upper half, EPD1: D19.2.139 TCR_EL1.EPD1, a walk that is disabled faults at level 0
//= 0x200 0x96000004 bad 0x3c5 0xffff800000000000
  ldr x0, =0xffff800000000000
  catch behind
bad:
  ldr x1, [x0]
behind:
  done

//# smaller space begins at level 1: D8.2, TCR_EL1.T0SZ 25 has no level 0
//= 0x200 0x96000004 bad 0x3c5 0x8000000000 0x77
  page 0, NORMAL
  fill 0, 0x77
  ldr x1, =TABLES + 0x1000
  ldr x2, =0x0000000280803519
  mrs x4, sctlr_el1
  bic x5, x4, 1
  msr sctlr_el1, x5
  isb
  msr ttbr0_el1, x1
  msr tcr_el1, x2
  tlbi vmalle1
  dsb ish
  isb
  msr sctlr_el1, x4
  isb
  ldr x0, =0x8000000000
  catch behind
bad:
  ldr x1, [x0]
behind:
  ldr x0, =PAGES
  ldr x0, [x0]
  report x0
  done

//# store to a read-only page: D8.4; D19.2.37, DFSC 0b001111
//= 0x200 0x9600004f bad 0x3c5 0x80000020
  page 0, NORMAL + READ_ONLY
  ldr x0, =PAGES
  ldr x1, [x0]
  catch behind
bad:
  str x1, [x0, 32]
behind:
  done

//# store to a read-only block: D8.4; D19.2.37, DFSC 0b001110
//= 0x200 0x9600004e bad 0x3c5 0x80200020
  entry LEVEL_2 + 8, 0x40400000 + BLOCK + READ_ONLY
  ldr x0, =PAGES + 0x200000
  ldr x1, [x0]
  catch behind
bad:
  str x1, [x0, 32]
behind:
  done

//# store to a read-only block of 1 GiB: D8.4; D19.2.37, DFSC 0b001101
//= 0x55 0x200 0x9600004d bad 0x3c5 0xc0480000
  fill 0, 0x55
  entry LEVEL_1 + 24, 0x40000000 + BLOCK + READ_ONLY
  ldr x0, =0xc0000000 + RAM - 0x40000000
  ldr x1, [x0]
  report x1
  catch behind
bad:
  str x1, [x0]
behind:
  done

//# access flag of a page: D8.3, FEAT_HAFDBS is not there; D19.2.37, DFSC 0b001011
//= 0x200 0x9600000b bad 0x3c5 0x80000000
  page 0, 0x303
  ldr x0, =PAGES
  catch behind
bad:
  ldr x1, [x0]
behind:
  done

//# access flag of a block: D8.3; D19.2.37, DFSC 0b001010
//= 0x200 0x9600004a bad 0x3c5 0x80200000
  entry LEVEL_2 + 8, 0x40400301
  ldr x0, =PAGES + 0x200000
  catch behind
bad:
  str x1, [x0]
behind:
  done

//# access flag comes before permission: D8.14.5, priorities of faults
//= 0x200 0x9600004b bad 0x3c5 0x80000000
  page 0, 0x303 + READ_ONLY
  ldr x0, =PAGES
  catch behind
bad:
  str x1, [x0]
behind:
  done

//# output address is too large: D8.2; TCR_EL1.IPS 40 bits; D19.2.37, DFSC 0b000011
//= 0x200 0x96000003 bad 0x3c5 0x80000000
  entry LEVEL_3, 0x0000010000000703
  ldr x0, =PAGES
  catch behind
bad:
  ldr x1, [x0]
behind:
  done

//# address of a table is too large: D8.2; D19.2.37, DFSC 0b000010
//= 0x200 0x96000002 bad 0x3c5 0x80200000
  entry LEVEL_2 + 8, 0x0000010000000003
  ldr x0, =PAGES + 0x200000
  catch behind
bad:
  ldr x1, [x0]
behind:
  done

//# descriptor 0b01 at level 3: D8.3, reserved, a translation fault
//= 0x200 0x96000007 bad 0x3c5 0x80000000
  page 0, 0x701
  ldr x0, =PAGES
  catch behind
bad:
  ldr x1, [x0]
behind:
  done

//# kernel's page at EL0: D8.4; D19.2.37, EC 0x24
//= 0x400 0x9200000f bad+AS_USER 0x3c0 0x80000000 0x400 0x9200004f bad2+AS_USER 0x3c0 0x80000008
  page 0, NORMAL
  ldr x0, =PAGES
  catch second
  el0 bad
bad:
  ldr x1, [x0]
second:
  catch behind
  el0_again bad2
bad2:
  str x1, [x0, 8]
behind:
  done

//# user's read-only page: D8.4, AP 0b11 is read-only at both levels
//= 0x400 0x9200004f bad+AS_USER 0x3c0 0x80000000 0x200 0x9600004f bad2 0x3c5 0x80000008
  page 0, NORMAL + USER + READ_ONLY
  ldr x0, =PAGES
  catch second
  el0 user
user:
  ldr x1, [x0]
bad:
  str x1, [x0]
second:
  catch behind
bad2:
  str x1, [x0, 8]
behind:
  done

//# tables restrict what is below: D8.4, APTable 0b10 forbids stores
//= 0x200 0x9600004f bad 0x3c5 0x80000000
  page 0, NORMAL
  entry LEVEL_2, TABLES + 0x4000 + 3 + (2 << 61)
  ldr x0, =PAGES
  ldr x1, [x0]
  catch behind
bad:
  str x1, [x0]
behind:
  done

//# tables restrict EL0: D8.4, APTable 0b01 and UXNTable
//= 0x400 0x9200000f bad+AS_USER 0x3c0 0x80200000 0x400 0x8200000f 0x80200000 0x3c0 0x80200000
  entry LEVEL_3 + 0x1000, RAM + NORMAL + USER
  entry LEVEL_2 + 8, TABLES + 0x5000 + 3 + (1 << 61)
  ldr x0, =PAGES + 0x200000
  catch second
  el0 bad
bad:
  ldr x1, [x0]
second:
  entry LEVEL_2 + 8, 0
  tlbi vmalle1
  synchronize
  entry LEVEL_2 + 8, TABLES + 0x5000 + 3 + (1 << 60)
  catch behind
  el0_again PAGES+0x200000-AS_USER
behind:
  done

//# kernel's text at EL0: D8.4; D19.2.37, EC 0x20
//= 0x400 0x8200000e start 0x3c0 start
  catch behind
  adr x0, start
  msr elr_el1, x0
  mov x0, 0x3c0
  msr spsr_el1, x0
  eret
start:
  nop
behind:
  done

//# fetch at EL0, UXN and nothing there: D8.4; D19.2.37, EC 0x20
//= 0x400 0x8200000f 0x80000000 0x3c0 0x80000000 0x400 0x82000007 0x80001004 0x3c0 0x80001004
  page 0, NORMAL + USER + UXN
  catch second
  el0 PAGES-AS_USER
second:
  catch behind
  el0_again PAGES+0x1004-AS_USER
behind:
  done

//# fetch at EL1, PXN: D8.4; D19.2.37, EC 0x21
//= 0x200 0x8600000f 0x80000000 0x3c5 0x80000000
  page 0, NORMAL + PXN
  catch behind
  ldr x0, =PAGES
  ret x0
behind:
  done

//# fetch at EL1, nothing there: D19.2.37, EC 0x21
//= 0x200 0x86000006 0x80200008 0x3c5 0x80200008
  catch behind
  ldr x0, =PAGES + 0x200008
  ret x0
behind:
  done

//# fetch at EL1 from what EL0 may write: D8.4, PXN is as if set
//= 0x200 0x8600000f 0x80000000 0x3c5 0x80000000
  page 0, NORMAL + USER
  catch behind
  ldr x0, =PAGES
  ret x0
behind:
  done

//# WXN: D19.2.129 SCTLR_EL1.WXN, what may be written is never executed
//= 0x200 0x8600000f 0x80000000 0x3c5 0x80000000 0x400 0x8200000f 0x80001000 0x3c0 0x80001000
  page 0, NORMAL
  page 1, NORMAL + USER
  entry LEVEL_3 + 8 * 16, PROGRAM + NORMAL + READ_ONLY
  ldr x0, =strict + AS_USER
  ret x0
strict:                         // in a page that is not written, as are the vectors
  ldr x0, =own + AS_USER
  msr vbar_el1, x0
  mov x20, 0x200
  control 0, 1 << 19
  tlbi vmalle1
  synchronize
  ldr x0, =PAGES
  ret x0
second:
  mov x20, 0x400
  ldr x0, =PAGES + 0x1000
  msr elr_el1, x0
  mov x0, 0x3c0
  msr spsr_el1, x0
  eret
keep:
  control 1 << 19, 0
  report x20
  mrs x0, esr_el1
  report x0
  mrs x0, elr_el1
  report x0
  mrs x0, spsr_el1
  report x0
  mrs x0, far_el1
  report x0
  control 0, 1 << 19
  cmp x20, 0x200
  b.eq second
  control 1 << 19, 0
  done
  .balign 2048
own:
  .space 0x200
  b keep
  .space 0x1fc
  b keep

//# unaligned load into a page that is not there: D1.3.6, FAR_EL1 is an address of the access in that page
//= 0x200 0x96000007 bad 0x3c5 0x80001000
//= 0x200 0x96000007 bad 0x3c5 0x80000ffc
  page 0, NORMAL
  ldr x0, =PAGES + 0xf00
  catch behind
bad:
  ldur x1, [x0, 0xfc]
behind:
  done

//# unaligned store into a page that is not there: B2.2.1, bytes may have been stored, or not; base is kept
//= 0x200 0x96000047 bad 0x3c5 0x80001000 0x80000fe0
//= 0x200 0x96000047 bad 0x3c5 0x80000ffc 0x80000fe0
  page 0, NORMAL
  ldr x0, =PAGES + 0xfe0
  catch behind
bad:
  str x1, [x0, 0x1c]!
behind:
  report x0
  done

//# pair into a page that is not there: C6.2 LDP; the base is kept
//= 0x200 0x96000007 bad 0x3c5 0x80001000 0x80000ff8
  page 0, NORMAL
  ldr x0, =PAGES + 0xff8
  catch behind
bad:
  ldp x1, x2, [x0], 16
behind:
  report x0
  done

//# tags: D8.8, TBI0 0 and 1
//= 0x200 0x96000004 bad 0x3c5 0xab00000080000000 0x77
  page 0, NORMAL
  fill 0, 0x77
  ldr x0, =PAGES + (0xab << 56)
  catch second
bad:
  ldr x1, [x0]
second:
  mrs x1, tcr_el1
  orr x1, x1, 1 << 37
  msr tcr_el1, x1
  isb
  ldr x1, [x0]
  report x1
  done

//# fault address keeps its tag: D8.8; C5.2 FAR_EL1 for a data abort
//= 0x200 0x96000007 bad 0x3c5 0xab00000080000000
  mrs x1, tcr_el1
  orr x1, x1, 1 << 37
  msr tcr_el1, x1
  isb
  ldr x0, =PAGES + (0xab << 56)
  catch behind
bad:
  ldr x1, [x0]
behind:
  done

//# LDTR and STTR are the user's: C6.2 LDTR; D19.2.37, EC 0x25
//= 0x200 0x9600000f bad 0x3c5 0x80000000 0x77 0x200 0x9600004f bad2 0x3c5 0x80001000
  page 0, NORMAL
  page 1, NORMAL + USER + READ_ONLY
  fill 1, 0x77
  ldr x0, =PAGES
  catch second
bad:
  ldtr x1, [x0]
second:
  add x0, x0, 0x1000
  ldtr x1, [x0]
  report x1
  catch behind
bad2:
  sttr x1, [x0]
behind:
  done

//# PAN: D8.4, PSTATE.PAN; LDTR and its like do not heed it
//! neoverse-n1
//= 0x77 0x200 0x9600000f bad 0x4003c5 0x80000000 0x200 0x9600004f bad2 0x4003c5 0x80000000 0x77 0x400000 0x77
  page 0, NORMAL + USER
  fill 0, 0x77
  ldr x0, =PAGES
  ldr x1, [x0]
  report x1
  .word 0xd500419f              // msr pan, 1
  catch second
bad:
  ldr x1, [x0]
second:
  .word 0xd500419f
  catch behind
bad2:
  str x1, [x0]
behind:
  .word 0xd500419f
  ldtr x1, [x0]
  report x1
  mrs x1, s3_0_c4_c2_3          // PAN
  report x1
  .word 0xd500409f              // msr pan, 0
  ldr x1, [x0]
  report x1
  done

//# PAN is set by an exception, SPAN 0: D19.2.129 SCTLR_EL1.SPAN
//! neoverse-n1
//= 0x200 0x56000000 next 0x3c5 0x400000
  control 1 << 23, 0
  ldr x0, =own
  msr vbar_el1, x0
  isb
  svc 0
next:
  nop
  .balign 2048
own:
  .space 0x200
  mrs x19, s3_0_c4_c2_3
  mov x29, 0x200
  str x29, [x28], 8
  mrs x29, esr_el1
  str x29, [x28], 8
  mrs x29, elr_el1
  str x29, [x28], 8
  mrs x29, spsr_el1
  str x29, [x28], 8
  report x19
  done

//# UAO: D8.4, PSTATE.UAO makes LDTR a privileged load
//! neoverse-n1
//= 0x77 0x200 0x9600000f bad 0x3c5 0x80000000
  page 0, NORMAL
  fill 0, 0x77
  ldr x0, =PAGES
  .word 0xd500417f              // msr uao, 1
  ldtr x1, [x0]
  report x1
  .word 0xd500407f              // msr uao, 0
  catch behind
bad:
  ldtr x1, [x0]
behind:
  done

//# DC CVAU where nothing is: D8.14.5; D19.2.37, CM and WnR are set
//= 0x200 0x96000147 bad 0x3c5 0x80000000
//~ ; QEMU has no caches, and its DC CVAU does nothing
  ldr x0, =PAGES
  catch behind
bad:
  dc cvau, x0
behind:
  done

//# IC IVAU where nothing is: D8.14.5; D19.2.37, CM and WnR are set
//= 0x200 0x96000147 bad 0x3c5 0x80000000
//~ ; QEMU has no caches, and its IC IVAU does nothing
  ldr x0, =PAGES
  catch behind
bad:
  ic ivau, x0
behind:
  done

//# DC ZVA where nothing is, and where it may not write: C5.4 DC ZVA is a store, D19.2.37, CM is clear
//= 0x200 0x96000047 bad 0x3c5 0x80001000 0x200 0x9600004f bad2 0x3c5 0x80000000
  page 0, NORMAL + READ_ONLY
  ldr x0, =PAGES + 0x1000
  catch second
bad:
  dc zva, x0
second:
  ldr x0, =PAGES
  catch behind
bad2:
  dc zva, x0
behind:
  done

//# AT S1E1R of a page: D19.2.105 PAR_EL1, F 0: ATTR, SH, and what is RES1
//= 0xff00000000000b80+RAM
  page 0, NORMAL
  ldr x0, =PAGES + 0x123
  at s1e1r, x0
  isb
  mrs x1, par_el1
  report x1
  done

//# AT of a device and of memory that is not cacheable: D19.2.105 PAR_EL1, SH is outer shareable
//= 0x0400000000000b00+0x9000000 0x4400000000000b00+RAM
//~ 0x0400000000000b80+0x9000000 0x4400000000000b80+RAM; QEMU has the shareability of the descriptor
  ldr x0, =0x09000000
  at s1e1r, x0
  isb
  mrs x1, par_el1
  report x1
  page 0, NORMAL + 0xc
  ldr x0, =PAGES
  at s1e1r, x0
  isb
  mrs x1, par_el1
  report x1
  done

//# AT that faults: D19.2.105 PAR_EL1, F 1: FST as the access would have it
//= 0x80f 0x80d 0x81f 0x81f 0xff00000000000b80+RAM 0x809
  page 0, NORMAL + READ_ONLY
  ldr x0, =PAGES + 0x1000
  at s1e1r, x0
  isb
  mrs x1, par_el1
  report x1
  ldr x0, =PAGES + 0x200000
  at s1e0w, x0
  isb
  mrs x1, par_el1
  report x1
  ldr x0, =PAGES
  at s1e1w, x0
  isb
  mrs x1, par_el1
  report x1
  at s1e0r, x0
  isb
  mrs x1, par_el1
  report x1
  at s1e1r, x0
  isb
  mrs x1, par_el1
  report x1
  ldr x0, =0x800000000000
  at s1e1r, x0
  isb
  mrs x1, par_el1
  report x1
  done

//# a page becomes valid: D8.13, what faulted is in no TLB; no TLBI is needed
//= 0x200 0x96000007 bad 0x3c5 0x80000000 0x77
  fill 0, 0x77
  ldr x0, =PAGES
  catch behind
bad:
  ldr x1, [x0]
behind:
  page 0, NORMAL
  ldr x1, [x0]
  report x1
  done

//# a page that was used is taken away without TLBI: D8.13, the old translation may still be there
//= 0x11 0x11 0x200 0x96000007 bad 0x3c5 0x80000000
//= 0x11 0x200 0x96000007 bad_or_not 0x3c5 0x80000000 0x200 0x96000007 bad 0x3c5 0x80000000
  page 0, NORMAL
  fill 0, 0x11
  ldr x0, =PAGES
  ldr x1, [x0]
  report x1
  entry LEVEL_3, 0
  catch second
bad_or_not:
  ldr x1, [x0]
  report x1
second:
  tlbi vmalle1
  dsb ish
  isb
  catch behind
bad:
  ldr x1, [x0]
behind:
  done

//# break before make, TLBI VAE1: D8.13.1; C5.5 TLBI VAE1
//= 0x11 0x200 0x96000007 bad 0x3c5 0x80000000 0x22
  broken
  ldr x1, =PAGES >> 12
  tlbi vae1, x1
  make

//# break before make, TLBI VMALLE1: D8.13.1; C5.5 TLBI VMALLE1
//= 0x11 0x200 0x96000007 bad 0x3c5 0x80000000 0x22
  broken
  tlbi vmalle1
  make

//# break before make, TLBI VAAE1: D8.13.1; C5.5 TLBI VAAE1
//= 0x11 0x200 0x96000007 bad 0x3c5 0x80000000 0x22
  broken
  ldr x1, =PAGES >> 12
  tlbi vaae1, x1
  make

//# break before make, TLBI VALE1: D8.13.1; C5.5 TLBI VALE1
//= 0x11 0x200 0x96000007 bad 0x3c5 0x80000000 0x22
  broken
  ldr x1, =PAGES >> 12
  tlbi vale1, x1
  make

//# break before make, TLBI VAALE1: D8.13.1; C5.5 TLBI VAALE1
//= 0x11 0x200 0x96000007 bad 0x3c5 0x80000000 0x22
  broken
  ldr x1, =PAGES >> 12
  tlbi vaale1, x1
  make

//# break before make, TLBI VAE1IS: D8.13.1; C5.5 TLBI VAE1IS
//= 0x11 0x200 0x96000007 bad 0x3c5 0x80000000 0x22
  broken
  ldr x1, =PAGES >> 12
  tlbi vae1is, x1
  make

//# break before make, TLBI VMALLE1IS: D8.13.1; C5.5 TLBI VMALLE1IS
//= 0x11 0x200 0x96000007 bad 0x3c5 0x80000000 0x22
  broken
  tlbi vmalle1is
  make

//# break before make, TLBI VAAE1IS: D8.13.1; C5.5 TLBI VAAE1IS
//= 0x11 0x200 0x96000007 bad 0x3c5 0x80000000 0x22
  broken
  ldr x1, =PAGES >> 12
  tlbi vaae1is, x1
  make

//# break before make of an address space, TLBI ASIDE1: D8.13.1; C5.5 TLBI ASIDE1
//= 0x11 0x200 0x96000007 bad 0x3c5 0x80000000 0x22
  ldr x1, =TABLES + (5 << 48)
  msr ttbr0_el1, x1
  isb
  broken NORMAL + NOT_GLOBAL
  ldr x1, =5 << 48
  tlbi aside1, x1
  make NORMAL + NOT_GLOBAL

//# address spaces have translations of their own: D8.14.1, nG; another ASID does not find the old one
//= 0x11 0x22 0x33
  page 0, NORMAL + NOT_GLOBAL
  page 2, NORMAL
  fill 0, 0x11
  fill 1, 0x22
  fill 2, 0x33
  ldr x1, =TABLES + (5 << 48)
  msr ttbr0_el1, x1
  isb
  ldr x0, =PAGES
  ldr x1, [x0]
  report x1
  ldr x1, [x0, 0x1000 - 0x1000]
  entry LEVEL_3, RAM + 0x1000 + NORMAL + NOT_GLOBAL
  ldr x1, =TABLES + (6 << 48)
  msr ttbr0_el1, x1
  isb
  ldr x1, [x0]
  report x1
  add x0, x0, 0x2000
  ldr x1, [x0]
  report x1
  done

//# TLBI ASIDE1 keeps what is global: C5.5 TLBI ASIDE1; D8.13, that it is still there is not promised
//= 0x11 0x11 0x200 0x96000007 bad 0x3c5 0x80000000
//= 0x11 0x200 0x96000007 bad_or_not 0x3c5 0x80000000 0x200 0x96000007 bad 0x3c5 0x80000000
  page 0, NORMAL
  fill 0, 0x11
  ldr x0, =PAGES
  ldr x1, [x0]
  report x1
  entry LEVEL_3, 0
  ldr x1, =0
  tlbi aside1, x1
  synchronize
  catch second
bad_or_not:
  ldr x1, [x0]
  report x1
second:
  tlbi vmalle1
  synchronize
  catch behind
bad:
  ldr x1, [x0]
behind:
  done

//# a block's translation goes by any address in it: D8.13, C5.5 TLBI VAE1
//= 0x11 0x200 0x96000006 bad 0x3c5 0x80280000
  fill 0, 0x11
  entry LEVEL_2 + 8, 0x40400000 + BLOCK
  ldr x0, =PAGES + 0x200000 + RAM - 0x40400000
  ldr x1, [x0]
  report x1
  entry LEVEL_2 + 8, 0
  ldr x1, =(PAGES + 0x3ff000) >> 12
  tlbi vae1, x1
  synchronize
  catch behind
bad:
  ldr x1, [x0]
behind:
  done

//# permissions are raised by TLBI: D8.13
//= 0x200 0x9600004f bad 0x3c5 0x80000000 0x77
  page 0, NORMAL + READ_ONLY
  ldr x0, =PAGES
  ldr x1, [x0]
  mov x1, 0x77
  catch behind
bad:
  str x1, [x0]
behind:
  page 0, NORMAL
  ldr x2, =PAGES >> 12
  tlbi vae1, x2
  synchronize
  str x1, [x0]
  ldr x2, [x0]
  report x2
  done
