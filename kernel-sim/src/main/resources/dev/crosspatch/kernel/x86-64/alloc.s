// An allocator of executable memory (library part text-alloc) in the text room: first fit, so that what was freed is
// used again at once. The room is never writable where it runs; what nobody has is full of INT3.

.set TEXT_GRANULE, 16
.set INT3S, 64                           // written at a time

.text

// Called once, from mechanism_boot.
FUNCTION init_text_alloc
    mov rax, TEXT_ROOM
    mov [rip + text_filled], rax
    jmp init_text_room
END init_text_alloc

// Finds room for rdi bytes, 1 or more: its address, a multiple of 16, in rax, or 0 if there is none. All of it is INT3.
FUNCTION text_alloc
    lea rdx, [rdi + TEXT_GRANULE - 1]
    shr rdx, 4                           // granules
    lea rsi, [rip + text_used]
    xor ecx, ecx                         // granule
    xor r8d, r8d                         // free ones up to it
1:  inc r8
    cmp byte ptr [rsi + rcx], 0
    je 2f
    xor r8d, r8d
2:  inc rcx
    cmp r8, rdx
    je 3f
    cmp ecx, TEXT_ROOM_SIZE / TEXT_GRANULE
    jb 1b
    xor eax, eax
    ret
3:  mov r9, rcx                          // behind the last
    sub rcx, rdx
    mov r8, rcx
    lea rdi, [rsi + rcx]
    mov rcx, rdx
    mov al, 1
    rep stosb
    shl r9, 4
    mov rax, TEXT_ROOM
    add r9, rax
    shl r8, 4
    add r8, rax
4:  cmp r9, [rip + text_filled]
    jbe 5f
    call fill_text_page
    jmp 4b
5:  mov rax, r8
    ret
END text_alloc

// Fills the next page of the room, which nobody has used yet, with INT3, by the direct map. Changes rax, rcx, rdi.
FUNCTION fill_text_page
    mov rdi, [rip + text_filled]
    add rdi, [rip + text_physical]
    mov rax, DIRECT_MAP
    add rdi, rax
    mov rax, 0xcccccccccccccccc
    mov ecx, 512
    rep stosq
    add qword ptr [rip + text_filled], 4096
    ret
END fill_text_page

// Gives back rsi bytes at rdi, which nobody runs any more: they become INT3.
FUNCTION text_free
    push rbx
    push rbp
    mov rbx, rdi
    lea rbp, [rsi + TEXT_GRANULE - 1]
    and rbp, -TEXT_GRANULE
    mov rax, TEXT_ROOM
    sub rdi, rax
    shr rdi, 4
    lea rax, [rip + text_used]
    add rdi, rax
    mov rcx, rbp
    shr rcx, 4
    xor eax, eax
    rep stosb
1:  mov edx, INT3S
    cmp rbp, rdx
    cmovb rdx, rbp
    test edx, edx
    jz 2f
    mov rdi, rbx
    lea rsi, [rip + int3s]
    push rdx
    call text_poke
    pop rdx
    add rbx, rdx
    sub rbp, rdx
    jmp 1b
2:  pop rbp
    pop rbx
    ret
END text_free

.section .rodata
int3s:
    .fill INT3S, 1, 0xcc

.data
.balign 8
text_filled:                             // behind the last page that was filled
    .quad 0
text_used:                               // a byte for each granule: 1 if somebody has it
    .fill TEXT_ROOM_SIZE / TEXT_GRANULE, 1, 0
