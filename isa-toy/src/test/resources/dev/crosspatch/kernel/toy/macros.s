// Crosspatch guest kernel for the toy: names and macros of all files.
//
// Registers that keep their meaning in all code:
//   r16  pseudo-random number of this CPU (xorshift)
//   r17  work iterations left, negative if endless
//   r18  this CPU's buffer for memory work
//   r19  offset in that buffer, a multiple of 64
//   r20  address of the laboratory device
//   area this CPU's area
// Functions may change r0 to r9 and keep the others.

.set CAUSE_TRAP, 2
.set INTERRUPTS_ON, 1

// What an exception saves on the stack: r0 to r9, lr, and where it came from.
.set FRAME_LR, 10 * 8
.set FRAME_EPC, 11 * 8
.set FRAME_SIZE, 12 * 8

// A function: aligned, typed, sized. What is between functions is never run: zeros are no instruction.
.macro FUNCTION name
    .balign 16, 0
    .type \name, %function
\name:
.endm

.macro END name
    .size \name, . - \name
.endm

// A number of any size.
.macro CONSTANT register, value
    li \register, (\value) & 0xffffffff
    lih \register, (\value) >> 32
.endm

// A field of lab_params.
.macro PARAMETER register, field
    li \register, lab_params
    ld \register, [\register + \field]
.endm

// Adds 1 to a counter of this CPU. Changes r8, r9.
.macro COUNT counter
    mfs r9, area
    ld r8, [r9 + \counter]
    addi r8, r8, 1
    sd r8, [r9 + \counter]
.endm

// Stores a register in the laboratory device.
.macro LAB register, value
    sd \value, [r20 + \register]
.endm

// Gives up: code as named, r0 = address that tells most, r1 = detail.
.macro PANIC code
    li r2, \code
    j panic
.endm

// Saves lr and some of the registers that a function keeps, and gets them back.
.macro SAVE kept:vararg
    addi sp, sp, -64
    sd lr, [sp]
    .set .Lat, 8
  .irp each, \kept
    sd \each, [sp + .Lat]
    .set .Lat, .Lat + 8
  .endr
.endm

.macro RESTORE kept:vararg
    ld lr, [sp]
    .set .Lat, 8
  .irp each, \kept
    ld \each, [sp + .Lat]
    .set .Lat, .Lat + 8
  .endr
    addi sp, sp, 64
.endm

.macro SAVE_FRAME
    addi sp, sp, -FRAME_SIZE
    .set .Lat, 0
  .irp each, r0, r1, r2, r3, r4, r5, r6, r7, r8, r9
    sd \each, [sp + .Lat]
    .set .Lat, .Lat + 8
  .endr
    sd lr, [sp + FRAME_LR]
    mfs r0, epc
    sd r0, [sp + FRAME_EPC]
.endm

.macro RETURN_FRAME
    ld r0, [sp + FRAME_EPC]
    mts epc, r0
    ld lr, [sp + FRAME_LR]
    .set .Lat, 0
  .irp each, r0, r1, r2, r3, r4, r5, r6, r7, r8, r9
    ld \each, [sp + .Lat]
    .set .Lat, .Lat + 8
  .endr
    addi sp, sp, FRAME_SIZE
    rfe
.endm

// The next pseudo-random number in r16 (xorshift, Marsaglia 2003). Changes r9.
.macro RANDOM
    shli r9, r16, 13
    xor r16, r16, r9
    shri r9, r16, 7
    xor r16, r16, r9
    shli r9, r16, 17
    xor r16, r16, r9
.endm
