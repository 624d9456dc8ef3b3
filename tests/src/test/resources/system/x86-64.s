// What runs the system programs of x86-64 one after the other, on any machine whose RAM reaches 0x2000000, with a
// debug console at port 0xe9 and a device that ends the run at port 0xf4.
//
// A boot loader that knows 64-bit mode enters it at `start`; QEMU loads it by its Multiboot header (Multiboot 0.6.96,
// 3.1) and enters it in 32-bit mode behind that. A program is entered with the state that `reset` makes, and calls
// `done` at its end. R10 to R15 are not its own: R13 where its next exception resumes at CPL 0, R14 where its next
// word goes, R15 its number, and what the handler works with. The harness gives PROGRAMS (addresses of the programs,
// then 0), WORDS, STACK, LINK (virtual less physical addresses), and the physical addresses of tables: TABLES PML4,
// +0x1000 PDPT of the lower half, +0x2000 page directory and +0x3000 page table of what programs map at 0x40000000,
// +0x4000 PDPT of the upper half, +0x6000 IDT, +0x7000 TSS, +0x8000 GDT.
.equ CONTROL_0, 0x80050033            // PG, AM, WP, NE, ET, MP, PE
.equ CONTROL_4, 0x6a0                 // OSXMMEXCPT, OSFXSR, PGE, PAE
.equ FEATURES, 0xd01                // NXE, LMA, LME, SCE

.macro keep_word
  pop r11
  mov [r14], r11
  add r14, 8
.endm
.text
base:
  .long 0x1badb002, 0x00010000, 0xe4514ffe
  .long base - LINK, base - LINK, 0, 0, base - LINK + 32
  .byte 0xb8
  .long boot_tables - LINK      // mov eax, boot_tables
  .byte 0x0f, 0x22, 0xd8        // mov cr3, eax
  .byte 0xb8
  .long CONTROL_4                     // mov eax, CONTROL_4
  .byte 0x0f, 0x22, 0xe0        // mov cr4, eax
  .byte 0xb9
  .long 0xc0000080              // mov ecx, IA32_EFER
  .byte 0x0f, 0x32              // rdmsr
  .byte 0x0d
  .long 0x901                   // or eax, NXE + LME + SCE
  .byte 0x0f, 0x30              // wrmsr
  .byte 0xb8
  .long CONTROL_0                     // mov eax, CONTROL_0
  .byte 0x0f, 0x22, 0xc0        // mov cr0, eax
  .byte 0x0f, 0x01, 0x15
  .long boot_gdt_pointer - LINK // lgdt
  .byte 0xea
  .long long_mode - LINK        // jmp 0x10:long_mode
  .short 0x10
long_mode:
  movabs rax, start
  jmp rax
boot_gdt_pointer:
  .short 0x37
  .long gdt - LINK

.balign 16
gdt:                            // 0x10 code, 0x18 data, 0x28 user data, 0x30 user code, 0x38 TSS
  .quad 0, 0, 0x00af9b000000ffff, 0x00cf93000000ffff, 0, 0x00cff3000000ffff, 0x00affb000000ffff

start:
  mov al, 0xff                  // a PC's older interrupt controllers are shut
  out 0x21, al
  out 0xa1, al
  movabs rax, boot_tables - LINK
  mov cr3, rax
  xor r15d, r15d
next_program:
  mov eax, CONTROL_4 - 0x80           // forgets what is global
  mov cr4, rax
  movabs rsp, STACK
  movabs rax, PROGRAMS
  mov rbx, [rax + 8 * r15]
  test rbx, rbx
  jnz reset
  mov eax, 16
  out 0xf4, al
  hlt

// Tables, registers of the system and flags as every program finds them; RBX is its address.
reset:
  movabs rax, boot_tables - LINK
  mov cr3, rax
  movabs rdi, TABLES + LINK
  mov ecx, 0x9000 / 8
  xor eax, eax
  cld
  rep stosq
  movabs rdi, TABLES + LINK
  movabs rax, TABLES + 0x1007
  mov [rdi], rax
  movabs rax, TABLES + 0x4003
  mov [rdi + 0xff8], rax
  movabs rax, TABLES + 0x2007
  mov [rdi + 0x1008], rax
  movabs rax, TABLES + 0x3007
  mov [rdi + 0x2000], rax
  mov dword ptr [rdi + 0x4ff0], 0xe3            // RAM, 1 GiB at -2 GiB
  mov eax, 0xc00000fb                           // devices, 1 GiB at -1 GiB
  mov [rdi + 0x4ff8], rax
  lea rsi, [rip + gdt]
  add rdi, 0x8000
  mov ecx, 7
  rep movsq
  movabs rdx, TABLES + LINK + 0x7000            // the TSS and its descriptor
  mov eax, edx
  and eax, 0xffffff
  shl rax, 16
  or rax, 0x67
  movabs rcx, 0x890000000000
  or rax, rcx
  mov rcx, rdx
  shr rcx, 24
  and ecx, 0xff
  shl rcx, 56
  or rax, rcx
  mov [rdi], rax
  mov rax, rdx
  shr rax, 32
  mov [rdi + 8], rax
  movabs rax, STACK - 0x2000
  mov [rdx + 4], rax                            // RSP0
  movabs rax, STACK - 0x4000
  mov [rdx + 36], rax                           // IST1
  mov word ptr [rdx + 102], 0xffff              // no I/O permission bitmap
  movabs rdi, TABLES + LINK + 0x6000
  lea rax, [rip + stubs]
  mov ecx, 256
gate:
  mov [rdi], ax
  mov word ptr [rdi + 2], 0x10
  mov word ptr [rdi + 4], 0x8e00
  mov rdx, rax
  shr rdx, 16
  mov [rdi + 6], dx
  shr rdx, 16
  mov [rdi + 8], edx
  add rax, 8
  add rdi, 16
  dec ecx
  jnz gate
  movabs rax, TABLES
  mov cr3, rax
  mov eax, CONTROL_0
  mov cr0, rax
  mov eax, CONTROL_4
  mov cr4, rax
  mov ecx, 0xc0000080
  mov eax, FEATURES
  xor edx, edx
  wrmsr
  mov ecx, 0xc0000081                           // IA32_STAR
  xor eax, eax
  mov edx, 0x00230010
  wrmsr
  xor eax, eax
  xor edx, edx
  mov ecx, 0xc0000084                           // IA32_FMASK
  wrmsr
  lgdt [rip + gdt_pointer]
  lidt [rip + idt_pointer]
  mov eax, 0x18
  mov ss, eax
  xor eax, eax
  mov ds, eax
  mov es, eax
  mov fs, eax
  mov gs, eax
  mov cr8, rax
  lldt ax
  mov dr6, rax
  mov dr0, rax
  mov eax, 0x400
  mov dr7, rax
  mov eax, 0x38
  ltr ax
  movabs rsp, STACK
  movabs r14, WORDS
  lea r13, [rip + done]
  push 2
  popfq
  jmp rbx

// Prints the words of a program, a line each, and one with its number; then the next program.
done:
  push 2
  popfq
  movabs rsp, STACK
  movabs rax, boot_tables - LINK
  mov cr3, rax
  movabs rsi, WORDS
print_next:
  cmp rsi, r14
  jae print_number
  mov rbx, [rsi]
  add rsi, 8
  call print
  jmp print_next
print_number:
  mov al, 0x23                  // #
  out 0xe9, al
  mov rbx, r15
  call print
  inc r15
  jmp next_program

print:
  mov ecx, 16
digit:
  rol rbx, 4
  mov eax, ebx
  and eax, 15
  add eax, 0x30
  cmp eax, 0x3a
  jb put
  add eax, 0x27
put:
  out 0xe9, al
  dec ecx
  jnz digit
  mov al, 10
  out 0xe9, al
  ret

// Vector, error code where it has one, RIP, CS, RFLAGS without RF, RSP, SS, and CR2 of a page fault, DR6 of a debug
// exception; then on at R13, and the next exception ends the program.
exception:
  pop r12
  lea r11, [rip + stubs + 5]
  sub r12, r11
  shr r12, 3
  mov [r14], r12
  add r14, 8
  cmp r12, 32
  jae no_error
  mov r11d, 0x60227d00
  bt r11d, r12d
  jnc no_error
  pop r11
  mov [r14], r11
  add r14, 8
no_error:
  keep_word
  keep_word
  pop r11
  btr r11, 16                   // RF is for the programs that ask for it, with handlers of their own
  mov [r14], r11
  add r14, 8
  keep_word
  keep_word
  cmp r12, 14
  jne no_page_fault
  mov r11, cr2
  mov [r14], r11
  add r14, 8
no_page_fault:
  cmp r12, 1
  jne resume
  mov r11, dr6
  mov [r14], r11
  add r14, 8
resume:
  mov r11d, 0x18
  mov ss, r11d
  movabs rsp, STACK
  push 2
  popfq
  mov r11, r13
  lea r13, [rip + done]
  jmp r11

// Writes EAX to the register of the local APIC that is ECX in x2APIC mode, 0x800 to 0x8ff; EDX is its upper half.
apic_write:
  mov r10d, eax
  mov r11d, ecx
  mov ecx, 0x1b                 // IA32_APIC_BASE
  push rdx
  rdmsr
  pop rdx
  bt eax, 10
  mov eax, r10d
  mov ecx, r11d
  jc x2apic
  sub ecx, 0x800
  shl ecx, 4
  mov r10, 0xfffffffffee00000
  mov [r10 + rcx], eax
  ret
x2apic:
  wrmsr
  ret

.balign 8
gdt_pointer:
  .short 0x47
  .quad TABLES + LINK + 0x8000
.balign 8
idt_pointer:
  .short 0xfff
  .quad TABLES + LINK + 0x6000
.balign 8
stubs:
.rept 256
  call exception
  .balign 8, 0xcc
.endr
.balign 4096
boot_tables:                    // all of the first GiB, where it lies and at -2 GiB
  .quad boot_pointers - LINK + 7
  .space 510 * 8
  .quad boot_pointers - LINK + 7
boot_pointers:
  .quad 0x83
  .space 509 * 8
  .quad 0x83
  .quad 0xc000009b
