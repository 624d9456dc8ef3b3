package dev.crosspatch.isa.x86;

import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.cpu.Outcome;
import dev.crosspatch.core.uop.Uop;

/// The control instructions of x87 (SDM vol. 1 8.1, 8.6). What computes is in [X86FloatStack].
final class X86X87 {
  private X86X87() {}

  private static final long CR0_MP = 2;
  private static final int EXCEPTIONS = 0x3f;
  /// Of an environment.
  private static final int PARTS = 7;
  /// Bytes of ST0 to ST7.
  private static final int ALL_VALUES = 80;
  private static final int CONTROL_BITS = 0x1f3f;
  private static final int CONTROL_ONE = 0x40;

  /// #NM with CR0.EM or TS; else with `waits` #MF if an exception is pending.
  static boolean ready(X86Core c, boolean waits) {
    if ((c.cr0 & (X86Core.CR0_EM | X86Core.CR0_TS)) != 0) {
      c.fault(X86Exceptions.NM, 0);
    } else if (waits && (c.x87.status & X86FloatState.PENDING) != 0) {
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
    return (c.x87.status & X86FloatState.PENDING) == 0 ? Outcome.OK : c.fault(X86Exceptions.MF, 0);
  }

  /// What the coprocessors 8087 and 80287 had, and no later one.
  static int nothing(X86Core c, long w, long imm) {
    return ready(c, false) ? Outcome.OK : Outcome.FAULT;
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

  static int loadControl(X86Core c, long w, long imm) {
    if (!ready(c, true)) {
      return Outcome.FAULT;
    }
    int value = (int) c.load(c.r[Uop.c(w)], 1, 0);
    if (c.faultCode != 0) {
      return Outcome.FAULT;
    }
    setControl(c, value);
    return Outcome.OK;
  }

  private static void setControl(X86Core c, int value) {
    c.x87.control = control(value);
    c.x87.summarize();
  }

  /// What the control word holds of a value.
  static int control(int value) {
    return (value & CONTROL_BITS) | CONTROL_ONE;
  }

  /// FNSTENV: seven words or double words (SDM vol. 1 8.1.10), the upper halves ones; then all exceptions are masked.
  static int storeEnvironment(X86Core c, long w, long imm) {
    if (!ready(c, false) || !reaches(c, c.r[Uop.c(w)], PARTS << imm, imm, Core.WRITE)) {
      return Outcome.FAULT;
    }
    putEnvironment(c, c.r[Uop.c(w)], (int) imm);
    setControl(c, c.x87.control | EXCEPTIONS);
    return c.faultCode == 0 ? Outcome.OK : Outcome.FAULT;
  }

  /// Whether an area may be accessed: the first of its parts of `1 << width` bytes is tried, then its last byte, which
  /// is told if its page is the one that is not there (as on Zen 3).
  private static boolean reaches(X86Core c, long va, int bytes, long width, int access) {
    return c.canonicalTo(va, bytes) && X86Vectors.spans(c, va, 1 << width, access)
        && c.translate(va + bytes - 1, access) != -1;
  }

  private static void putEnvironment(X86Core c, long va, int width) {
    X86FloatState x = c.x87;
    long high = 0xffff_0000L;
    long[] parts = {high | x.control, high | x.status, high | x.wideTags(), x.lastInstruction,
        (long) x.lastOpcode << 16, x.lastOperand, high};
    for (int i = 0; i < PARTS; i++) {
      c.store(va + ((long) i << width), parts[i], width, 0);
    }
  }

  static int loadEnvironment(X86Core c, long w, long imm) {
    if (!ready(c, true) || !reaches(c, c.r[Uop.c(w)], PARTS << imm, imm, Core.READ)) {
      return Outcome.FAULT;
    }
    takeEnvironment(c, c.r[Uop.c(w)], (int) imm);
    return Outcome.OK;
  }

  private static void takeEnvironment(X86Core c, long va, int width) {
    long[] parts = new long[PARTS];
    for (int i = 0; i < PARTS; i++) {
      parts[i] = c.load(va + ((long) i << width), width, 0);
    }
    X86FloatState x = c.x87;
    x.setStatus((int) parts[1] & 0xffff);
    x.setWideTags((int) parts[2]);
    x.lastInstruction = parts[3];
    x.lastOpcode = width == 1 ? 0 : (int) (parts[4] >> 16) & 0x7ff;
    x.lastOperand = parts[5];
    setControl(c, (int) parts[0]);
  }

  /// FNSAVE: the environment and ST0 to ST7; then as FNINIT.
  static int save(X86Core c, long w, long imm) {
    long va = c.r[Uop.c(w)];
    int environment = PARTS << imm;
    if (!ready(c, false) || !reaches(c, va, environment + ALL_VALUES, imm, Core.WRITE)) {
      return Outcome.FAULT;
    }
    putEnvironment(c, va, (int) imm);
    for (int i = 0; i < 8; i++) {
      c.store(va + environment + 10L * i, c.x87.significand[i], 3, 0);
      c.store(va + environment + 10L * i + 8, c.x87.exponent[i], 1, 0);
    }
    c.x87.init();
    return c.faultCode == 0 ? Outcome.OK : Outcome.FAULT;
  }

  static int restore(X86Core c, long w, long imm) {
    long va = c.r[Uop.c(w)];
    int environment = PARTS << imm;
    if (!ready(c, true) || !reaches(c, va, environment + ALL_VALUES, imm, Core.READ)) {
      return Outcome.FAULT;
    }
    takeEnvironment(c, va, (int) imm);
    for (int i = 0; i < 8; i++) {
      c.x87.significand[i] = c.load(va + environment + 10L * i, 3, 0);
      c.x87.exponent[i] = (int) c.load(va + environment + 10L * i + 8, 1, 0);
    }
    return c.faultCode == 0 ? Outcome.OK : Outcome.FAULT;
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
