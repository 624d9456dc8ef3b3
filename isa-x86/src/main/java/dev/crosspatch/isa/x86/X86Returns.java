package dev.crosspatch.isa.x86;

import dev.crosspatch.core.cpu.Outcome;
import dev.crosspatch.core.uop.Uop;

/// Far transfers without a gate: IRET, far RET, CALL and JMP, SYSCALL, SYSRET. Far CALL and JMP through a call gate
/// raise #GP: those gates are not there.
final class X86Returns {
  private X86Returns() {}

  private static final int RIP = 0;
  private static final int CS = 1;
  private static final int FLAGS = 2;
  private static final int NEW_RSP = 3;
  private static final int SS = 4;

  /// IRET in 64-bit mode pops SS:RSP even without a change of privilege (SDM vol. 2A IRET). Serializing; unblocks NMIs.
  static int iret(X86Core c, long w, long imm) {
    int width = Uop.width(w);
    if ((c.systemFlags & X86Core.NT) != 0) {
      return c.generalProtection();
    }
    if (!pop(c, width, FLAGS, CS, RIP, SS, NEW_RSP)) {
      return Outcome.FAULT;
    }
    int cs = (int) c.r[Uop.T0 + CS] & 0xffff;
    int ss = (int) c.r[Uop.T0 + SS] & 0xffff;
    if (!allowed(c, cs, ss)) {
      return Outcome.FAULT;
    }
    long mask = c.writableFlags() | X86Core.RF;
    c.setFlags(c.r[Uop.T0 + FLAGS], X86Helpers.cut(mask, width));
    go(c, cs, ss, c.r[Uop.T0 + NEW_RSP]);
    c.nmiBlocked = false;
    c.serialize();
    return Outcome.BRANCH;
  }

  /// Reads stack slots into T0 + slot, in the order given: it shows where one faults (measured on Zen 4: RFLAGS first,
  /// CS before RIP, SS before RSP).
  private static boolean pop(X86Core c, int width, int... slots) {
    for (int slot : slots) {
      c.r[Uop.T0 + slot] = c.load(c.r[X86Core.RSP] + ((long) slot << width), width, 0);
      if (c.faultCode != 0) {
        return false;
      }
    }
    return true;
  }

  /// The order is measured on Zen 4: CS, RIP, SS.
  private static boolean allowed(X86Core c, int cs, int ss) {
    if (!X86Segments.returnAllowed(c, cs)) {
      return false;
    }
    if (!Uop.isCanonical(c.r[Uop.T0 + RIP])) {
      return c.generalProtection() == Outcome.OK;
    }
    return X86Segments.stackAllowed(c, ss, cs & 3);
  }

  private static void go(X86Core c, int cs, int ss, long rsp) {
    c.selector[X86Core.CS] = cs;
    c.selector[X86Core.SS] = ss;
    boolean outer = (cs & 3) > c.privilege;
    c.privilege = cs & 3;
    if (outer) {
      X86Segments.dropInner(c);
    }
    c.r[X86Core.RSP] = rsp;
    c.nextPc = c.r[Uop.T0 + RIP];
  }

  /// Far RET: RSP and SS are popped only if the privilege changes. Not serializing.
  static int retf(X86Core c, long w, long imm) {
    int width = Uop.width(w);
    if (!pop(c, width, CS, RIP)) {
      return Outcome.FAULT;
    }
    int cs = (int) c.r[Uop.T0 + CS] & 0xffff;
    if ((cs & 3) == c.privilege) {
      if (!X86Segments.returnAllowed(c, cs)) {
        return Outcome.FAULT;
      }
      if (!Uop.isCanonical(c.r[Uop.T0 + RIP])) {
        return c.generalProtection();
      }
      go(c, cs, c.selector[X86Core.SS], c.r[X86Core.RSP] + (2L << width) + imm);
      return Outcome.BRANCH;
    }
    return outerRetf(c, width, imm, cs);
  }

  private static int outerRetf(X86Core c, int width, long imm, int cs) {
    long slot = c.r[X86Core.RSP] + (2L << width) + imm;
    long ss = c.load(slot + (1L << width), width, 0) & 0xffff;
    long rsp = c.faultCode != 0 ? 0 : c.load(slot, width, 0);
    if (c.faultCode != 0 || !allowed(c, cs, (int) ss)) {
      return Outcome.FAULT;
    }
    go(c, cs, (int) ss, rsp + imm);
    return Outcome.BRANCH;
  }

  /// Far CALL and JMP (SDM vol. 2A): an offset of the operand size, then a selector, in memory. AMD's CPUs have no
  /// 64-bit form and ignore REX.W.
  static int jumpFar(X86Core c, long w, boolean call) {
    int width = c.amd ? Math.min(Uop.width(w), 2) : Uop.width(w);
    long va = c.r[Uop.a(w)];
    long target = c.load(va, width, 0);
    int cs = c.faultCode != 0 ? 0 : (int) c.load(va + (1L << width), 1, 0);
    if (c.faultCode != 0 || !X86Segments.branchAllowed(c, cs)) {
      return Outcome.FAULT;
    }
    if (!Uop.isCanonical(target)) {
      return c.generalProtection();
    }
    if (call && !pushReturn(c, width)) {
      return Outcome.FAULT;
    }
    c.selector[X86Core.CS] = (cs & ~3) | c.privilege;
    c.nextPc = target;
    return Outcome.BRANCH;
  }

  private static boolean pushReturn(X86Core c, int width) {
    long rsp = c.r[X86Core.RSP] - (2L << width);
    if (!c.store(rsp + (1L << width), c.selector[X86Core.CS], width, 0) || !c.store(rsp, c.nextPc, width, 0)) {
      return false;
    }
    c.r[X86Core.RSP] = rsp;
    return true;
  }

  /// SDM vol. 2B SYSCALL: no stack, no descriptor is read.
  static int syscall(X86Core c, long w, long imm) {
    if ((c.efer & X86Core.EFER_SCE) == 0) {
      return c.fault(X86Exceptions.UD, 0);
    }
    c.r[X86Core.RCX] = c.nextPc;
    c.r[X86Core.R11] = c.rflags() & ~X86Core.RF;
    c.setFlags(0, c.syscallMask | X86Core.RF);
    c.stepTrap &= (c.systemFlags & X86Core.TF) != 0; // no single step into a kernel that masks TF
    int cs = (int) (c.star >> 32) & 0xfffc;
    c.selector[X86Core.CS] = cs;
    c.selector[X86Core.SS] = cs + 8;
    c.privilege = 0;
    c.nextPc = c.lstar;
    return Outcome.BRANCH;
  }

  /// SDM vol. 2B SYSRET. The return to compatibility mode (no REX.W) raises #UD: that mode is not there. AMD's CPUs do
  /// not look at RCX: with an address that is not canonical the first fetch in user mode faults (APM vol. 3 SYSRET). If
  /// TF is set by it, the single step comes at once (Linux, arch/x86/entry/common.c, do_syscall_64).
  static int sysret(X86Core c, long w, long imm) {
    boolean enabled = (c.efer & X86Core.EFER_SCE) != 0;
    if (!enabled || (c.privilege == 0 && Uop.width(w) != 3)) {
      return c.fault(X86Exceptions.UD, 0);
    }
    if (c.privilege != 0 || (!c.amd && !Uop.isCanonical(c.r[X86Core.RCX]))) {
      return c.generalProtection();
    }
    boolean stepping = (c.systemFlags & X86Core.TF) != 0;
    c.setFlags(c.r[X86Core.R11] & ~X86Core.RF, -1);
    c.stepDue = !stepping && (c.systemFlags & X86Core.TF) != 0;
    int selector = (int) (c.star >>> 48);
    c.selector[X86Core.CS] = selector + 16 | 3;
    c.selector[X86Core.SS] = selector + 8 | 3;
    c.privilege = 3;
    c.nextPc = c.r[X86Core.RCX];
    return Outcome.BRANCH;
  }
}
