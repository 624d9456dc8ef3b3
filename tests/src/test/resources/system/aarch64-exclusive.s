// The exclusive monitor, and alignment. Sections are DDI0487's.

//# LDXR and STXR: B2.9.1, the pair succeeds; the second STXR does not
//= 0x0 0x22 0x1 0x22
  ldr x0, =RAM
  mov x1, 0x11
  str x1, [x0]
  ldxr x1, [x0]
  mov x2, 0x22
  stxr w3, x2, [x0]
  report x3
  ldr x1, [x0]
  report x1
  mov x2, 0x33
  stxr w3, x2, [x0]
  report x3
  ldr x1, [x0]
  report x1
  done

//# STXR without LDXR: B2.9.1, the monitor is open behind CLREX
//= 0x1 0x11
  ldr x0, =RAM
  mov x1, 0x11
  str x1, [x0]
  clrex
  mov x2, 0x22
  stxr w3, x2, [x0]
  report x3
  ldr x1, [x0]
  report x1
  done

//# CLREX between LDXR and STXR: C6.2 CLREX
//= 0x1 0x11
  ldr x0, =RAM
  mov x1, 0x11
  str x1, [x0]
  ldxr x1, [x0]
  clrex
  mov x2, 0x22
  stxr w3, x2, [x0]
  report x3
  ldr x1, [x0]
  report x1
  done

//# ERET between LDXR and STXR: B2.9.1, D1.4 AArch64.ExceptionReturn clears the local monitor
//= 0x1 0x11
  ldr x0, =RAM
  mov x1, 0x11
  str x1, [x0]
  adr x4, back
  msr elr_el1, x4
  mov x4, 0x3c5
  msr spsr_el1, x4
  ldxr x1, [x0]
  eret
back:
  mov x2, 0x22
  stxr w3, x2, [x0]
  report x3
  ldr x1, [x0]
  report x1
  done

//# an exception and its return between LDXR and STXR: B2.9.1
//= 0x200 0x56000000 next 0x3c5 0x1 0x11
  ldr x0, =RAM
  mov x1, 0x11
  str x1, [x0]
  catch next
  ldxr x1, [x0]
  svc 0
next:
  mov x2, 0x22
  stxr w3, x2, [x0]
  report x3
  ldr x1, [x0]
  report x1
  done

//# STXR elsewhere: B2.9.1, outside the tagged block it fails, or succeeds where the local monitor has no address
//= 0x1 0x11 0x11
//= 0x0 0x11 0x22
  ldr x0, =RAM
  mov x1, 0x11
  str x1, [x0]
  add x4, x0, 0x2000
  str x1, [x4]
  ldxr x1, [x0]
  mov x2, 0x22
  stxr w3, x2, [x4]
  report x3
  ldr x1, [x0]
  report x1
  ldr x1, [x4]
  report x1
  done

//# own store between LDXR and STXR: B2.9.1, it is IMPLEMENTATION DEFINED whether it clears the monitor
//= 0x0 0x33
//= 0x1 0x22
  ldr x0, =RAM
  mov x1, 0x11
  str x1, [x0]
  ldxr x1, [x0]
  mov x2, 0x22
  str x2, [x0]
  mov x2, 0x33
  stxr w3, x2, [x0]
  report x3
  ldr x1, [x0]
  report x1
  done

//# pairs: C6.2 LDXP, STXP
//= 0x11 0x22 0x0 0x33 0x44 0x1
  ldr x0, =RAM
  mov x1, 0x11
  mov x2, 0x22
  stp x1, x2, [x0]
  ldaxp x4, x5, [x0]
  report x4
  report x5
  mov x1, 0x33
  mov x2, 0x44
  stlxp w3, x1, x2, [x0]
  report x3
  ldp x4, x5, [x0]
  report x4
  report x5
  stxp w3, x1, x2, [x0]
  report x3
  done

//# bytes and halfwords: C6.2 LDXRB, STXRB, LDXRH, STXRH
//= 0x88 0x0 0x7799 0x0 0x1234
  ldr x0, =RAM
  mov x1, 0x7788
  str x1, [x0]
  ldxrb w4, [x0]
  report x4
  mov x2, 0x99
  stxrb w3, w2, [x0]
  report x3
  ldr x1, [x0]
  report x1
  ldaxrh w4, [x0]
  mov x2, 0x1234
  stlxrh w3, w2, [x0]
  report x3
  ldr x1, [x0]
  report x1
  done

//# STXR with an open monitor to what may not be written: B2.9.3, it faults, or it does not
//= 0x200 0x9600004f bad 0x3c5 0x80000000 0x5
//= 0x1
  page 0, NORMAL + READ_ONLY
  ldr x0, =PAGES
  mov x3, 5
  clrex
  catch behind
bad:
  stxr w3, x2, [x0]
behind:
  report x3
  done

//# STXR behind LDXR to what may not be written: B2.9.3; D19.2.37, WnR
//= 0x200 0x9600004f bad 0x3c5 0x80000000 0x5
  page 0, NORMAL + READ_ONLY
  ldr x0, =PAGES
  mov x3, 5
  catch behind
  ldxr x1, [x0]
bad:
  stxr w3, x2, [x0]
behind:
  report x3
  done

//# LDXR unaligned: B2.9, D1.3.6; D19.2.37, DFSC 0b100001
//= 0x200 0x96000021 bad 0x3c5 0x80000004
  page 0, NORMAL
  ldr x0, =PAGES + 4
  catch behind
bad:
  ldxr x1, [x0]
behind:
  done

//# LDXP of 16 bytes at 8: B2.9; D19.2.37, DFSC 0b100001
//= 0x200 0x96000021 bad 0x3c5 0x80000008
  page 0, NORMAL
  ldr x0, =PAGES + 8
  catch behind
bad:
  ldxp x1, x2, [x0]
behind:
  done

//# LDAR and STLR unaligned: B2.3.12, without FEAT_LSE2; D19.2.37, DFSC 0b100001
//= 0x200 0x96000021 bad 0x3c5 0x80000001 0x200 0x96000061 bad2 0x3c5 0x80000002
  page 0, NORMAL
  ldr x0, =PAGES + 1
  catch second
bad:
  ldarh w1, [x0]
second:
  add x0, x0, 1
  catch behind
bad2:
  stlr w1, [x0]
behind:
  done

//# alignment comes before translation: D8.14.5, priorities; D1.3.6
//= 0x200 0x96000021 bad 0x3c5 0x80000004
  ldr x0, =PAGES + 4
  catch behind
bad:
  ldxr x1, [x0]
behind:
  done

//# SCTLR_EL1.A: D19.2.129; every access is checked, by the size of its elements
//= 0x77 0x200 0x96000021 bad 0x3c5 0x80000001 0x200 0x96000061 bad2 0x3c5 0x80000004 0x0
  page 0, NORMAL
  ldr x0, =PAGES
  mov x1, 0x77
  str x1, [x0, 1]
  ldr x1, [x0, 1]
  report x1
  control 0, 2
  catch second
  ldr x0, =PAGES
bad:
  ldurh w1, [x0, 1]
second:
  ldp w2, w1, [x0, 8]
  catch behind
bad2:
  stur x1, [x0, 4]
behind:
  ldr w1, [x0, 4]
  report x1
  done

//# atomic memory operations: C6.2 LDADD, SWP, CAS
//! neoverse-n1
//= 0x11 0x33 0x33 0x44 0x44 0x55 0x55 0x55
  ldr x0, =RAM
  mov x1, 0x11
  str x1, [x0]
  mov x1, 0x22
  .word 0xf8210002              // ldadd x1, x2, [x0]
  report x2
  ldr x2, [x0]
  report x2
  mov x1, 0x44
  .word 0xf8218002              // swp x1, x2, [x0]
  report x2
  ldr x2, [x0]
  report x2
  mov x1, 0x55
  mov x2, 0x44
  .word 0xc8a27c01              // cas x2, x1, [x0]
  report x2
  ldr x2, [x0]
  report x2
  mov x1, 0x66
  mov x2, 0x44
  .word 0xc8a27c01
  report x2
  ldr x2, [x0]
  report x2
  done

//# atomic memory operations that fault: D19.2.37, WnR is clear where a read would fault, too
//! neoverse-n1
//= 0x200 0x96000007 bad 0x3c5 0x80001000 0x200 0x9600004f bad2 0x3c5 0x80000000 0x200 0x96000021 bad3 0x3c5 0x80000004
  page 0, NORMAL + READ_ONLY
  ldr x0, =PAGES + 0x1000
  catch second
bad:
  .word 0xf8210002              // ldadd x1, x2, [x0]
second:
  ldr x0, =PAGES
  catch third
bad2:
  .word 0xf8210002
third:
  add x0, x0, 4
  catch behind
bad3:
  .word 0xf8210002
behind:
  done
