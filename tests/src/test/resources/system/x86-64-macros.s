// What system programs of x86-64 are written with. R10 and R11 are scratch of these macros; none changes flags.
.equ PAGES, 0x40000000          // where programs map pages; page n is PAGES + n * 0x1000
.equ USER_STACK, PAGES + 0x12000
.equ PRESENT, 1
.equ WRITABLE, 2
.equ USER, 4
.equ NO_EXECUTE, 1 << 63
.equ LEVEL_3, TABLES + 0x1000   // of what is below 512 GiB
.equ LEVEL_2, TABLES + 0x2000   // of PAGES
.equ LEVEL_1, TABLES + 0x3000
.equ IDT, TABLES + LINK + 0x6000
.equ TSS, TABLES + LINK + 0x7000
.equ GDT, TABLES + LINK + 0x8000
.macro done
  movabs r10, DONE
  jmp r10
.endm
// Where the next exception resumes.
.macro catch label
  lea r13, [rip + \label]
.endm
.macro flags value=2
  push \value
  popfq
.endm
.macro report register
  mov [r14], \register
  lea r14, [r14 + 8]
.endm
// Writes a table's entry.
.macro entry address, value
  movabs r10, \address + LINK
  movabs r11, \value
  mov [r10], r11
.endm
// Reads it.
.macro peek register, address
  movabs r10, \address + LINK
  mov \register, [r10]
.endm
// Maps page n to RAM page n.
.macro page n, bits
  entry LEVEL_1 + 8 * (\n), RAM + 0x1000 * (\n) + (\bits)
.endm
// First word of RAM page n, through the kernel's own mapping.
.macro fill n, value
  entry RAM + 0x1000 * (\n), \value
.endm
// Lets user mode execute the program's page, as page 16, with page 17 for its stack, and goes on there at a label.
.macro user label, flags=2
  entry LEVEL_1 + 8 * 16, PROGRAM - LINK + PRESENT + USER
  page 17, PRESENT + WRITABLE + USER
  user_again \label, \flags
.endm
.macro user_again label, flags=2
  push 0x2b
  push USER_STACK
  push \flags
  push 0x33
  movabs r10, \label + AS_USER
  push r10
  iretq
.endm
// Changes bits of CR4.
.macro control clear, set
  pushfq
  mov r10, cr4
  movabs r11, ~(\clear)
  and r10, r11
  movabs r11, \set
  or r10, r11
  mov cr4, r10
  popfq
.endm
// Sets the privilege that INT n needs at a gate, and its stack.
.macro gate vector, dpl, ist=0
  movabs r10, IDT + 16 * \vector
  mov word ptr [r10 + 4], 0x8e00 + (\dpl << 13) + \ist
.endm
// Enters a handler of the program's own by a gate.
.macro handler vector, label
  pushfq
  movabs r10, IDT + 16 * \vector
  lea r11, [rip + \label]
  mov [r10], r11w
  shr r11, 16
  mov [r10 + 6], r11w
  popfq
.endm
