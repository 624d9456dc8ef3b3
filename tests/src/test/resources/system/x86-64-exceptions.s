// Exceptions of the processor. Sections are those of the SDM's volume 3, edition 081, unless another is named.

//# ud2: 6.15, #UD: a fault, without an error code; vol. 2B UD
//= 0x6 bad 0x10 0x2 STACK 0x18
  catch behind
bad:
  ud2
behind:
  done

//# divide error: 6.15, #DE
//= 0x0 bad 0x10 0x46 STACK 0x18
  catch behind
  xor ecx, ecx
bad:
  div ecx
behind:
  done

//# int3: 6.15, #BP: a trap, the frame has the next address
//= 0x3 next 0x10 0x2 STACK 0x18
  catch behind
  int3
next:
  nop
behind:
  done

//# int1: vol. 2A INT n/INTO/INT3/INT1: a trap
//= 0x1 next 0x10 0x2 STACK 0x18 0xffff0ff0
//~ 0x6 next+-0x1 0x10 0x2 STACK 0x18; QEMU has no INT1
  catch behind
  .byte 0xf1
next:
  nop
behind:
  done

//# into: vol. 2A INTO: #UD in 64-bit mode
//= 0x6 bad 0x10 0x2 STACK 0x18
  catch behind
bad:
  .byte 0xce
behind:
  done

//# int n: 6.4.4, 6.12.1: no error code, and IF is saved; an interrupt gate clears it
//= 0x40 next 0x10 0x202 STACK 0x18 0x2
  catch behind
  sti
  int 0x40
next:
  nop
behind:
  pushfq
  pop rax
  report rax
  done

//# trap gate: 6.12.1.3: IF stays
//= 0x202 0x2
  handler 0x40, own
  movabs r10, IDT + 16 * 0x40
  mov word ptr [r10 + 4], 0x8f00
  sti
  int 0x40
  nop
own:
  pushfq
  cli
  pop rax
  report rax
  handler 0x41, other
  movabs rsp, STACK
  sti
  int 0x41
  nop
other:
  pushfq
  pop rax
  report rax
  done

//# int n at CPL 3: 6.12.1.1: the DPL of the gate must allow it, #GP(selector of the IDT); 6.13
//= 0xd 0x202 bad+AS_USER 0x33 0x2 0x40012000 0x2b 0x41 next+AS_USER 0x33 0x2 0x40012000 0x2b
//~ 0xd 0x402 bad+AS_USER 0x33 0x2 0x40012000 0x2b 0x41 next+AS_USER 0x33 0x2 0x40012000 0x2b; QEMU multiplies the
//+ vector by 16
  gate 0x41, 3
  catch second
  user bad
bad:
  int 0x40
second:
  catch behind
  user_again good
good:
  int 0x41
next:
  nop
behind:
  done

//# stack of a handler, from CPL 3: 6.14.4: RSP0 of the TSS, SS is null; vol. 3 8.7
//= STACK+-0x2028 0x0 next+AS_USER 0x33
  gate 0x41, 3
  handler 0x41, own
  user good
good:
  int 0x41
next:
  nop
own:
  report rsp
  mov eax, ss
  report rax
  mov rax, [rsp]
  report rax
  mov rax, [rsp + 8]
  report rax
  done

//# stack of a handler, IST: 6.14.5: IST1 of the TSS, whatever the level
//= STACK+-0x4028 STACK+-0x4028 0x18
  gate 0x41, 3, 1
  handler 0x41, own
  int 0x41
own:
  report rsp
  handler 0x41, other
  user good
good:
  int 0x41
other:
  report rsp
  movabs r10, STACK
  mov rsp, r10
  mov eax, 0x18
  mov ss, eax
  mov eax, ss
  report rax
  done

//# stack of a handler is aligned: 6.14.2: RSP is aligned to 16 before the frame, and the frame has what it was
//= STACK+-0x38 STACK+-0x8
  handler 0x40, own
  push rax
  int 0x40
own:
  report rsp
  mov rax, [rsp + 24]
  report rax
  done

//# resume flag of a fault: 17.3.1.1: RF is set in the frame of a fault
//= 0x10002
//~ 0x2; QEMU 7.2 does not set RF
  handler 6, own
  ud2
own:
  mov rax, [rsp + 16]
  report rax
  done

//# resume flag of a trap: 17.3.1.1: RF is clear in the frame of INT3
//= 0x2
  handler 3, own
  int3
own:
  mov rax, [rsp + 16]
  report rax
  done

//# nested task and trap flag: 6.12.1, 6.8: entry clears NT, TF and RF, and the frame has NT
//= 0x4002 0x2
  handler 6, own
  push 0x4002
  popfq
  ud2
own:
  pushfq
  pop rbx
  mov rax, [rsp + 16]
  and eax, 0xffff
  report rax
  report rbx
  done

//# gate that is not present: 6.15, #NP(selector of the IDT); 6.13
//= 0xb 0x202 bad 0x10 0x2 STACK 0x18 0xb 0x33 bad2 0x10 0x2 STACK 0x18
//~ 0xb 0x402 bad 0x10 0x2 STACK 0x18 0xb 0x62 bad2 0x10 0x2 STACK 0x18; QEMU multiplies the vector by 16, and leaves
//+ out EXT
  movabs r10, IDT + 16 * 0x40
  mov word ptr [r10 + 4], 0x0e00
  movabs r10, IDT + 16 * 6
  mov word ptr [r10 + 4], 0x0e00
  catch second
bad:
  int 0x40
second:
  catch behind
bad2:
  ud2
behind:
  done

//# gate of another type: 6.14.1: interrupt and trap gates alone, #GP(selector of the IDT)
//= 0xd 0x202 bad 0x10 0x2 STACK 0x18
//~ 0xd 0x402 bad 0x10 0x2 STACK 0x18; QEMU multiplies the vector by 16
  movabs r10, IDT + 16 * 0x40
  mov word ptr [r10 + 4], 0x8c00
  catch behind
bad:
  int 0x40
behind:
  done

//# gate to a data segment: 6.14.1: #GP(selector)
//= 0xd 0x18 bad 0x10 0x2 STACK 0x18
  movabs r10, IDT + 16 * 0x40
  mov word ptr [r10 + 2], 0x18
  catch behind
bad:
  int 0x40
behind:
  done

//# beyond the limit of the IDT: 6.12: #GP(selector of the IDT)
//= 0xd 0x402 bad 0x10 0x2 STACK 0x18
//~ 0xd 0x802 bad 0x10 0x2 STACK 0x18; QEMU multiplies the vector by 16
  lea rsp, [rsp - 16]
  mov word ptr [rsp], 0x7ff
  movabs rax, IDT
  mov [rsp + 2], rax
  lidt [rsp]
  movabs rsp, STACK
  catch behind
bad:
  int 0x80
behind:
  done

//# double fault, contributory: 6.15, table 6-5: #NP of the gate of #GP; error code 0, on IST1
//= 0x8 0x0 * 0x10 * STACK 0x18
  gate 8, 0, 1
  movabs r10, IDT + 16 * 13
  mov word ptr [r10 + 4], 0x0e00
  catch behind
  movabs rax, 1 << 63
  mov al, [rax]
behind:
  done

//# double fault, page fault: 6.15, table 6-5: #PF at the entry of #PF; CR2 of the second
//= 0x8 0x0 * 0x10 * STACK 0x18 0x40002ff8
  gate 8, 0, 1
  movabs r10, TSS
  movabs r11, PAGES + 0x3000
  mov [r10 + 44], r11           // IST2
  gate 14, 0, 2
  catch behind
  mov al, [PAGES]
behind:
  mov rax, cr2
  report rax
  done

//# benign and contributory: 6.15, table 6-5: #NP of the gate of #UD is served by itself
//= 0xb 0x33 bad 0x10 0x2 STACK 0x18
//~ 0xb 0x62 bad 0x10 0x2 STACK 0x18; QEMU multiplies the vector by 16, and leaves out EXT
  movabs r10, IDT + 16 * 6
  mov word ptr [r10 + 4], 0x0e00
  catch behind
bad:
  ud2
behind:
  done

//# page fault of a stack from RSP0: 6.15, #PF: an access of the supervisor, at an entry from CPL 3
//= 0xe 0x2 bad+AS_USER 0x33 0x2 0x40012000 0x2b 0x40002ff8
  movabs r10, TSS
  movabs r11, PAGES + 0x3000
  mov [r10 + 4], r11
  gate 14, 0, 1
  catch behind
  user bad
bad:
  ud2
behind:
  done

//# lock prefix: vol. 2A LOCK: #UD where it may not be
//= 0x6 bad 0x10 0x2 STACK 0x18 0x6 bad2 0x10 0x2 STACK 0x18
//~ 0x6 bad 0x10 0x2 STACK 0x18 0xe 0x2 bad2 0x10 0x2 STACK 0x18 0x38; QEMU 7.2 does not look for LOCK before MOV
  catch second
bad:
  .byte 0xf0, 0x90
second:
  catch behind
bad2:
  .byte 0xf0, 0x48, 0x89, 0x00  // lock mov [rax], rax
behind:
  done

//# not canonical: vol. 1 3.3.7.1: #GP(0), relative to the stack #SS(0)
//= 0xd 0x0 bad 0x10 0x2 STACK 0x18 0xc 0x0 bad2 0x10 0x2 0x800000000000 0x18
//~ 0xd 0x0 bad 0x10 0x2 STACK 0x18 0xd 0x0 bad2 0x10 0x2 0x800000000000 0x18; QEMU raises #GP for the stack, too
  movabs rax, 0x800000000000
  catch second
bad:
  mov rbx, [rax]
second:
  mov rsp, rax
  gate 12, 0, 1
  gate 13, 0, 1
  catch behind
bad2:
  mov rbx, [rsp]
behind:
  done

//# branch to an address that is not canonical: vol. 2A JMP: #GP(0) at the branch
//= 0xd 0x0 bad 0x10 0x2 STACK 0x18 0xd 0x0 bad2 0x10 0x2 STACK+-0x8 0x18
//~ 0xd 0x0 0x800000000000 0x10 0x2 STACK 0x18 0xd 0x0 0x800000000000 0x10 0x2 STACK 0x18; QEMU faults when it fetches
//+ there
  movabs rax, 0x800000000000
  catch second
bad:
  jmp rax
second:
  push rax
  catch behind
bad2:
  ret
behind:
  done

//# misaligned cmpxchg16b: vol. 2A CMPXCHG16B: #GP(0) unless aligned to 16, with LOCK or without
//= 0xd 0x0 bad 0x10 0x2 STACK 0x18 0xd 0x0 bad2 0x10 0x2 STACK 0x18 0x11 0x22 0x33 0x44 0x42
  movabs rdi, RAM + LINK
  catch second
bad:
  lock cmpxchg16b [rdi + 8]
second:
  catch third
bad2:
  cmpxchg16b [rdi + 8]
third:
  mov qword ptr [rdi], 0x11
  mov qword ptr [rdi + 8], 0x22
  mov eax, 0
  mov edx, 0
  lock cmpxchg16b [rdi]
  report rax
  report rdx
  mov ebx, 0x33
  mov ecx, 0x44
  lock cmpxchg16b [rdi]
  pushfq
  pop rax
  mov rbx, [rdi]
  report rbx
  mov rbx, [rdi + 8]
  report rbx
  and eax, 0x42
  report rax
  done

//# misaligned movaps: vol. 2B MOVAPS: #GP(0)
//= 0xd 0x0 bad 0x10 0x2 STACK 0x18
  movabs rdi, RAM + LINK + 8
  catch behind
bad:
  movaps xmm0, [rdi]
behind:
  done

//# alignment check: 6.15, #AC(0): CR0.AM and RFLAGS.AC at CPL 3
//= 0x11 0x0 bad+AS_USER 0x33 0x40002 0x40012000 0x2b
//~ 0x6 bad+AS_USER+4 0x33 0x40002 0x40012000 0x2b; QEMU never raises #AC
  catch behind
  user code, 0x40002
code:
  mov eax, [rsp - 8]
bad:
  mov eax, [rsp - 7]
  ud2
behind:
  done

//# no alignment check at CPL 0: 6.15, #AC: CPL 3 alone
//= 0x40002
  push 0x40002
  popfq
  mov eax, [rsp - 7]
  pushfq
  pop rax
  report rax
  done

//# x87 and SSE, CR0.TS: 2.5, 6.15, #NM
//= 0x7 bad 0x10 0x2 STACK 0x18 0x7 bad2 0x10 0x2 STACK 0x18
  mov rax, cr0
  or eax, 8
  mov cr0, rax
  flags
  catch second
bad:
  movups xmm0, [rsp - 64]
second:
  catch behind
bad2:
  fld1
behind:
  clts
  done

//# SSE, CR4.OSFXSR 0: 2.5, CR4.OSFXSR; #UD
//= 0x6 bad 0x10 0x2 STACK 0x18
  control 0x200, 0
  catch behind
bad:
  movups xmm0, [rsp - 64]
behind:
  done

//# xgetbv, CR4.OSXSAVE 0: vol. 2C XGETBV: #UD
//= 0x6 bad 0x10 0x2 STACK 0x18
  mov ecx, 0
  catch behind
bad:
  .byte 0x0f, 0x01, 0xd0
behind:
  done

//# wrfsbase, CR4.FSGSBASE: vol. 2C WRFSBASE: #UD without it
//= 0x6 bad 0x10 0x2 STACK 0x18 0x1234 0xd 0x0 bad2 0x10 0x2 STACK 0x18
//~ 0x6 bad 0x10 0x2 STACK 0x18 0x1234; QEMU takes any base
  mov eax, 0x1234
  catch second
bad:
  .byte 0xf3, 0x48, 0x0f, 0xae, 0xd0    // wrfsbase rax
second:
  control 0, 0x10000
  .byte 0xf3, 0x48, 0x0f, 0xae, 0xd0
  .byte 0xf3, 0x48, 0x0f, 0xae, 0xc3    // rdfsbase rbx
  report rbx
  movabs rax, 0x800000000000
  catch behind
bad2:
  .byte 0xf3, 0x48, 0x0f, 0xae, 0xd0
behind:
  done
