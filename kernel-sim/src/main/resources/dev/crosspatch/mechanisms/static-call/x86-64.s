// Static calls, as in Linux's arch/x86/kernel/static_call.c. A key goes through eight states, which have every change
// from one to another of two functions, none, and the one that returns 0.

.text

// What eax holds if no function sets it: where none was called, and where a conditional tail was not taken. What
// static_call_f and static_call_g return is less.
.set STATIC_CALL_NONE, 3
.set STATIC_CALL_NOT_TAKEN, 7
// CS CS CS XOR EAX, EAX without its last byte, and the UD1 ESP, ECX that tells a trampoline.
.set STATIC_CALL_XOR, 0x312e2e2e
.set STATIC_CALL_TAG, 0xccb90f

// Counts what a call left in eax: odd with SITES_OFF, even with SITES_ON.
.macro COUNT_CALL
    test al, 1
    jz 1f
    inc qword ptr gs:[CPU_SITES_OFF]
    jmp 2f
1:  inc qword ptr gs:[CPU_SITES_ON]
2:
.endm

// A static call: sites of five bytes with an even number are inline, with an odd one they are the tail of a function;
// those of six are a conditional tail, by the condition that the number's low four bits say. All call the trampoline,
// too. site_n_on is behind an inline site, and a tail site itself. A conditional tail that is taken when its condition
// does not hold, or is not when it holds, adds nothing to the checksum.
.macro SITE n, length, boundary, offset
    mov eax, STATIC_CALL_NONE
    call static_call_tramps + site_\n\()_key * 16
    COUNT_CALL
    mov eax, STATIC_CALL_NONE
  .if \length == 5 && (\n & 1) == 0
    PLACE_SITE \n, \boundary, \offset
    call static_call_f
site_\n\()_on:
    COUNT_CALL
  .else
    call tail_\n
    COUNT_CALL
  .if \length == 6
    cmp eax, STATIC_CALL_NOT_TAKEN
    sete al
    cmp al, r8b
    je .Lsite_\n\()_end
  .endif
  .endif
    add qword ptr gs:[CPU_CHECKSUM], \n + 1
  .if \length == 6 || (\n & 1) == 1
    jmp .Lsite_\n\()_end
    FUNCTION tail_\n
    endbr64
  .if \length == 6
    cmp bl, bh
    .byte 0x41, 0x0f, 0x90 + (\n & 15), 0xc0 // SETcc R8B
  .endif
    PLACE_SITE \n, \boundary, \offset
site_\n\()_on:
  .if \length == 6
    .byte OP_ESCAPE, OP_JCC32 + (\n & 15)
    .long static_call_f - site_\n - 6
    mov eax, STATIC_CALL_NOT_TAKEN
    ret
  .else
    .byte OP_JMP32
    .long static_call_f - site_\n - 5
  .endif
    END tail_\n
  .endif
.Lsite_\n\()_end:
.endm

// What keys call. They change nothing but eax.
FUNCTION static_call_f
    endbr64
    mov eax, 1
    ret
END static_call_f

FUNCTION static_call_g
    endbr64
    mov eax, 2
    ret
END static_call_g

// __static_call_return0
FUNCTION static_call_return0
    endbr64
    xor eax, eax
    ret
END static_call_return0

// What a conditional tail goes to instead of nowhere.
FUNCTION static_call_return
    ret
    int3
END static_call_return

FUNCTION return_thunk
    ret
    int3
END return_thunk

// A trampoline for each key.
FUNCTION static_call_tramps
  .rept KEYS
    .byte OP_JMP32
    .long static_call_f - . - 4
    .byte 0x0f, 0xb9, 0xcc               // STATIC_CALL_TAG
    .fill 8, 1, 0xcc
  .endr
END static_call_tramps

// Key rdi gets the function of its next state: first in its trampoline, then site by site, each a poke by itself.
FUNCTION mechanism_flip
    push rbx
    push rbp
    push r12
    lea rax, [rip + lab_key_state]
    mov rcx, [rax + rdi * 8]
    inc rcx
    and ecx, 7
    mov [rax + rdi * 8], rcx
    lea rax, [rip + static_call_functions]
    mov rbp, [rax + rcx * 8]
    shl rdi, 4                           // KEY_SIZE
    lea rax, [rip + lab_keys]
    mov rbx, [rax + rdi + KEY_FIRST]
    mov r12, [rax + rdi + KEY_COUNT]

    lea rax, [rip + static_call_tramps]
    add rdi, rax                         // 16 bytes, too
    mov eax, [rdi + 5]
    and eax, 0xffffff
    cmp eax, STATIC_CALL_TAG
    jne 9f
    mov rsi, rbp
    mov edx, 1
    lea rcx, [rip + static_call_tramp_name]
    call static_call_transform

1:  mov rdi, [rbx + SITE_CODE]
    xor edx, edx
    cmp rdi, [rbx + SITE_TARGET]
    sete dl
    mov rsi, rbp
    mov rcx, [rbx + SITE_NAME]
    call static_call_transform
    add rbx, SITE_SIZE
    dec r12
    jnz 1b
    pop r12
    pop rbp
    pop rbx
    ret
9:  mov esi, eax
    PANIC PANIC_OLD_TEXT_DIFFERS
END mechanism_flip

// The text at rdi, a tail site or trampoline if edx = 1, an inline site if 0, is to call function rsi, or nothing if
// that is 0; rcx = its name.
FUNCTION static_call_transform
    sub rsp, 40                          // the new instruction, and what is emulated until it is there
    mov r8, rcx
    xor ecx, ecx
    movzx eax, word ptr [rdi]
    test edx, edx
    jz 4f

    // A tail: JMP, RET or Jcc.
    mov edx, 5
    mov r9d, eax
    and r9d, 0xf0ff
    cmp r9d, OP_ESCAPE + (OP_JCC32 << 8)
    je 2f
    cmp al, OP_JMP32
    je 1f
    cmp al, OP_RET
    jne 9f
1:  test rsi, rsi
    jnz 3f
  .if PROTOCOL == PROTOCOL_RETURN_THUNK
    lea rsi, [rip + return_thunk]
3:
  .else
    mov dword ptr [rsp], 0xcccccc00 + OP_RET
    mov byte ptr [rsp + 4], OP_INT3
    jmp 8f
3:
  .endif
    mov byte ptr [rsp], OP_JMP32
    sub rsi, rdi
    sub esi, 5
    mov [rsp + 1], esi
    jmp 8f
2:  test rsi, rsi
    jnz 3f
  .if PROTOCOL == PROTOCOL_RETURN_THUNK
    lea rsi, [rip + return_thunk]
  .else
    lea rsi, [rip + static_call_return]
  .endif
3:  mov [rsp], ax
    sub rsi, rdi
    sub esi, 6
    mov [rsp + 2], esi
    mov edx, 6
    jmp 8f

    // Inline: CALL, NOP or XOR.
4:  mov edx, 5
    cmp al, OP_CALL
    je 5f
    mov eax, [rdi]
    cmp eax, 0x00441f0f
    je 5f
    cmp eax, STATIC_CALL_XOR
    jne 9f
5:  NOP5_AT rsp
    test rsi, rsi
    jz 8f
    mov byte ptr [rsp], OP_CALL
    mov rax, rsi
    sub rax, rdi
    sub eax, 5
    mov [rsp + 1], eax
    lea rax, [rip + static_call_return0]
    cmp rsi, rax
    jne 8f
    // The call would return 0: that is done without, but for as long as the breakpoint is there.
  .if FAULT_EMULATE == 0
    mov rax, [rsp]
    mov [rsp + 16], rax
    lea rcx, [rsp + 16]
  .endif
    mov dword ptr [rsp], STATIC_CALL_XOR
    mov byte ptr [rsp + 4], 0xc0

8:  mov rsi, rsp
    call poke_queue
    call poke_finish
    add rsp, 40
    ret
9:  mov rsi, rax
    PANIC PANIC_OLD_TEXT_DIFFERS
END static_call_transform

.section .rodata
static_call_tramp_name:
    .asciz "static_call_tramps"
.balign 8
static_call_functions:
    .quad static_call_f, static_call_g, 0, static_call_f, static_call_return0, 0, static_call_return0, static_call_g
