// Source: written for this test. A program in the language that we and LLVM have in common, so that whole sections can
// be compared: labels, relaxation, expressions, macros, conditions, data. No relocations, hence no absolute addresses.
.intel_syntax noprefix
.text
.set ENTRY_SIZE, 24
.set FLAG, 1 << 3
.equ MASK, ~(FLAG - 1) & 0xff
COUNT = 5

.macro save reg, off=8
        mov     qword ptr [rsp + \off], \reg
.endm
.macro each first, rest:vararg
        push    \first
.ifnb \rest
        each    \rest
.endif
.endm

.type start, @function
start:
        endbr64
        each    rbx, rbp, r12
        save    rax
        save    rcx, 16
        xor     ecx, ecx
1:      inc     ecx
        cmp     ecx, COUNT * 2
        jb      1b
        je      2f
        call    far_away
2:      lea     rsi, [rip + table]
        mov     rax, qword ptr [rip + table + ENTRY_SIZE]
        cmp     dword ptr [rip + counter], 0x12345
        add     byte ptr [rip + counter + 1], 0x7f
        and     al, MASK
        mov     dword ptr [rsi + ENTRY_SIZE * 2 + 4], FLAG
        jmp     .Lnear
        .rept   30
        nop
        .endr
.Lnear: jmp     .Lnear
        .irp    r, rax, rbx, r9
        push    \r
        pop     \r
        .endr
        jne     .Lback
        .zero   130, 0x90
.Lback: jne     .Lnear
        jne     3f
        call    far_away
3:      dec     ecx
        jne     3b
        jmp     3f
3:
        jmp     start
        .if     COUNT > 4
        ud2
        .else
        hlt
        .endif
        .ifdef  UNKNOWN
        hlt
        .elseif FLAG == 8
        pause
        .endif
        .p2align 4
.size start, . - start
        .type   far_away, @function
far_away:
        ret
.size far_away, . - far_away
        .balign 8, 0xcc
table:
        .quad   table_end - table
        .long   far_away - ., start - far_away
        .short  0x1234, -1
        .byte   1, 'A', '\n', 0x7f, -128
        .ascii  "one\ttwo\0", "three"
        .asciz  "a;b//c\"#d"
        .skip   3
        .fill   2, 4, 0xabcd
        .align  8, 0xee
        .quad   0x123456789abcdef0
table_end:
counter:
        .long   FLAG | 0x100, COUNT % 3, 7 << 2 + 1, -(3 - 5) * 4
        .org    counter + 0x40
        .byte   0x55
