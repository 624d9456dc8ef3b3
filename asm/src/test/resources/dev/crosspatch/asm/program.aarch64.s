// Source: written for this test. A program in the language that we and LLVM have in common, so that whole sections can
// be compared: labels, expressions, macros, conditions, data. No relocations, hence no adrp and no absolute addresses.
.text
.set FRAME, 32
.equ SHIFT, 12
COUNT = 5

.macro push2 a, b, size=FRAME
        stp     \a, \b, [sp, #-\size]!
.endm
.macro each first, rest:vararg
        msr     tpidr_el1, \first
.ifnb \rest
        each    \rest
.endif
.endm

.type start, %function
start:
        bti     c
        paciasp
        push2   x29, x30
        push2   x19, x20, 16
        each    x0, x1, x2
        mov     x0, #COUNT
1:      subs    x0, x0, #1
        b.ne    1b
        cbz     x0, 2f
        tbnz    x1, #SHIFT + 30, 1b
        bl      far_away
2:      adr     x2, table
        ldr     x3, counter
        ldr     w4, counter + 4
        ldrsw   x5, counter
        mov     x6, #(table_end - table)
        add     x7, x7, #1 << SHIFT
        and     x8, x8, #~((1 << SHIFT) - 1)
        ldr     x9, [x2, #COUNT * 8]
        ldr     x9, [x2, COUNT * 8 + 8]
        movz    x10, #0xffff & (1 << SHIFT), lsl #16
        casal   x0, x1, [x2]
        stadd   w0, [x1]
        dc      cvau, x0
        b       .Lend
        .rept   3
        nop
        .endr
        .irp    r, 0, 1, 2
        mov     x\r, x1\r
        .endr
.Lend:  beq     start
        b       start
        .if     COUNT > 4
        wfi
        .else
        wfe
        .endif
        .ifdef  UNKNOWN
        wfe
        .elseif SHIFT == 12
        yield
        .endif
        .p2align 4
.size start, . - start
        .type   far_away, %function
far_away:
        ret
.size far_away, . - far_away
        .balign 8
table:
        .quad   table_end - table
        .word   far_away - ., start - far_away
        .inst   0xd503201f
        .hword  0x1234, -1
        .byte   1, 'A', '\n', 0x7f, -128
        .ascii  "one\ttwo\0", "three"
        .asciz  "a;b//c\"#d"
        .skip   3
        .fill   2, 4, 0xabcd
        .balign 8, 0xee
        .xword  0x123456789abcdef0
table_end:
counter:
        .long   1 << SHIFT | 0x100, COUNT % 3, 7 << 2 + 1, -(3 - 5) * 4
        .org    counter + 0x40
        .byte   0x55
