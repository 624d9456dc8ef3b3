// What system programs of AArch64 are written with. X24 and X25 are scratch of these macros.
.equ PAGES, 0x80000000          // where programs map pages; page n is PAGES + n * 0x1000
.equ NORMAL, 0x703              // a page: accessed, inner shareable, normal; the kernel's, to be read and written
.equ BLOCK, 0x701
.equ USER, 0x40
.equ READ_ONLY, 0x80
.equ NOT_GLOBAL, 0x800
.equ GUARDED, 1 << 50
.equ PXN, 1 << 53
.equ UXN, 1 << 54
.equ LEVEL_1, TABLES + 0x1000
.equ LEVEL_2, TABLES + 0x3000   // of PAGES
.equ LEVEL_3, TABLES + 0x4000
.macro done
  ldr x24, =DONE
  br x24
.endm
// Where the next exception resumes.
.macro catch label
  adr x27, \label
.endm
.macro report register
  str \register, [x28], 8
.endm
.macro synchronize
  dsb ish
  isb
.endm
// Writes a descriptor.
.macro entry address, value
  ldr x24, =\address
  ldr x25, =\value
  str x25, [x24]
  synchronize
.endm
// Maps page n to RAM page n.
.macro page n, bits
  entry LEVEL_3 + 8 * (\n), RAM + 0x1000 * (\n) + (\bits)
.endm
// Physical word of page n, through the kernel's own mapping.
.macro fill n, value
  entry RAM + 0x1000 * (\n), \value
.endm
// Lets EL0 execute the program's page, as page 16, and goes on there at a label.
.macro el0 label, state=0x3c0
  entry LEVEL_3 + 8 * 16, PROGRAM + NORMAL + USER + READ_ONLY
  el0_again \label, \state
.endm
.macro el0_again label, state=0x3c0
  ldr x24, =\label + AS_USER
  msr elr_el1, x24
  ldr x25, =\state
  msr spsr_el1, x25
  eret
.endm
// Changes bits of SCTLR_EL1.
.macro control clear, set
  mrs x24, sctlr_el1
  ldr x25, =\clear
  bic x24, x24, x25
  ldr x25, =\set
  orr x24, x24, x25
  msr sctlr_el1, x24
  isb
.endm
// A page is used, with 0x11 in it, and its entry becomes invalid; behind a TLBI, `make` wants it gone and puts
// another page with 0x22 there.
.macro broken bits=NORMAL
  page 0, \bits
  fill 0, 0x11
  fill 1, 0x22
  ldr x0, =PAGES
  ldr x1, [x0]
  report x1
  entry LEVEL_3, 0
.endm
.macro make bits=NORMAL
  dsb ish
  isb
  catch behind
bad:
  ldr x1, [x0]
behind:
  entry LEVEL_3, RAM + 0x1000 + \bits
  ldr x1, [x0]
  report x1
  done
.endm
// The interrupt controller, GICv3 at 0x08000000: software interrupts 0 to 15 on, group 1, priority 0xa0.
.macro gic
  ldr x24, =0x08000000
  mov w25, 0x12                 // GICD_CTLR: ARE, EnableGrp1
  str w25, [x24]
  ldr x24, =0x080a0000
  str wzr, [x24, 0x14]          // GICR_WAKER
  ldr x24, =0x080b0000
  mov w25, -1
  str w25, [x24, 0x80]          // GICR_IGROUPR0
  mov w25, 0xffff
  str w25, [x24, 0x100]         // GICR_ISENABLER0
  ldr w25, =0xa0a0a0a0
  .irp at, 0, 4, 8, 12, 24
  str w25, [x24, 0x400 + \at]   // GICR_IPRIORITYR
  .endr
  mov x25, 7
  msr s3_0_c12_c12_5, x25       // ICC_SRE_EL1
  isb
  mov x25, 0xff
  msr s3_0_c4_c6_0, x25         // ICC_PMR_EL1
  mov x25, 1
  msr s3_0_c12_c12_7, x25       // ICC_IGRPEN1_EL1
  isb
.endm
// Sets MDSCR_EL1.
.macro stepping bits
  mov x24, \bits
  msr mdscr_el1, x24
  isb
.endm
// Two CPUs: what the other one executes, down to `other_done`; and its words behind those of this one.
.equ MAILBOX, WORDS + 0x8000
.equ OTHER_END, WORDS + 0x8008
.equ FLAG, WORDS + 0x8080
.equ OTHER_WORDS, WORDS + 0x9000
.macro other label
  ldr x24, =MAILBOX
  adr x25, \label
  stlr x25, [x24]
.endm
.macro other_done
  br x27
.endm
.macro join
  ldr x24, =OTHER_END
1:
  ldar x25, [x24]
  cbz x25, 1b
  ldr x24, =OTHER_WORDS
2:
  cmp x24, x25
  b.hs 3f
  ldr x23, [x24], 8
  str x23, [x28], 8
  b 2b
3:
.endm
// Says that this CPU has come to step n, and waits until the other one has.
.macro step n
  ldr x24, =FLAG
  mov x25, \n
  stlr x25, [x24]
.endm
.macro await n
  ldr x24, =FLAG
1:
  ldar x25, [x24]
  sub x25, x25, \n
  cbnz x25, 1b
.endm
// Keys of pointer authentication, and which of them SCTLR_EL1 lets: EnIA, EnIB, EnDA, EnDB.
.macro keys enabled
  ldr x24, =0x84be85ce9804e94b
  ldr x25, =0xec2802d4e0a488e9
  msr s3_0_c2_c1_1, x24         // APIAKeyHi_EL1, APIAKeyLo_EL1
  msr s3_0_c2_c1_0, x25
  msr s3_0_c2_c3_1, x24         // APGAKey
  msr s3_0_c2_c3_0, x25
  add x24, x24, 1
  msr s3_0_c2_c1_3, x24         // APIBKey
  msr s3_0_c2_c1_2, x25
  add x24, x24, 1
  msr s3_0_c2_c2_1, x24         // APDAKey
  msr s3_0_c2_c2_0, x25
  add x24, x24, 1
  msr s3_0_c2_c2_3, x24         // APDBKey
  msr s3_0_c2_c2_2, x25
  control 0, \enabled
.endm
// XPACI, XPACD and XPACLRI of pointers with something in the bits of a code.
.macro stripped
  ldr x1, =0xab12123412345678
  ldr x2, =0xab92923412345678
  mov x30, x1
  .inst 0xdac143e1              // xpaci x1
  .inst 0xdac147e2              // xpacd x2
  .inst 0xd50320ff              // xpaclri
  report x1
  report x2
  report x30
.endm
// Goes on in a mapping of the program's own page, page 16, which both levels may execute and which is guarded.
.macro guarded
  entry LEVEL_3 + 8 * 16, PROGRAM + NORMAL + USER + READ_ONLY + GUARDED
  ldr x24, =1f + AS_USER
  ret x24
1:
.endm
// Comes to an instruction in a guarded page by BR X16, BLR X0 and BR X0: 0x77 where it is a landing pad.
.macro pads word
  guarded
  mov x1, 0x77
  adr x0, pad
  mov x16, x0
  catch 2f
  br x16
2:
  catch 3f
  blr x0
3:
  catch 4f
  br x0
4:
  done
pad:
  .inst \word
  report x1
  ret x27
.endm
// The same at EL0: SVC 1 where it is one.
.macro pads_of_user word
  ldr x0, =pad + AS_USER
  mov x16, x0
  entry LEVEL_3 + 8 * 16, PROGRAM + NORMAL + USER + READ_ONLY + GUARDED
  catch 1f
  el0_again by_x16
1:
  catch 2f
  el0_again by_call
2:
  catch 3f
  el0_again by_x0
3:
  done
by_x16:
  br x16
by_call:
  blr x0
by_x0:
  br x0
pad:
  .inst \word
  svc 1
.endm
// An exception return within EL1, to a label of the guarded mapping, with bits of SPSR_EL1 besides.
.macro back label, bits
  adr x24, \label
  msr elr_el1, x24
  ldr x25, =0x3c5 + (\bits)
  msr spsr_el1, x25
  eret
.endm
// Maps page n to RAM page n as text of the kernel.
.macro text_page n, bits
  entry LEVEL_3 + 8 * (\n), RAM + 0x1000 * (\n) + NORMAL + READ_ONLY + (\bits)
.endm
// Puts two words of text there.
.macro text address, value
  entry \address, \value
  dc cvau, x24
  dsb ish
  ic ivau, x24
  synchronize
.endm
