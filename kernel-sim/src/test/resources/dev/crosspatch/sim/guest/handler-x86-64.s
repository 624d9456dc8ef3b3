// Entry point of a kernel that does nothing but trap into its own breakpoint handler, for every kind of instruction
// that it can emulate. Exits with 0 or the number of the first case that went wrong. Records stand in the order of the
// cases.

.set TEST_RECORDS, 23

.text

// A breakpoint at label trap_N; `length` bytes in all.
.macro TRAP_HERE n, length
trap_\n:
    .byte 0xcc
    .fill \length - 1, 1, 0x90
.endm

// Ends with code n.
.macro FAIL n
    mov eax, \n
    jmp test_exit
.endm

// Emulated and real Jcc must agree for the flags on top of the stack, which stay there.
.macro CONDITION n, name
    mov rax, [rsp]
    push rax
    popfq
    set\name r10b
    push rax
    popfq
    TRAP_HERE \n, 2
    xor r11d, r11d
    jmp 1f
trap_\n\()_to:
    mov r11d, 1
1:  cmp r10b, r11b
    je 2f
    FAIL \n
2:
.endm

FUNCTION test_start
    ENTER
    call build_idt
    call init_cpu
    lea rsi, [rip + test_records]
    lea rdi, [rip + poke_vector]
    mov ecx, TEST_RECORDS * 2
    rep movsq
    mov qword ptr [rip + poke_count], TEST_RECORDS
    mov dword ptr gs:[CPU_REFCOUNT], 1
    mov rbp, rsp

    TRAP_HERE 1, 2                       // JMP rel8
    FAIL 1
trap_1_to:
    TRAP_HERE 2, 5                       // JMP rel32
    FAIL 2
trap_2_to:
    TRAP_HERE 3, 5                       // NOP5
    TRAP_HERE 4, 2                       // NOP2
    mov ebx, 5
    TRAP_HERE 5, 5                       // CALL rel32, to a function that ends in an emulated RET
after_call:
    cmp ebx, 6
    je 1f
    FAIL 5
1:  cmp rsp, rbp                         // nothing left on the stack, nothing too much taken
    je 2f
    FAIL 6
2:  push rbp                             // once more with the stack at the other multiple of 8
    mov ebx, 5
    TRAP_HERE 6, 5
    add rsp, 8
    cmp ebx, 6
    je 3f
    FAIL 7

    // Every condition under all settings of the five flags.
3:  xor ebx, ebx
4:  mov ecx, ebx
    and ecx, 1                           // CF
    mov edx, ebx
    and edx, 2
    shl edx, 1                           // PF
    or ecx, edx
    mov edx, ebx
    and edx, 12
    shl edx, 4                           // ZF, SF
    or ecx, edx
    mov edx, ebx
    and edx, 16
    shl edx, 7                           // OF
    or ecx, edx
    push rcx
    CONDITION 10, o
    CONDITION 11, no
    CONDITION 12, b
    CONDITION 13, ae
    CONDITION 14, e
    CONDITION 15, ne
    CONDITION 16, be
    CONDITION 17, a
    CONDITION 18, s
    CONDITION 19, ns
    CONDITION 20, p
    CONDITION 21, np
    CONDITION 22, l
    CONDITION 23, ge
    CONDITION 24, le
    CONDITION 25, g
    add rsp, 8
    inc ebx
    cmp ebx, 32
    jb 4b

    xor eax, eax
    cmp dword ptr gs:[CPU_REFCOUNT], 1   // every handler has dropped its reference
    je test_exit
    FAIL 30
END test_start

FUNCTION test_exit
    mov r15, LAB_DEVICE
    LAB LAB_EXIT, rax
1:  hlt
    jmp 1b
END test_exit

// What the emulated CALLs call.
FUNCTION test_callee
    inc ebx
    TRAP_HERE 26, 1                      // RET
    FAIL 26
END test_callee

.macro RECORD n, opcode, length, target
    .long trap_\n - _stext, \target - trap_\n - \length
    .byte \length, \opcode, 0, 0, 0, 0, 0, 0
.endm

.section .rodata
.balign 8
test_records:
    RECORD 1, 0xeb, 2, trap_1_to
    RECORD 2, 0xe9, 5, trap_2_to
    RECORD 3, 0xe9, 5, trap_3 + 5
    RECORD 4, 0xeb, 2, trap_4 + 2
    RECORD 5, 0xe8, 5, test_callee
    RECORD 6, 0xe8, 5, test_callee
    RECORD 10, 0x70, 2, trap_10_to
    RECORD 11, 0x71, 2, trap_11_to
    RECORD 12, 0x72, 2, trap_12_to
    RECORD 13, 0x73, 2, trap_13_to
    RECORD 14, 0x74, 2, trap_14_to
    RECORD 15, 0x75, 2, trap_15_to
    RECORD 16, 0x76, 2, trap_16_to
    RECORD 17, 0x77, 2, trap_17_to
    RECORD 18, 0x78, 2, trap_18_to
    RECORD 19, 0x79, 2, trap_19_to
    RECORD 20, 0x7a, 2, trap_20_to
    RECORD 21, 0x7b, 2, trap_21_to
    RECORD 22, 0x7c, 2, trap_22_to
    RECORD 23, 0x7d, 2, trap_23_to
    RECORD 24, 0x7e, 2, trap_24_to
    RECORD 25, 0x7f, 2, trap_25_to
    RECORD 26, 0xc3, 1, trap_26 + 1
