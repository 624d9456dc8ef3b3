// Text that appears and goes away: one image, called by every site.

.text

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
    jmp init_text_room
END mechanism_boot

FUNCTION jit_idle
    inc qword ptr gs:[CPU_SITES_OFF]
    ret
END jit_idle

// Key rdi changes: the text comes or goes.
FUNCTION mechanism_flip
    xor qword ptr [rip + jit_state], 1
    jz 1f
    call appear
    jmp 2f
1:  call vanish
2:  ret
END mechanism_flip

FUNCTION appear
    mov rdi, TEXT_ROOM
    lea rsi, [rip + jit_image]
    mov edx, offset JIT_SIZE
  .if FAULT_CLOSE                        // it is still there
    cmp byte ptr [rdi], 0
    jne 1f
  .endif
    call text_copy
1:  call sync_each_cpu
    mov rdi, TEXT_ROOM
    xor esi, esi
    xor edx, edx
    lea rcx, [rip + jit_image]
    mov r8d, offset JIT_SIZE
    lea r9, [rip + jit_name]
  .if FAULT_REPORT == 0
    call report_text
  .endif
    mov rax, TEXT_ROOM
    mov [rip + jit_entry], rax
    ret
END appear

FUNCTION vanish
  .if FAULT_CLOSE == 0
    lea rax, [rip + jit_idle]
    mov [rip + jit_entry], rax
    call sync_each_cpu
  .endif
    mov rdi, TEXT_ROOM
    mov rsi, rdi                         // its bytes are still there
    mov edx, offset JIT_SIZE
    xor ecx, ecx
    xor r8d, r8d
    lea r9, [rip + jit_name]
  .if FAULT_REPORT == 0
    call report_text
  .endif
  .if FAULT_CLOSE == 0
    mov rdi, TEXT_ROOM
    lea rsi, [rip + jit_poison]
    mov edx, offset JIT_SIZE
    jmp text_copy
  .else
    ret
  .endif
END vanish

.section .rodata
jit_image:
    inc qword ptr gs:[CPU_SITES_ON]
  .rept 200
    test bl, 1
    jz 1f
    lea rdx, [rdx + rbx + 5]
1:  xor rdx, 0x7f
    ror rdx, 3
  .endr
    ret
.set JIT_SIZE, . - jit_image
jit_poison:
    .fill JIT_SIZE, 1, 0xcc
jit_name:
    .asciz "jit_image"

.data
.balign 8
jit_entry:
    .quad jit_idle
jit_state:
    .quad 0
