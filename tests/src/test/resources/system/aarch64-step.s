// Software step. Sections are DDI0487's; the ISS is that of ESR_EL1, D19.2.37, for a Software Step exception.

//# step of EL0: D2.12.3, one instruction, then the exception; EC 0x32, ISV; SPSR_EL1.SS is clear
//= 0x400 0xcb000022 next+AS_USER 0x3c0
  stepping 1
  catch behind
  el0 user, 0x2003c0
user:
  nop
next:
  nop
behind:
  done

//# step of EL0, SPSR_EL1.SS 0: D2.12.3, the exception comes before any instruction; ISV is clear
//= 0x400 0xca000022 user+AS_USER 0x3c0
  stepping 1
  catch behind
  el0 user
user:
  nop
behind:
  done

//# step of a branch: D2.12.3, the return address is its target
//= 0x400 0xcb000022 target+AS_USER 0x3c0
  stepping 1
  catch behind
  el0 user, 0x2003c0
user:
  b target
  nop
target:
  nop
behind:
  done

//# step of LDXR: D2.12.5, EX
//= 0x400 0xcb000062 next+AS_USER 0x3c0 0x77
  page 0, NORMAL + USER
  fill 0, 0x77
  ldr x0, =PAGES
  stepping 1
  catch behind
  el0 user, 0x2003c0
user:
  ldxr x1, [x0]
next:
  nop
behind:
  report x1
  done

//# step of an SVC: D2.12.4, it is executed: SPSR_EL1.SS is clear
//= 0x400 0x56000007 next+AS_USER 0x3c0
  stepping 1
  catch behind
  el0 user, 0x2003c0
user:
  svc 7
next:
  nop
behind:
  done

//# step of what faults: D2.12.4, it is not executed: SPSR_EL1.SS is still set
//= 0x400 0x02000000 user+AS_USER 0x2003c0 0x400 0x92000007 load+AS_USER 0x2003c0 0x80000000
  ldr x0, =PAGES
  stepping 1
  catch second
  el0 user, 0x2003c0
user:
  udf 0
load:
  ldr x1, [x0]
second:
  catch behind
  el0_again load, 0x2003c0
behind:
  done

//# step of EL1: D2.12.1, MDSCR_EL1.KDE and PSTATE.D clear; EC 0x33
//= 0x200 0xcf000022 next 0x1c5
  stepping 0x2001
  catch behind
  adr x0, here
  msr elr_el1, x0
  ldr x0, =0x2001c5
  msr spsr_el1, x0
  eret
here:
  nop
next:
  nop
behind:
  done

//# PSTATE.D becomes clear at EL1: D2.12.3, PSTATE.SS is clear, so the exception comes at once
//= 0x200 0xce000022 next 0x1c5
  stepping 0x2001
  catch behind
  msr daifclr, 8
next:
  nop
behind:
  done

//# no step of EL1: D2.12.1, without KDE, or while PSTATE.D is set
//= 0x77
  stepping 1
  msr daifclr, 8
  nop
  msr daifset, 8
  stepping 0x2001
  nop
  mov x0, 0x77
  report x0
  done

//# the OS lock: D2.12.1, no step while it is set; SPSR_EL1.SS is lost
//= 0x400 0x56000000 next+AS_USER 0x3c0
//~ 0x400 0xcb000022 system_call+AS_USER 0x3c0; QEMU steps all the same
  mov x0, 1
  msr oslar_el1, x0
  stepping 1
  catch behind
  el0 user, 0x2003c0
user:
  nop
system_call:
  svc 0
next:
  nop
behind:
  msr oslar_el1, xzr
  done

//# steps one after the other: D2.12.3
//= 0x400 0xcb000022 second+AS_USER 0x3c0 0x400 0xcb000022 third+AS_USER 0x3c0 0x2
  stepping 1
  mov x0, 0
  catch more
  el0 first, 0x2003c0
first:
  add x0, x0, 1
second:
  add x0, x0, 1
third:
  add x0, x0, 1
more:
  catch behind
  el0_again second, 0x2003c0
behind:
  report x0
  done
