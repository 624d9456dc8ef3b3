// Privilege, returns and registers of the system. Sections are those of the SDM's volume 3, edition 081, unless
// another is named.

//# hlt at CPL 3: vol. 2A HLT: #GP(0)
//= 0xd 0x0 bad+AS_USER 0x33 0x2 0x40012000 0x2b
  catch behind
  user bad
bad:
  hlt
behind:
  done

//# cli at CPL 3: vol. 2A CLI, IOPL 0: #GP(0)
//= 0xd 0x0 bad+AS_USER 0x33 0x2 0x40012000 0x2b
  catch behind
  user bad
bad:
  cli
behind:
  done

//# sti at CPL 3: vol. 2B STI, IOPL 0: #GP(0)
//= 0xd 0x0 bad+AS_USER 0x33 0x2 0x40012000 0x2b
  catch behind
  user bad
bad:
  sti
behind:
  done

//# mov from cr0 at CPL 3: vol. 2B MOV, control registers: #GP(0)
//= 0xd 0x0 bad+AS_USER 0x33 0x2 0x40012000 0x2b
  catch behind
  user bad
bad:
  mov rax, cr0
behind:
  done

//# mov to cr3 at CPL 3: vol. 2B MOV, control registers: #GP(0)
//= 0xd 0x0 bad+AS_USER 0x33 0x2 0x40012000 0x2b
  catch behind
  user bad
bad:
  mov cr3, rax
behind:
  done

//# mov from cr8 at CPL 3: vol. 2B MOV, control registers: #GP(0)
//= 0xd 0x0 bad+AS_USER 0x33 0x2 0x40012000 0x2b
  catch behind
  user bad
bad:
  mov rax, cr8
behind:
  done

//# mov to dr7 at CPL 3: vol. 2B MOV, debug registers: #GP(0)
//= 0xd 0x0 bad+AS_USER 0x33 0x2 0x40012000 0x2b
  catch behind
  user bad
bad:
  mov dr7, rax
behind:
  done

//# lgdt at CPL 3: vol. 2A LGDT: #GP(0)
//= 0xd 0x0 bad+AS_USER 0x33 0x2 0x40012000 0x2b
  catch behind
  user bad
bad:
  lgdt [rsp - 16]
behind:
  done

//# lidt at CPL 3: vol. 2A LIDT: #GP(0)
//= 0xd 0x0 bad+AS_USER 0x33 0x2 0x40012000 0x2b
  catch behind
  user bad
bad:
  lidt [rsp - 16]
behind:
  done

//# lldt at CPL 3: vol. 2A LLDT: #GP(0)
//= 0xd 0x0 bad+AS_USER 0x33 0x2 0x40012000 0x2b
  catch behind
  user bad
bad:
  lldt ax
behind:
  done

//# ltr at CPL 3: vol. 2A LTR: #GP(0)
//= 0xd 0x0 bad+AS_USER 0x33 0x2 0x40012000 0x2b
  catch behind
  user bad
bad:
  ltr ax
behind:
  done

//# lmsw at CPL 3: vol. 2A LMSW: #GP(0)
//= 0xd 0x0 bad+AS_USER 0x33 0x2 0x40012000 0x2b
  catch behind
  user bad
bad:
  lmsw ax
behind:
  done

//# clts at CPL 3: vol. 2A CLTS: #GP(0)
//= 0xd 0x0 bad+AS_USER 0x33 0x2 0x40012000 0x2b
  catch behind
  user bad
bad:
  clts
behind:
  done

//# rdmsr at CPL 3: vol. 2B RDMSR: #GP(0)
//= 0xd 0x0 bad+AS_USER 0x33 0x2 0x40012000 0x2b
  catch behind
  user bad
bad:
  rdmsr
behind:
  done

//# wrmsr at CPL 3: vol. 2C WRMSR: #GP(0)
//= 0xd 0x0 bad+AS_USER 0x33 0x2 0x40012000 0x2b
  catch behind
  user bad
bad:
  wrmsr
behind:
  done

//# in at CPL 3: vol. 2A IN, IOPL 0 and no bitmap: #GP(0)
//= 0xd 0x0 bad+AS_USER 0x33 0x2 0x40012000 0x2b
  catch behind
  user bad
bad:
  in al, 0x20
behind:
  done

//# out at CPL 3: vol. 2B OUT, IOPL 0 and no bitmap: #GP(0)
//= 0xd 0x0 bad+AS_USER 0x33 0x2 0x40012000 0x2b
  catch behind
  user bad
bad:
  out dx, eax
behind:
  done

//# invlpg at CPL 3: vol. 2A INVLPG: #GP(0)
//= 0xd 0x0 bad+AS_USER 0x33 0x2 0x40012000 0x2b
  catch behind
  user bad
bad:
  invlpg [rsp]
behind:
  done

//# invd at CPL 3: vol. 2A INVD: #GP(0)
//= 0xd 0x0 bad+AS_USER 0x33 0x2 0x40012000 0x2b
  catch behind
  user bad
bad:
  invd
behind:
  done

//# wbinvd at CPL 3: vol. 2C WBINVD: #GP(0)
//= 0xd 0x0 bad+AS_USER 0x33 0x2 0x40012000 0x2b
  catch behind
  user bad
bad:
  wbinvd
behind:
  done

//# swapgs at CPL 3: vol. 2B SWAPGS: #GP(0)
//= 0xd 0x0 bad+AS_USER 0x33 0x2 0x40012000 0x2b
  catch behind
  user bad
bad:
  swapgs
behind:
  done

//# sysretq at CPL 3: vol. 2B SYSRET: #GP(0)
//= 0xd 0x0 bad+AS_USER 0x33 0x2 0x40012000 0x2b
  catch behind
  user bad
bad:
  .byte 0x48, 0x0f, 0x07
behind:
  done

//# what CPL 3 may do: vol. 2B SGDT, SMSW, STR: CR4.UMIP is not there; vol. 2A CPUID
//= 0x6 bad+AS_USER 0x33 0x2 0x40012000 0x2b 0x33 0x38
  catch behind
  user code
code:
  mov eax, 0
  cpuid
  sgdt [rsp - 16]
  sidt [rsp - 16]
  mov ebx, cs
  str ecx
  push 2
  popfq
bad:
  ud2
behind:
  report rbx
  report rcx
  done

//# cli and in at CPL 3, IOPL 3: vol. 2A CLI, IN: CPL is not above IOPL
//= 0x6 bad+AS_USER 0x33 0x3002 0x40012000 0x2b
  catch behind
  user code, 0x3202
code:
  cli
  in al, 0x80
bad:
  ud2
behind:
  done

//# popf at CPL 3: vol. 2B POPF: neither IF nor IOPL changes
//= 0x6 bad+AS_USER 0x33 0x202 0x40012000 0x2b
  catch behind
  user code, 0x202
code:
  push 0x3002
  popfq
bad:
  ud2
behind:
  done

//# popf at CPL 3, IOPL 3: vol. 2B POPF: IF changes, IOPL does not
//= 0x6 bad+AS_USER 0x33 0x3002 0x40012000 0x2b
  catch behind
  user code, 0x3202
code:
  push 2
  popfq
bad:
  ud2
behind:
  done

//# map of ports: vol. 1 19.5.2: a set bit forbids, a port beyond the limit, too
//= 0x6 bad+AS_USER 0x33 0x2 0x40012000 0x2b 0xd 0x0 bad2+AS_USER 0x33 0x2 0x40012000 0x2b 0xd 0x0 bad3+AS_USER 0x33
//+ 0x2 0x40012000 0x2b
  movabs r10, TSS
  mov word ptr [r10 + 102], 104
  mov word ptr [r10 + 104], 0xfffe      // port 0 is open; 16 ports
  mov byte ptr [r10 + 106], 0xff
  movabs r10, GDT + 0x38
  mov word ptr [r10], 106
  mov byte ptr [r10 + 5], 0x89
  mov eax, 0x38
  ltr ax
  catch second
  user code
code:
  in al, 0
bad:
  ud2
second:
  catch third
  user_again bad2
bad2:
  in al, 1
third:
  catch behind
  user_again bad3
bad3:
  in al, 0x80
behind:
  done

//# rdtsc at CPL 3, CR4.TSD: vol. 2B RDTSC: #GP(0)
//= 0xd 0x0 bad+AS_USER 0x33 0x2 0x40012000 0x2b
  control 0, 4
  catch behind
  user bad
bad:
  rdtsc
behind:
  done

//# iretq to CPL 3 and back: vol. 2A IRET: RIP, CS, RFLAGS, RSP and SS
//= 0x6 bad+AS_USER 0x33 0xad7 0x40012000 0x2b
  catch behind
  user bad, 0xad7
bad:
  ud2
behind:
  done

//# iretq to CPL 0: vol. 2A IRET: in 64-bit mode RSP and SS always come from the frame
//= 0x6 bad 0x10 0x2 STACK+-0x100 0x18
  movabs rbx, STACK - 0x100
  push 0x18
  push rbx
  push 2
  push 0x10
  lea rax, [rip + bad]
  push rax
  catch behind
  iretq
bad:
  ud2
behind:
  done

//# iretq beyond the GDT: vol. 2A IRET: #GP(selector)
//= 0xd 0x48 bad 0x10 0x2 STACK+-0x28 0x18
  push 0x2b
  push USER_STACK
  push 2
  push 0x4b
  lea rax, [rip + behind]
  push rax
  catch behind
bad:
  iretq
behind:
  done

//# iretq with a null CS: vol. 2A IRET: #GP(0)
//= 0xd 0x0 bad 0x10 0x2 STACK+-0x28 0x18
  push 0x2b
  push USER_STACK
  push 2
  push 0
  lea rax, [rip + behind]
  push rax
  catch behind
bad:
  iretq
behind:
  done

//# iretq to a data segment: vol. 2A IRET: #GP(selector)
//= 0xd 0x28 bad 0x10 0x2 STACK+-0x28 0x18
  push 0x2b
  push USER_STACK
  push 2
  push 0x2b
  lea rax, [rip + behind]
  push rax
  catch behind
bad:
  iretq
behind:
  done

//# iretq with an SS of the kernel: vol. 2A IRET: #GP(selector of SS)
//= 0xd 0x18 bad 0x10 0x2 STACK+-0x28 0x18
  push 0x1b
  push USER_STACK
  push 2
  push 0x33
  lea rax, [rip + behind]
  push rax
  catch behind
bad:
  iretq
behind:
  done

//# iretq to CPL 3 with a null SS: vol. 2A IRET: #GP(0)
//= 0xd 0x0 bad 0x10 0x2 STACK+-0x28 0x18
  push 0
  push USER_STACK
  push 2
  push 0x33
  lea rax, [rip + behind]
  push rax
  catch behind
bad:
  iretq
behind:
  done

//# iretq to a code segment that is not present: vol. 2A IRET: #NP(selector)
//= 0xb 0x30 bad 0x10 0x2 STACK+-0x28 0x18
  movabs r10, GDT + 0x30
  mov byte ptr [r10 + 5], 0x7b
  push 0x2b
  push USER_STACK
  push 2
  push 0x33
  lea rax, [rip + behind]
  push rax
  catch behind
bad:
  iretq
behind:
  done

//# iretq to a stack segment that is not present: vol. 2A IRET: #SS(selector)
//= 0xc 0x28 bad 0x10 0x2 STACK+-0x28 0x18
//~ 0xb 0x28 bad 0x10 0x2 STACK+-0x28 0x18; QEMU raises #NP
  movabs r10, GDT + 0x28
  mov byte ptr [r10 + 5], 0x73
  push 0x2b
  push USER_STACK
  push 2
  push 0x33
  lea rax, [rip + behind]
  push rax
  catch behind
bad:
  iretq
behind:
  done

//# iretq to an address that is not canonical: vol. 2A IRET: #GP(0) at the IRET, on Intel's CPUs
//! skylake
//= 0xd 0x0 bad 0x10 0x2 STACK+-0x28 0x18
//~ 0xd 0x0 0x800000000000 0x33 0x2 0x40012000 0x2b; QEMU faults when it fetches there
  push 0x2b
  push USER_STACK
  push 2
  push 0x33
  movabs rax, 0x800000000000
  push rax
  catch behind
bad:
  iretq
behind:
  done

//# iretq with NT: vol. 2A IRET: #GP(0) in 64-bit mode
//= 0xd 0x0 bad 0x10 0x4002 STACK 0x18
  push 0x4002
  popfq
  catch behind
bad:
  iretq
behind:
  done

//# iretq to CPL 3 drops segments of the kernel: vol. 2A IRET: DS with DPL 0 becomes null, FS with DPL 3 does not
//= 0x6 bad+AS_USER 0x33 0x2 0x40012000 0x2b 0x0 0x2b
  mov eax, 0x18
  mov ds, eax
  mov eax, 0x2b
  mov fs, eax
  catch behind
  user code
code:
  mov ebx, ds
  mov ecx, fs
bad:
  ud2
behind:
  report rbx
  report rcx
  done

//# syscall: vol. 2B SYSCALL: RCX, R11, CS, SS, and RFLAGS less IA32_FMASK
//= next+AS_USER 0xad7 0x10 0x18 0x282 0x40012000
//~ next+AS_USER 0xad7 0x10 0x18 0x202 0x40012000; QEMU clears all arithmetic flags
  mov ecx, 0xc0000082                   // IA32_LSTAR
  lea rax, [rip + entry_point]
  mov rdx, rax
  shr rdx, 32
  wrmsr
  mov ecx, 0xc0000084
  mov eax, 0x855
  mov edx, 0
  wrmsr
  user code, 0xad7
code:
  syscall
next:
  nop
entry_point:
  report rcx
  report r11
  mov eax, cs
  report rax
  mov eax, ss
  report rax
  mov rbx, rsp
  movabs rsp, STACK
  pushfq
  pop rax
  report rax
  report rbx
  done

//# syscall, EFER.SCE 0: vol. 2B SYSCALL: #UD
//= 0x6 bad 0x10 0x2 STACK 0x18
  mov ecx, 0xc0000080
  mov eax, 0xd00
  mov edx, 0
  wrmsr
  catch behind
bad:
  syscall
behind:
  done

//# sysretq: vol. 2B SYSRET: RIP from RCX, RFLAGS from R11, CS and SS from IA32_STAR; RSP is kept
//= 0x6 bad+AS_USER 0x33 0xad7 0x40012000 0x2b
  entry LEVEL_1 + 8 * 16, PROGRAM - LINK + PRESENT + USER
  page 17, PRESENT + WRITABLE + USER
  catch behind
  mov ecx, offset bad + AS_USER
  mov r11d, 0xad7
  mov rsp, USER_STACK
  .byte 0x48, 0x0f, 0x07
bad:
  ud2
behind:
  done

//# sysretq clears RF and VM: vol. 2B SYSRET: R11 and 0x3c7fd7, bit 1 is set
//= 0x6 bad+AS_USER 0x33 0x2 0x40012000 0x2b
//~ 0x6 bad+AS_USER 0x33 0x20002 0x40012000 0x2b; QEMU takes VM from R11
  entry LEVEL_1 + 8 * 16, PROGRAM - LINK + PRESENT + USER
  page 17, PRESENT + WRITABLE + USER
  catch behind
  mov ecx, offset bad + AS_USER
  mov r11d, 0x30000
  mov rsp, USER_STACK
  .byte 0x48, 0x0f, 0x07
bad:
  ud2
behind:
  done

//# sysretq to an address that is not canonical: vol. 2B SYSRET: #GP(0) at CPL 0, on Intel's CPUs
//! skylake
//= 0xd 0x0 bad 0x10 0x2 STACK 0x18
//~ 0xd 0x0 0x800000000000 0x33 0x2 STACK 0x2b; QEMU faults when it fetches there
  movabs rcx, 0x800000000000
  mov r11d, 2
  catch behind
bad:
  .byte 0x48, 0x0f, 0x07
behind:
  done

//# segment loads: vol. 2B MOV: #GP(selector) beyond the GDT and of another type, #NP of what is not present
//= 0xd 0x48 bad 0x10 0x2 STACK 0x18 0xd 0x10 bad2 0x10 0x2 STACK 0x18 0xb 0x28 bad3 0x10 0x2 STACK 0x18 0xd 0x0 bad4
//+ 0x10 0x2 STACK 0x18
//~ 0xd 0x48 bad 0x10 0x2 STACK 0x18 0xd 0x10 bad2 0x10 0x2 STACK 0x18 0xb 0x28 bad3 0x10 0x2 STACK 0x18; QEMU does
//+ not compare the RPL of a null selector for SS with CPL
  movabs r10, GDT + 0x28
  mov byte ptr [r10 + 5], 0x73
  mov eax, 0x48
  catch second
bad:
  mov ds, eax
second:
  mov eax, 0x10
  catch third
bad2:
  mov ss, eax
third:
  mov eax, 0x2b
  catch fourth
bad3:
  mov es, eax
fourth:
  mov eax, 3
  catch behind
bad4:
  mov ss, eax
behind:
  done

//# ltr of a busy TSS: vol. 2A LTR: #GP(selector)
//= 0xd 0x38 bad 0x10 0x2 STACK 0x18
  mov eax, 0x38
  catch behind
bad:
  ltr ax
behind:
  done

//# CR0 refuses: 2.5: NW without CD; vol. 2B MOV: #GP(0)
//= 0xd 0x0 bad 0x10 0x2 STACK 0x18
//~ ; QEMU does not check it
  mov rax, cr0
  or eax, 0x20000000
  flags
  catch behind
bad:
  mov cr0, rax
behind:
  done

//# CR0 refuses 64-bit mode without paging: 4.1.2, vol. 2B MOV: #GP(0)
//= 0xd 0x0 bad 0x10 0x2 STACK 0x18 0xd 0x0 bad2 0x10 0x2 STACK 0x18
//- QEMU does not check, and goes on without paging
  mov rax, cr0
  and eax, 0x7fffffff
  flags
  catch second
bad:
  mov cr0, rax
second:
  mov rax, cr0
  and eax, 0xfffffffe
  flags
  catch behind
bad2:
  mov cr0, rax
behind:
  done

//# CR4 refuses: 2.5: bits of what is not there, here VMXE; vol. 2B MOV: #GP(0)
//= 0xd 0x0 bad 0x10 0x2 STACK 0x18
//- QEMU 7.2 takes the bit, and does not go on
  mov rax, cr4
  or eax, 0x2000
  flags
  catch behind
bad:
  mov cr4, rax
behind:
  done

//# CR4 refuses 64-bit mode without PAE: 2.5; vol. 2B MOV: #GP(0)
//= 0xd 0x0 bad 0x10 0x2 STACK 0x18
//- QEMU does not check, and goes on with tables of 32 bits
  mov rax, cr4
  and eax, 0xffffffdf
  flags
  catch behind
bad:
  mov cr4, rax
behind:
  done

//# CR8: 10.8.6: 3:0 are the priority, other bits are reserved
//= 0x9 0xd 0x0 bad 0x10 0x2 STACK 0x18
//~ 0x9; QEMU takes any priority
  mov eax, 9
  mov cr8, rax
  mov rbx, cr8
  report rbx
  mov eax, 16
  catch behind
bad:
  mov cr8, rax
behind:
  done

//# wrmsr refuses: vol. 4 table 2-2, IA32_EFER: LME while paging is on, reserved bits; vol. 2C WRMSR: addresses that
//+ are not canonical
//= 0xd 0x0 bad 0x10 0x2 STACK 0x18 0xd 0x0 bad2 0x10 0x2 STACK 0x18 0xd 0x0 bad3 0x10 0x2 STACK 0x18
//~ ; QEMU does not check them
  mov ecx, 0xc0000080
  mov eax, 0xc01
  mov edx, 0
  catch second
bad:
  wrmsr
second:
  mov eax, 0xd03
  catch third
bad2:
  wrmsr
third:
  mov ecx, 0xc0000100
  mov eax, 0
  mov edx, 0x8000
  catch behind
bad3:
  wrmsr
behind:
  done

//# unknown model-specific register: vol. 2B RDMSR: #GP(0)
//= 0xd 0x0 bad 0x10 0x2 STACK 0x18
//~ ; QEMU reads zero
  mov ecx, 0x12345
  catch behind
bad:
  rdmsr
behind:
  done

//# swapgs: vol. 2B SWAPGS: IA32_GS_BASE and IA32_KERNEL_GS_BASE are exchanged
//= 0x1111 0x2222
  mov ecx, 0xc0000101
  mov eax, 0x1111
  mov edx, 0
  wrmsr
  inc ecx
  mov eax, 0x2222
  wrmsr
  swapgs
  rdmsr
  report rax
  dec ecx
  rdmsr
  report rax
  done
