// Writes to text through an alias.

// The user-half address at which text is written. Linux picks one at random at every boot.
.set POKING_ADDRESS, 0x2a5bc000
.set PTE_FLAGS, 0x8000000000000063       // present, writable, accessed, dirty, not executable; not global

// Enters table `lower` in entry `index` (its low 9 bits) of table `upper`.
.macro LINK_TABLE upper, index, lower
    lea rdi, [rip + \lower]
    call virtual_to_physical
    or rax, TABLE_FLAGS
    mov [rip + \upper + ((\index) & 511) * 8], rax
.endm

.text

// Finds where the text is in physical memory, contiguous as the boot loader put it, and makes the page tables of the
// poking address space: the kernel half is everybody's, the user half holds nothing but room for two pages at
// POKING_ADDRESS.
FUNCTION init_poking
    lea rdi, [rip + _text]
    call virtual_to_physical
    lea rdx, [rip + _text]
    sub rax, rdx
    mov [rip + text_physical], rax
  .if ALIAS == ALIAS_POKING
    mov rsi, cr3
    mov rax, DIRECT_MAP
    add rsi, rax
    add rsi, 256 * 8
    lea rdi, [rip + poking_pml4 + 256 * 8]
    mov ecx, 256
    rep movsq
    lea rdi, [rip + poking_pml4]
    call virtual_to_physical
    mov [rip + poking_cr3], rax
    LINK_TABLE poking_pml4, POKING_ADDRESS >> 39, poking_pdpt
    LINK_TABLE poking_pdpt, POKING_ADDRESS >> 30, poking_pd
    LINK_TABLE poking_pd, POKING_ADDRESS >> 21, poking_pt
  .endif
    ret
END init_poking

// Physical address of rdi in rax, by walking the page tables. Panics if it is not mapped.
FUNCTION virtual_to_physical
    mov rsi, 0x000ffffffffff000          // the address in an entry
    mov r8, DIRECT_MAP
    mov rax, cr3
    mov ecx, 39                          // lowest bit of the level's index
1:  and rax, rsi
    add rax, r8
    mov rdx, rdi
    shr rdx, cl
    and edx, 511
    mov rax, [rax + rdx * 8]
    test al, 1
    jz 4f
    cmp ecx, 12
    je 2f
    test al, 0x80                        // a large page
    jnz 2f
    sub ecx, 9
    jmp 1b
2:  mov edx, 1
    shl rdx, cl
    dec rdx                              // offset in the page
    and rax, rsi
    not rdx
    and rax, rdx
    not rdx
    and rdx, rdi
    or rax, rdx
    ret
4:  mov rsi, rax
    PANIC PANIC_NOT_MAPPED
END virtual_to_physical

// Writes rdx bytes at rsi to the text at rdi, through a writable alias. Then reads them back by the address they run
// at.
FUNCTION text_poke
  .if SITES_IN_PATCHER
    // The patcher runs what it patches: before each store what the others have made of the text so far.
    push rdx
    push rsi
    push rdi
    RUN_PATH path_patcher, CPU_PATH_PATCHER
    pop rdi
    pop rsi
    pop rdx
  .endif
    mov r8, rdi
    add r8, [rip + text_physical]
  .if ALIAS == ALIAS_DIRECT_MAP
    mov rax, DIRECT_MAP
    add r8, rax
    call copy_text
  .else
    mov rax, r8
    and rax, -4096
    mov rcx, PTE_FLAGS
    or rax, rcx
  .if FAULT_POKE_SEALED
    xor rax, [rip + poke_sealed]
  .endif
    and r8d, 4095
    lea rcx, [r8 + rdx]
    add r8, POKING_ADDRESS
    pushfq
    cli                                  // an interrupt must not run in the poking address space
    mov [rip + poking_pte], rax
    cmp rcx, 4096
    jbe 1f
    add rax, 4096                        // the text goes on to the next page
    mov [rip + poking_pte + 8], rax
1:
    mov r9, cr3
    mov rax, [rip + poking_cr3]
  .if FAULT_POKE_LAZY
    cmp rax, r9
    je 2f                                // still loaded since the last time
  .endif
    mov cr3, rax
2:  call copy_text
    mov qword ptr [rip + poking_pte], 0
    mov qword ptr [rip + poking_pte + 8], 0
  .if FAULT_POKE_LAZY == 0
    mov cr3, r9                          // forgets the two translations, which are not global
  .endif
    popfq
  .endif
    xor ecx, ecx
1:  mov al, [rsi + rcx]
    cmp al, [rdi + rcx]
    jne 2f
    inc rcx
    cmp rcx, rdx
    jb 1b
    ret
2:  add rdi, rcx
    movzx esi, byte ptr [rdi]
    PANIC PANIC_READ_BACK_DIFFERS
END text_poke

// Tells the laboratory of a text event: at rdi, edx bytes at rsi were replaced by r8d bytes at rcx. No old bytes: text
// appears; no new ones: it goes away. r9 = name of the site, zero-terminated. Changes rax.
FUNCTION report_text
    mov edx, edx
    mov r8d, r8d
    sub rsp, EVENT_SIZE
    mov [rsp + EVENT_ADDRESS], rdi
    mov [rsp + EVENT_OLD_LENGTH], rdx
    mov [rsp + EVENT_OLD], rsi
    mov [rsp + EVENT_NEW_LENGTH], r8
    mov [rsp + EVENT_NEW], rcx
    mov [rsp + EVENT_SITE], r9
    mov qword ptr [rsp + EVENT_MECHANISM], 0 // the kernel's
    mov rax, rsp
    LAB LAB_TEXT_EVENT, rax
    add rsp, EVENT_SIZE
    ret
END report_text

// Copies rdx bytes from rsi to r8, one store per byte: memcpy promises no more. Changes rax, rcx.
FUNCTION copy_text
  .if FAULT_ONE_STORE
    // Fewer than eight, by one store that leaves what is behind them as it was.
    lea ecx, [rdx * 8]
    mov rax, -1
    shl rax, cl
    mov rcx, rax
    and rcx, [r8]
    not rax
    and rax, [rsi]
    or rax, rcx
    mov [r8], rax
    ret
  .endif
    xor ecx, ecx
1:  mov al, [rsi + rcx]
    mov [r8 + rcx], al
    inc rcx
    cmp rcx, rdx
    jb 1b
    ret
END copy_text

.data
.balign 4096
  .if ALIAS == ALIAS_POKING
poking_pml4:
    .fill 512, 8, 0
poking_pdpt:
    .fill 512, 8, 0
poking_pd:
    .fill 512, 8, 0
poking_pt:
    .fill 512, 8, 0
  .if FAULT_POKE_SEALED
poke_sealed:                             // bits of an entry that are other than usual
    .quad 0
  .endif
.set poking_pte, poking_pt + ((POKING_ADDRESS >> 12) & 511) * 8
  .endif
