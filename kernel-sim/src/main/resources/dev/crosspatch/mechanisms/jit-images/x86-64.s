// Images of code that come and go at one address, called by every site.

// Fields of an entry of jit_images.
.set JIT_TEXT, 0
.set JIT_LENGTH, 8
.set JIT_NAME, 16
.set JIT_ENTRY, 24
.set JIT_IMAGES, 3

.text

// A call through the pointer. Both ways of a site are one here: which image runs is the pointer's business.
.macro SITE n, length, boundary, offset
site_\n:
    cli
    call qword ptr [rip + jit_entry]
    sti
    add qword ptr gs:[CPU_CHECKSUM], \n + 1
    jmp .Lsite_\n\()_end
site_\n\()_on:
.Lsite_\n\()_end:
.endm

FUNCTION mechanism_boot
    call init_text_room
    jmp init_mappings
END mechanism_boot

// What sites call while there is no image.
FUNCTION jit_idle
    inc qword ptr gs:[CPU_SITES_OFF]
    ret
END jit_idle

// The next image takes the place of the one that is there; rdi = key, of which nothing depends.
FUNCTION mechanism_flip
    cmp qword ptr [rip + jit_present], 0
    je 1f
    call jit_free
1:  jmp jit_load
END mechanism_flip

// Takes the image away: nobody is in it any more, every observer has a copy, and then it is overwritten.
FUNCTION jit_free
  .if FAULT_CLOSE == 0
    lea rax, [rip + jit_idle]
    mov [rip + jit_entry], rax
  .if FAULT_CLOSE_SYNC == 0
    call sync_each_cpu
  .endif
  .endif
  .if FAULT_ANNOUNCE == 0
    mov rdi, [rip + jit_mapping]
    call await_acknowledgement
    mov rdi, [rip + jit_mapping]
    call withdraw_mapping
  .endif
    mov qword ptr [rip + jit_present], 0
    mov rdi, TEXT_ROOM
    lea rsi, [rip + jit_poison]
    mov edx, offset JIT_POISON
    jmp text_copy
END jit_free

// Brings the next image: writes it, lets no CPU run what it fetched there before, announces it and opens the way in.
FUNCTION jit_load
    push rbx
    mov rbx, [rip + jit_next]
    lea rcx, [rbx + 1]
    cmp ecx, JIT_IMAGES
    jb 1f
    xor ecx, ecx
1:  mov [rip + jit_next], rcx
    imul rbx, rbx, JIT_ENTRY
    lea rax, [rip + jit_images]
    add rbx, rax
    mov rdi, TEXT_ROOM
    mov rsi, [rbx + JIT_TEXT]
    mov rdx, [rbx + JIT_LENGTH]
    call text_copy
  .if FAULT_OPEN_SYNC == 0
    call sync_each_cpu
  .endif
  .if FAULT_ANNOUNCE == 0
    mov rdi, TEXT_ROOM
    mov rsi, [rbx + JIT_NAME]
    mov rdx, [rbx + JIT_LENGTH]
    call announce_mapping
    mov [rip + jit_mapping], rax
  .endif
    mov qword ptr [rip + jit_present], 1
    mov rax, TEXT_ROOM
    mov [rip + jit_entry], rax
    pop rbx
    ret
END jit_load

.section .rodata
// Branches on bits of the random number.
jit_first:
    inc qword ptr gs:[CPU_SITES_ON]
  .rept 16
    test bl, 1
    jz 1f
    lea rdx, [rdx + rbx + 5]
1:  xor rdx, 0x7f
    ror rdx, 3
  .endr
    ret
jit_first_end:
// A loop of as many turns as the number says.
jit_second:
    mov ecx, ebx
    and ecx, 255
1:  bt edx, ecx
    jnc 2f
    add rdx, rbx
2:  dec ecx
    jns 1b
    inc qword ptr gs:[CPU_SITES_ON]
    ret
jit_second_end:
// Calls within the image.
jit_third:
    call 2f
    call 2f
    test bh, 4
    jz 1f
    call 2f
1:  inc qword ptr gs:[CPU_SITES_ON]
    ret
2:  cmp rdx, rbx
    jb 3f
    sub rdx, rbx
    ret
3:  lea rdx, [rdx + rdx * 2 + 1]
    ret
jit_third_end:
jit_poison:
    .fill JIT_POISON, 1, 0xcc
.set JIT_POISON, jit_first_end - jit_first // the longest
jit_names:
    .asciz "jit_first"
    .asciz "jit_second"
    .asciz "jit_third"

.data
.balign 8
jit_images:
    .quad jit_first, jit_first_end - jit_first, jit_names
    .quad jit_second, jit_second_end - jit_second, jit_names + 10
    .quad jit_third, jit_third_end - jit_third, jit_names + 21
jit_entry:
    .quad jit_idle
jit_mapping:                             // number of the mapping that is there
    .quad 0
jit_next:                                // which image is next
    .quad 0
jit_present:
    .quad 0
