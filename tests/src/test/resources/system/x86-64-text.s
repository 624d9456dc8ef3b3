// Text that is changed while it is there, and interrupts. Sections are those of the SDM's volume 3, edition 081,
// unless another is named.

//# changed text, and a jump: 9.1.3: a store to the text that is executed is seen behind a jump
//= 0x1 0x2
  call site
  report rax
  mov byte ptr [rip + patched], 2
  call site
  report rax
  done
.equ patched, site + 1

  .balign 64
site:
  mov eax, 1
  ret

//# changed text, the next instruction: 9.1.3: Pentium and later see it without a jump, by the address that is executed
//= 0x2
  mov byte ptr [rip + patched], 2
site:
  mov eax, 1
  report rax
  done
.equ patched, site + 1

//# changed text, cpuid: 9.3: a serializing instruction
//= 0x1 0x2
  call site
  report rax
  mov byte ptr [rip + patched], 2
  mov eax, 0
  cpuid
  call site
  report rax
  done
.equ patched, site + 1

  .balign 64
site:
  mov eax, 1
  ret

//# changed text by another address, serialized: 9.1.3: another linear address needs a serializing instruction: IRET,
//+ CPUID
//= 0x1 0x2 0x3
  entry LEVEL_1, PROGRAM - LINK + PRESENT + WRITABLE
  call site
  report rax
  lea rbx, [rip + patched]
  and ebx, 0xfff
  add ebx, PAGES
  mov byte ptr [rbx], 2
  push 0x18
  movabs rax, STACK
  push rax
  push 2
  push 0x10
  lea rax, [rip + back]
  push rax
  iretq
back:
  call site
  report rax
  mov byte ptr [rbx], 3
  mov eax, 0
  push rbx
  cpuid
  pop rbx
  call site
  report rax
  done
.equ patched, site + 1

  .balign 64
site:
  mov eax, 1
  ret

//# changed text by another address: 9.1.3: not serialized, the old or the new may run
//= 0x1 0x1
//= 0x1 0x2
  entry LEVEL_1, PROGRAM - LINK + PRESENT + WRITABLE
  call site
  report rax
  lea rbx, [rip + patched]
  and ebx, 0xfff
  add ebx, PAGES
  mov byte ptr [rbx], 2
  call site
  report rax
  done
.equ patched, site + 1

  .balign 64
site:
  mov eax, 1
  ret

//# int3 over text: 9.1.3; 6.15, #BP
//= 0x3 next 0x10 0x2 STACK 0x18
  call site
  mov byte ptr [rip + site], 0xcc
  catch behind
  jmp site
behind:
  done
  .balign 64
site:
  nop
next:
  ret

//# changed text of the user: 9.1.3, 9.3: IRET serializes
//= 0x41 next+AS_USER 0x33 0x2 0x40012000 0x2b 0x42 next+AS_USER 0x33 0x2 0x40012000 0x2b
  gate 0x41, 3
  gate 0x42, 3
  catch second
  user site
second:
  mov byte ptr [rip + patched], 0x42
  catch behind
  user_again site
behind:
  done
.equ patched, site + 1
site:
  int 0x41
next:
  nop

//# an interrupt: 6.8.1, 10.6.4: it comes when IF is set
//= 0x0 0x50 * 0x10 0x202 STACK 0x18 0x2
  mov ecx, 0x80f                // spurious-interrupt vector: on
  mov eax, 0x1ff
  mov edx, 0
  call [rip + apic]

  mov ecx, 0x830                // to oneself, vector 0x50
  mov eax, 0x40000 + 0x50
  mov edx, 0
  call [rip + apic]

  pushfq
  pop rax
  and eax, 0x200
  report rax
  flags
  catch behind
  sti
  nop
spin:
  jmp spin
behind:
  pushfq
  pop rax
  report rax
  mov ecx, 0x80b
  mov eax, 0
  mov edx, 0
  call [rip + apic]
  done
.balign 8
apic:
  .quad APIC_WRITE

//# sti shadow: 6.8.1: none behind STI before the end of the next instruction
//= 0x50 next 0x10 0x202 STACK 0x18
  mov ecx, 0x80f                // spurious-interrupt vector: on
  mov eax, 0x1ff
  mov edx, 0
  call [rip + apic]

  mov ecx, 0x830                // to oneself, vector 0x50
  mov eax, 0x40000 + 0x50
  mov edx, 0
  call [rip + apic]

  mov ecx, 20000
pending:
  dec ecx
  jnz pending
  push 2
  popfq
  catch behind
  sti
  nop
next:
  nop
spin:
  jmp spin
behind:

  mov ecx, 0x80b
  mov eax, 0
  mov edx, 0
  call [rip + apic]

  done
.balign 8
apic:
  .quad APIC_WRITE

//# sti and cli: 6.8.1: no interrupt between them
//= 0x0
  mov ecx, 0x80f                // spurious-interrupt vector: on
  mov eax, 0x1ff
  mov edx, 0
  call [rip + apic]

  mov ecx, 0x830                // to oneself, vector 0x50
  mov eax, 0x40000 + 0x50
  mov edx, 0
  call [rip + apic]

  mov ecx, 20000
pending:
  dec ecx
  jnz pending
  sti
  cli
  mov eax, 0
  report rax
  catch behind
  sti
  nop
spin:
  jmp spin
behind:
  lea r14, [r14 - 48]

  mov ecx, 0x80b
  mov eax, 0
  mov edx, 0
  call [rip + apic]

  done
.balign 8
apic:
  .quad APIC_WRITE

//# mov ss shadow: 6.8.3: no interrupt behind MOV SS before the end of the next instruction
//= 0x50 next 0x10 0x202 STACK 0x18
  mov ecx, 0x80f                // spurious-interrupt vector: on
  mov eax, 0x1ff
  mov edx, 0
  call [rip + apic]

  mov eax, 6
  mov cr8, rax

  mov ecx, 0x830                // to oneself, vector 0x50
  mov eax, 0x40000 + 0x50
  mov edx, 0
  call [rip + apic]

  mov ecx, 20000
pending:
  dec ecx
  jnz pending
  push 0x202
  popfq
  mov ebx, 0x18
  mov eax, 0
  push 0x202
  popfq
  catch behind
  mov cr8, rax
next:
  nop
spin:
  jmp spin
behind:

  mov ecx, 0x80b
  mov eax, 0
  mov edx, 0
  call [rip + apic]

  done
.balign 8
apic:
  .quad APIC_WRITE

//# priority holds interrupts back: 10.8.3: class 5 does not come while CR8 is 5
//= 0x1 0x50 next 0x10 0x202 STACK 0x18
  mov ecx, 0x80f                // spurious-interrupt vector: on
  mov eax, 0x1ff
  mov edx, 0
  call [rip + apic]

  mov eax, 5
  mov cr8, rax

  mov ecx, 0x830                // to oneself, vector 0x50
  mov eax, 0x40000 + 0x50
  mov edx, 0
  call [rip + apic]

  push 0x202
  popfq
  mov ecx, 20000
pending:
  dec ecx
  jnz pending
  mov eax, 1
  report rax
  push 0x202
  popfq
  mov eax, 4
  catch behind
  mov cr8, rax
next:
  nop
spin:
  jmp spin
behind:

  mov ecx, 0x80b
  mov eax, 0
  mov edx, 0
  call [rip + apic]

  done
.balign 8
apic:
  .quad APIC_WRITE

//# the higher priority comes first: 10.8.3: vector 0x61 before 0x50
//= 0x61 next 0x10 0x202 STACK 0x18 0x50 next2 0x10 0x202 STACK 0x18
  mov ecx, 0x80f                // spurious-interrupt vector: on
  mov eax, 0x1ff
  mov edx, 0
  call [rip + apic]

  mov ecx, 0x830                // to oneself, vector 0x50
  mov eax, 0x40000 + 0x50
  mov edx, 0
  call [rip + apic]

  mov ecx, 0x830                // to oneself, vector 0x61
  mov eax, 0x40000 + 0x61
  mov edx, 0
  call [rip + apic]

  mov ecx, 20000
pending:
  dec ecx
  jnz pending
  push 2
  popfq
  catch second
  sti
  nop
next:
  nop
spin:
  jmp spin
second:

  mov ecx, 0x80b
  mov eax, 0
  mov edx, 0
  call [rip + apic]

  push 2
  popfq
  catch behind
  sti
  nop
next2:
  nop
spin2:
  jmp spin2
behind:

  mov ecx, 0x80b
  mov eax, 0
  mov edx, 0
  call [rip + apic]

  done
.balign 8
apic:
  .quad APIC_WRITE

//# hlt ends: vol. 2A HLT: an interrupt resumes behind it
//= 0x50 next 0x10 0x202 STACK 0x18
  mov ecx, 0x80f                // spurious-interrupt vector: on
  mov eax, 0x1ff
  mov edx, 0
  call [rip + apic]

  mov ecx, 0x830                // to oneself, vector 0x50
  mov eax, 0x40000 + 0x50
  mov edx, 0
  call [rip + apic]

  mov ecx, 20000
pending:
  dec ecx
  jnz pending
  push 2
  popfq
  catch behind
  sti
  hlt
next:
  nop
spin:
  jmp spin
behind:

  mov ecx, 0x80b
  mov eax, 0
  mov edx, 0
  call [rip + apic]

  done
.balign 8
apic:
  .quad APIC_WRITE

//# an interrupt at CPL 3: 6.12.1: on RSP0, whatever the DPL of the gate is
//= 0x50 spin+AS_USER 0x33 0x202 0x40012000 0x2b
  mov ecx, 0x80f                // spurious-interrupt vector: on
  mov eax, 0x1ff
  mov edx, 0
  call [rip + apic]

  mov ecx, 0x830                // to oneself, vector 0x50
  mov eax, 0x40000 + 0x50
  mov edx, 0
  call [rip + apic]

  mov ecx, 20000
pending:
  dec ecx
  jnz pending
  catch behind
  user spin, 0x202
spin:
  jmp spin
behind:

  mov ecx, 0x80b
  mov eax, 0
  mov edx, 0
  call [rip + apic]

  done
.balign 8
apic:
  .quad APIC_WRITE
