// Text that belongs to a mechanism (library part text-reserved): no probe may be written there.

.set RESERVED_MAX, 256

.text

// The esi bytes at rdi are another's from now on. Changes rax, rcx.
FUNCTION reserve_text
    mov rax, [rip + reserved_count]
    cmp rax, RESERVED_MAX
    jae 9f
    inc qword ptr [rip + reserved_count]
    shl rax, 4
    lea rcx, [rip + reserved]
    add rcx, rax
    mov [rcx], rdi
    mov esi, esi
    add rsi, rdi
    mov [rcx + 8], rsi
    ret
9:  PANIC PANIC_NO_ROOM
END reserve_text

// Whether one of the esi bytes at rdi is reserved: 1 or 0 in eax. Changes rcx, rdx, rsi. jump_label_text_reserved.
FUNCTION text_reserved
    mov esi, esi
    add rsi, rdi
    lea rcx, [rip + reserved]
    mov rdx, [rip + reserved_count]
    xor eax, eax
1:  dec rdx
    js 3f
    cmp rsi, [rcx]
    jbe 2f
    cmp rdi, [rcx + 8]
    jb 4f
2:  add rcx, 16
    jmp 1b
4:  inc eax
3:  ret
END text_reserved

.data
.balign 8
reserved_count:
    .quad 0
reserved:                                // first byte, and the one behind the last
    .fill RESERVED_MAX * 2, 8, 0
