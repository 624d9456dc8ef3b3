// Pointer authentication, FEAT_PAuth with QARMA5. Sections are DDI0487's. Codes of pointers are those of the cipher of
// the first program, put where AddPAC has them.

//# pacga: C6.2 PACGA; test vector of R. Avanzi, "The QARMA Block Cipher Family", sigma 2, five rounds
//! max
//= 0xc003b93900000000
  keys 0
  ldr x1, =0xfb623599da6e8127
  ldr x2, =0x477d469dec0b8762
  .inst 0x9ac23020              // pacga x0, x1, x2
  report x0
  done

//# signed and authenticated by IA: D8.10 AddPAC, Auth: what fails has 0b01 in bits 62:61
//! max
//= 0x5264000040001234 0x40001234 0x2000000040001234
  keys 0xc8002000
  ldr x1, =0x40001234
  mov x2, 77
  .inst 0xdac10041              // pacia x1, x2
  report x1
  mov x3, x1
  .inst 0xdac11043              // autia x3, x2
  report x3
  mov x2, 78
  .inst 0xdac11041              // autia x1, x2
  report x1
  done

//# signed and authenticated by IB, DA, DB, without a modifier: D8.10 AddPAC, Auth: a B key's error is 0b10
//! max
//= 0xc20e000040001234 0x1e4c000040001234 0x3a21000040001234 0x40001234 0x40001234 0x40001234 0x4000000040001234
  keys 0xc8002000
  ldr x1, =0x40001234
  mov x2, x1
  mov x3, x1
  .inst 0xdac127e1              // pacizb x1
  .inst 0xdac12be2              // pacdza x2
  .inst 0xdac12fe3              // pacdzb x3
  report x1
  report x2
  report x3
  mov x4, x3
  .inst 0xdac137e1              // autizb x1
  .inst 0xdac13be2              // autdza x2
  .inst 0xdac13fe3              // autdzb x3
  report x1
  report x2
  report x3
  eor x4, x4, 1 << 60
  .inst 0xdac13fe4              // autdzb x4
  report x4
  done

//# upper half, and pointers that are not canonical: D8.10 AddPAC: the code is spoilt in bit 62
//! max
//= 0x80ca800012345678 0xffff800012345678 0xa238800012345678 0x2000800012345678
  keys 0xc8002000
  ldr x1, =0xffff800012345678
  mov x2, 77
  .inst 0xdac10041              // pacia x1, x2
  report x1
  .inst 0xdac11041              // autia x1, x2
  report x1
  ldr x1, =0x1234800012345678
  .inst 0xdac10041              // pacia x1, x2
  report x1
  .inst 0xdac11041              // autia x1, x2
  report x1
  done

//# with tags: D8.10; TCR_EL1.TBI0, and TBID0, by which tags are of data alone
//! max
//= 0x5a64000040001234 0x5a69000040001234 0x5a00000040001234 0x5a40000040001234 0x5264000040001234 0x40001234
  keys 0xc8002000
  mrs x4, tcr_el1
  orr x5, x4, 1 << 37
  msr tcr_el1, x5
  isb
  ldr x1, =0x5a00000040001234
  mov x3, x1
  mov x2, 77
  .inst 0xdac10041              // pacia x1, x2
  .inst 0xdac10843              // pacda x3, x2
  report x1
  report x3
  .inst 0xdac11041              // autia x1, x2
  .inst 0xdac11c43              // autdb x3, x2
  report x1
  report x3
  orr x5, x5, 1 << 51
  msr tcr_el1, x5
  isb
  ldr x1, =0x0000000040001234
  .inst 0xdac10041              // pacia x1, x2
  report x1
  .inst 0xdac143e1              // xpaci x1
  report x1
  msr tcr_el1, x4
  isb
  done

//# stripped: C6.2 XPACD, XPACI, XPACLRI
//! max
//= 0x0000123412345678 0xffff923412345678 0x0000123412345678
  keys 0x80000000
  stripped
  done

//# stripped, no key enabled: C6.2 XPACD, XPACI, XPACLRI: enables do not count
//! max
//= 0x0000123412345678 0xffff923412345678 0x0000123412345678
//~ 0xab12123412345678 0xab92923412345678 0xab12123412345678; XPAC does nothing while no key is enabled
  keys 0
  stripped
  done

//# the hint space: C6.2 PACIA, PACIB, AUTIA: of X17 by X16, of X30 by SP and by zero
//! max
//= 0x5264000040001234 0xac0e000040001234 0x40001234 0xc20e000040001234 0x40001234
  keys 0xc8002000
  mov x3, 0x1000
  mov sp, x3
  ldr x17, =0x40001234
  mov x16, 77
  mov x30, x17
  .inst 0xd503211f              // pacia1716
  report x17
  .inst 0xd503233f              // paciasp
  report x30
  .inst 0xd50323bf              // autiasp
  report x30
  .inst 0xd503235f              // pacibz
  report x30
  .inst 0xd50323df              // autibz
  report x30
  done

//# keys that are not enabled: C6.2, the pointer stays; SCTLR_EL1.EnIA alone
//! max
//= 0x40001234 0x40001234 1
  keys 0x80000000
  ldr x1, =0x40001234
  mov x4, x1
  mov x2, 77
  mov x3, x1
  .inst 0xdac10441              // pacib x1, x2
  report x1
  .inst 0xdac11843              // autda x3, x2
  report x3
  .inst 0xdac10044              // pacia x4, x2
  cmp x4, x1
  cset x4, ne
  report x4
  done

//# branches: C6.2 BRAA, BLRAA, RETAA, BRABZ
//! max
//= 1 2 3 4
  keys 0xc8002000
  mov x2, 77
  adr x1, first
  .inst 0xdac10041              // pacia x1, x2
  .inst 0xd71f0822              // braa x1, x2
  udf 0
first:
  mov x0, 1
  report x0
  adr x1, routine
  .inst 0xdac10041              // pacia x1, x2
  .inst 0xd73f0822              // blraa x1, x2
  mov x0, 3
  report x0
  adr x1, last
  .inst 0xdac127e1              // pacizb x1
  .inst 0xd61f0c3f              // brabz x1
  udf 0
routine:
  .inst 0xd503233f              // paciasp
  mov x0, 2
  report x0
  .inst 0xd65f0bff              // retaa
last:
  mov x0, 4
  report x0
  done

//# return through a pointer without a code: D8.10 Auth; the fetch faults, translation at level 0
//! max
//= 0x200 0x86000004 0x2000000040001234 0x3c5 0x2000000040001234 1
  keys 0xc8002000
  catch behind
  ldr x30, =0x40001234
  .inst 0xd65f0bff              // retaa
behind:
  mov x0, 1
  report x0
  done

//# exception return: C6.2 ERETAA
//! max
//= 7
  keys 0xc8002000
  adr x1, behind
  mov x2, sp
  .inst 0xdac10041              // pacia x1, x2
  msr elr_el1, x1
  mov x3, 0x3c5
  msr spsr_el1, x3
  .inst 0xd69f0bff              // eretaa
  udf 0
behind:
  mov x0, 7
  report x0
  done

//# loads: C6.2 LDRAA, LDRAB: scaled by 8, the base register gets the address only by write-back
//! max
//= 0x11 0x22 0 0x33 0x8
  keys 0xc8002000
  page 0, NORMAL
  ldr x5, =PAGES
  mov x6, 0x11
  str x6, [x5]
  mov x6, 0x22
  str x6, [x5, 8]
  mov x6, 0x33
  str x6, [x5, 0x10]
  mov x1, x5
  .inst 0xdac12be1              // pacdza x1
  mov x7, x1
  .inst 0xf8200420              // ldraa x0, [x1]
  report x0
  .inst 0xf8201420              // ldraa x0, [x1, 8]
  report x0
  sub x7, x7, x1
  report x7
  add x1, x5, 0x18
  .inst 0xdac12fe1              // pacdzb x1
  .inst 0xf8fffc20              // ldrab x0, [x1, -8]!
  report x0
  sub x1, x1, x5
  sub x1, x1, 8
  report x1
  done

//# keys and instructions at EL0: the keys are EL1's (EC 0x00 by an access), the instructions work
//! max
//= 0x400 0x02000000 bad+AS_USER 0x3c0
  keys 0xc8002000
  catch behind
  el0 user
user:
  ldr x1, =0x40001234
  mov x3, x1
  .inst 0xdac123e1              // paciza x1
  .inst 0xdac133e1              // autiza x1
  sub x1, x1, x3
  cbnz x1, wrong
bad:
  mrs x0, s3_0_c2_c1_0
wrong:
  nop
behind:
  done
