// The text room (library part text-room): executable pages, empty at boot, for text that appears and goes away while
// the kernel runs.

.set ROOM_FLAGS, 0x121                   // present, accessed, global; read-only and executable

.text

// Maps the room; called once, from mechanism_boot.
FUNCTION init_text_room
    push rbx
    lea rdi, [rip + room_table]
    call virtual_to_physical
    mov rbx, rax
    // The upper tables are the kernel's own.
    mov rsi, 0x000ffffffffff000
    mov r8, DIRECT_MAP
    mov rdi, TEXT_ROOM
    mov rax, cr3
    mov ecx, 39                          // lowest bit of the level's index
1:  and rax, rsi
    add rax, r8
    mov rdx, rdi
    shr rdx, cl
    and edx, 511
    lea rdx, [rax + rdx * 8]
    cmp ecx, 21
    je 2f
    mov rax, [rdx]
    sub ecx, 9
    jmp 1b
2:  or rbx, TABLE_FLAGS
    mov [rdx], rbx
    lea rdx, [rip + room_table]
    mov rax, TEXT_ROOM
    add rax, [rip + text_physical]
    or rax, ROOM_FLAGS
    mov ecx, TEXT_ROOM_SIZE / 4096
3:  mov [rdx], rax
    add rax, 4096
    add rdx, 8
    dec ecx
    jnz 3b
    pop rbx
    ret
END init_text_room

// Copies rdx bytes at rsi to the text at rdi, which nobody runs, in pieces of at most a page: text_poke_copy.
FUNCTION text_copy
    push rbx
    push rbp
    push r12
    mov rbx, rdi
    mov rbp, rsi
    mov r12, rdx
1:  mov edx, 4096
    cmp r12, rdx
    cmovb rdx, r12
    test edx, edx
    jz 2f
    mov rdi, rbx
    mov rsi, rbp
    push rdx
    call text_poke
    pop rdx
    add rbx, rdx
    add rbp, rdx
    sub r12, rdx
    jmp 1b
2:  pop r12
    pop rbp
    pop rbx
    ret
END text_copy

.data
.balign 4096
room_table:
    .fill 512, 8, 0
