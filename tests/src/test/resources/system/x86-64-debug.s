// Debug exceptions. Sections are those of the SDM's volume 3, edition 081.

//# single step at CPL 3: 17.3.1.4: a trap behind each instruction; DR6.BS
//= 0x1 next+AS_USER 0x33 0x102 0x40012000 0x2b 0xffff4ff0
  catch behind
  user code, 0x102
code:
  nop
next:
  nop
behind:
  done

//# single step behind popf: 17.3.1.4: the first trap is behind the instruction behind POPF
//= 0x1 next 0x10 0x102 STACK 0x18 0xffff4ff0
  catch behind
  push 0x102
  popfq
  nop
next:
  nop
behind:
  done

//# single step over mov ss: 6.8.3: no debug trap behind MOV SS
//= 0x1 next 0x10 0x102 STACK 0x18 0xffff4ff0
  mov eax, 0x18
  catch behind
  push 0x102
  popfq
  mov ss, eax
  nop
next:
  nop
behind:
  done

//# single step over int n: 17.3.1.4: INT n clears TF on entry, and no trap comes behind it
//= 0x40 next 0x10 0x102 STACK 0x18
  catch behind
  push 0x102
  popfq
  int 0x40
next:
  nop
behind:
  done

//# breakpoint on an instruction: 17.2.4, 17.3.1.1: a fault; DR6.B0
//= 0x1 bad 0x10 0x2 STACK 0x18 0xffff0ff1
  lea rax, [rip + bad]
  mov dr0, rax
  mov eax, 0x402
  mov dr7, rax
  catch behind
bad:
  nop
behind:
  mov eax, 0x400
  mov dr7, rax
  done

//# breakpoint passed with RF: 17.3.1.1: RF in the frame of IRET
//= 0x6 next 0x10 0x2 STACK 0x18
  lea rax, [rip + there]
  mov dr0, rax
  mov ecx, 0x402
  mov dr7, rcx
  push 0x18
  movabs rbx, STACK
  push rbx
  push 0x10002
  push 0x10
  push rax
  catch behind
  iretq
there:
  nop
next:
  ud2
behind:
  mov eax, 0x400
  mov dr7, rax
  done

//# breakpoint on data: 17.3.1.2: a trap behind the access; DR6.B1
//= 0x1 next 0x10 0x2 STACK 0x18 0xffff0ff2 0x77
  movabs rax, RAM + LINK
  mov dr1, rax
  mov ecx, 0x00d00408
  mov dr7, rcx
  mov ecx, 0x77
  catch behind
  mov rbx, [rax]
  mov [rax], rcx
next:
  nop
behind:
  mov ecx, 0x400
  mov dr7, rcx
  movabs rax, RAM + LINK
  mov rax, [rax]
  report rax
  done

//# general detect: 17.2.4, DR7.GD: a fault of MOV DR; DR6.BD
//= 0x1 bad 0x10 0x2 STACK 0x18 0xffff2ff0 0x400
//~ 0x2400; QEMU has no DR7.GD
  mov eax, 0x2400
  mov dr7, rax
  catch behind
bad:
  mov rax, dr0
behind:
  mov rax, dr7
  report rax
  done

//# DR4 and DR5, CR4.DE: 17.2.2: #UD, and without DE DR6 and DR7
//= 0xffff0ff0 0x6 bad 0x10 0x2 STACK 0x18
  .byte 0x0f, 0x21, 0xe0        // mov rax, dr4
  report rax
  control 0, 8
  catch behind
bad:
  .byte 0x0f, 0x21, 0xe0
behind:
  done
