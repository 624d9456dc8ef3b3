// What runs the system programs of AArch64 one after the other, on any machine that enters it at EL1 with translation
// off, has RAM at 0x40000000 and a PL011 at 0x09000000, and knows PSCI's SYSTEM_OFF by HVC.
//
// A program is entered with the state that `reset` makes, and calls `done` at its end. X26 to X30 are not its own:
// X26 number of the program, X27 where its next exception resumes at EL1, X28 where its next word goes, X29 and X30
// what the handler works with. The harness gives PROGRAMS (addresses of the programs, then 0), WORDS and the addresses
// of tables: TABLES 0, +0x1000 level 1, +0x2000 level 2 of RAM, +0x3000 level 2 and +0x4000 level 3 of the pages that
// programs map at 0x80000000.
.equ UART, 0x09000000
.equ MAILBOX, WORDS + 0x8000
.equ OTHER_END, WORDS + 0x8008
.equ READY, WORDS + 0x8040
.equ FLAG, WORDS + 0x8080
.equ OTHER_WORDS, WORDS + 0x9000
.equ SCTLR, 0x30d51805          // M, C, I, SPAN, nTWI, nTWE, and what is RES1 in Armv8.0
.equ TCR, 0x0000000280803510    // 48 bits below, nothing above (EPD1), 4 KiB granule, 40 bits of output
.equ MAIR, 0x44ff04ff           // normal, device nGnRE, normal, not cacheable

// Registers of translation, and the vectors; X1 is the table.
.macro translation
  msr ttbr0_el1, x1
  msr ttbr1_el1, x1
  ldr x2, =TCR
  msr tcr_el1, x2
  ldr x2, =MAIR
  msr mair_el1, x2
  mov x2, 3 << 20
  msr cpacr_el1, x2
  ldr x2, =vectors
  msr vbar_el1, x2
.endm
.macro descriptor offset, value
  ldr x2, =TABLES + \offset
  ldr x3, =\value
  str x3, [x2]
.endm
.text
start:
  movz x0, 0xc400, lsl 16       // PSCI's CPU_ON, where the other CPU does not run already, and if there is one
  movk x0, 3
  mov x1, 1
  ldr x2, =other_start
  mov x3, 0
  hvc 0
  mov x26, 0
next_program:
  ldr x0, =PROGRAMS
  ldr x0, [x0, x26, lsl 3]
  cbz x0, power_off
  b reset

// Tables, system registers and process state as every program finds them.
reset:
  ldr x1, =SCTLR - 1
  msr sctlr_el1, x1             // translation off, while tables change
  isb
  ldr x1, =TABLES
  ldr x2, =TABLES + 0x6000
  ldr x3, =TABLES + 0x3000      // the other CPU needs what is below
clear:
  stp xzr, xzr, [x3], 16
  cmp x3, x2
  b.lo clear
  descriptor 0x0000, TABLES + 0x1000 + 3
  descriptor 0x1000, 0x0060000000000705         // device, 1 GiB at 0
  descriptor 0x1008, TABLES + 0x2000 + 3
  descriptor 0x1010, TABLES + 0x3000 + 3
  descriptor 0x1018, 0
  descriptor 0x2008, 0x0040000040200701         // RAM: code, data and tables of the kernel, 2 MiB
  descriptor 0x2010, 0x0060000040400701         // RAM: what programs map
  descriptor 0x3000, TABLES + 0x4000 + 3
  ldr x2, =READY
  mov x3, 1
  str x3, [x2]
  dsb sy
  translation
  msr cntkctl_el1, xzr
  msr mdscr_el1, xzr
  msr oslar_el1, xzr
  ic iallu
  tlbi vmalle1is
  dsb sy
  isb
  ldr x1, =SCTLR
  msr sctlr_el1, x1
  isb
  clrex
  ldr x1, =MAILBOX
  stp xzr, xzr, [x1]
  ldr x1, =FLAG
  str xzr, [x1]
  ldr x27, =done
  ldr x28, =WORDS
  ldr x1, =STACK
  mov sp, x1
  msr elr_el1, x0
  mov x1, 0x3c5
  msr spsr_el1, x1
  eret

// The other CPU: executes what a program has put into the mailbox, and says where its words end.
other_start:
  ldr x1, =READY
not_ready:
  ldr x2, [x1]
  cbz x2, not_ready
  ldr x1, =TABLES
  translation
  ic iallu
  tlbi vmalle1
  dsb sy
  isb
  ldr x1, =SCTLR
  msr sctlr_el1, x1
  isb
idle:
  ldr x1, =MAILBOX
no_mail:
  ldar x0, [x1]
  cbz x0, no_mail
  str xzr, [x1]
  ldr x27, =other_done
  ldr x28, =OTHER_WORDS
  msr nzcv, xzr
  br x0
other_done:
  ldr x1, =OTHER_END
  stlr x28, [x1]
  b idle

// Prints the words of a program, a line each, and one with its number; then the next program.
done:
  msr daifset, 15
  ldr x1, =SCTLR - 1
  msr sctlr_el1, x1
  isb
  ldr x20, =WORDS
print_next:
  cmp x20, x28
  b.hs print_number
  ldr x0, [x20], 8
  bl print
  b print_next
print_number:
  ldr x1, =UART
  mov w2, 0x23                  // #
  str w2, [x1]
  mov x0, x26
  bl print
  add x26, x26, 1
  b next_program

print:
  ldr x1, =UART
  mov x2, 16
digit:
  ror x0, x0, 60
  and x3, x0, 15
  cmp x3, 10
  add x4, x3, 0x30
  add x5, x3, 0x57
  csel x4, x4, x5, lo
  str w4, [x1]
  sub x2, x2, 1
  cbnz x2, digit
  mov w4, 10
  str w4, [x1]
  ret

power_off:
  movz x0, 0x8400, lsl 16
  movk x0, 8
  hvc 0
  b .

// Offset of the vector, ESR, ELR, SPSR, and FAR where the class has one; then on at X27, and the next exception ends
// the program.
exception:
  str x29, [x28], 8
  mrs x29, esr_el1
  str x29, [x28], 8
  mrs x30, elr_el1
  str x30, [x28], 8
  mrs x30, spsr_el1
  str x30, [x28], 8
  lsr x29, x29, 26
  sub x29, x29, 0x20
  cmp x29, 5                    // aborts, and misaligned PC
  b.hi resume
  mrs x30, far_el1
  str x30, [x28], 8
resume:
  msr elr_el1, x27
  ldr x27, =done
  mov x29, 0x3c5
  msr spsr_el1, x29
  eret

// Offset of the vector, ELR, SPSR, and what the interrupt controller has for it.
interrupt:
  str x29, [x28], 8
  mrs x30, elr_el1
  str x30, [x28], 8
  mrs x30, spsr_el1
  str x30, [x28], 8
  mrs x29, icc_iar1_el1
  str x29, [x28], 8
  msr icc_eoir1_el1, x29
  b resume

.macro slot offset, handler
  .balign 128
  mov x29, \offset
  b \handler
.endm
.balign 2048
vectors:
  slot 0x000, exception
  slot 0x080, interrupt
  slot 0x100, exception
  slot 0x180, exception
  slot 0x200, exception
  slot 0x280, interrupt
  slot 0x300, exception
  slot 0x380, exception
  slot 0x400, exception
  slot 0x480, interrupt
  slot 0x500, exception
  slot 0x580, exception
  slot 0x600, exception
  slot 0x680, exception
  slot 0x700, exception
  slot 0x780, exception
