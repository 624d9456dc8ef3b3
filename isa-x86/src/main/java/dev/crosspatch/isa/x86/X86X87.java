package dev.crosspatch.isa.x86;

import dev.crosspatch.core.cpu.Outcome;
import dev.crosspatch.core.uop.Uop;

/// The control instructions of x87 (SDM vol. 1 8.1, 8.6).
final class X86X87 {
  private X86X87() {}

  private static final long CR0_MP = 2;
  /// ES and B: an exception that is not masked is pending.
  private static final int PENDING = 0x8080;

  private static final int EXCEPTIONS = 0x3f;
  private static final int CONTROL_BITS = 0x1f3f;
  private static final int CONTROL_ONE = 0x40;

  /// #NM with CR0.EM or TS; else with `waits` #MF if an exception is pending.
  private static boolean ready(X86Core c, boolean waits) {
    if ((c.cr0 & (X86Core.CR0_EM | X86Core.CR0_TS)) != 0) {
      c.fault(X86Exceptions.NM, 0);
    } else if (waits && (c.x87.status & PENDING) != 0) {
      c.fault(X86Exceptions.MF, 0);
    }
    return c.faultCode == 0;
  }

  /// FWAIT minds CR0.TS only with MP.
  static int wait(X86Core c, long w, long imm) {
    long both = CR0_MP | X86Core.CR0_TS;
    if ((c.cr0 & both) == both) {
      return c.fault(X86Exceptions.NM, 0);
    }
    return (c.x87.status & PENDING) == 0 ? Outcome.OK : c.fault(X86Exceptions.MF, 0);
  }

  static int init(X86Core c, long w, long imm) {
    if (!ready(c, false)) {
      return Outcome.FAULT;
    }
    c.x87.init();
    return Outcome.OK;
  }

  static int clearExceptions(X86Core c, long w, long imm) {
    if (!ready(c, false)) {
      return Outcome.FAULT;
    }
    c.x87.status &= 0x7f00;
    return Outcome.OK;
  }

  /// EMMS: #UD with CR0.EM.
  static int empty(X86Core c, long w, long imm) {
    if ((c.cr0 & X86Core.CR0_EM) != 0) {
      return c.fault(X86Exceptions.UD, 0);
    }
    if (!ready(c, true)) {
      return Outcome.FAULT;
    }
    c.x87.tags = 0;
    return Outcome.OK;
  }

  static int loadControl(X86Core c, long w, long imm) {
    if (!ready(c, true)) {
      return Outcome.FAULT;
    }
    int value = (int) c.load(c.r[Uop.c(w)], 1, 0);
    if (c.faultCode != 0) {
      return Outcome.FAULT;
    }
    c.x87.control = (value & CONTROL_BITS) | CONTROL_ONE;
    boolean pending = (c.x87.status & ~value & EXCEPTIONS) != 0;
    c.x87.status = pending ? c.x87.status | PENDING : c.x87.status & ~PENDING;
    return Outcome.OK;
  }

  static int storeControl(X86Core c, long w, long imm) {
    return ready(c, false) && c.store(c.r[Uop.c(w)], c.x87.control, 1, 0) ? Outcome.OK : Outcome.FAULT;
  }

  static int storeStatus(X86Core c, long w, long imm) {
    return ready(c, false) && c.store(c.r[Uop.c(w)], c.x87.status, 1, 0) ? Outcome.OK : Outcome.FAULT;
  }

  /// FNSTSW AX.
  static int status(X86Core c, long w, long imm) {
    if (!ready(c, false)) {
      return Outcome.FAULT;
    }
    X86Helpers.writeRegister(c, X86Core.RAX, c.x87.status, 1);
    return Outcome.OK;
  }
}
