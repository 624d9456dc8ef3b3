package dev.crosspatch.isa.x86;

import dev.crosspatch.core.cpu.Flags;
import dev.crosspatch.core.cpu.Outcome;
import dev.crosspatch.core.uop.Uop;

/// String instructions with their repetition (SDM vol. 2B REP). A fault leaves RSI, RDI and RCX as of the element that faulted, so the
/// instruction goes on where it stopped. Interrupts wait until the repetition ends.
///
/// Micro-op: `a` is the segment base of the source, the immediate [#REPE], [#REPNE], [#ADDRESS_32].
final class X86Strings {
  private X86Strings() {}

  static final int REPE = 1;
  static final int REPNE = 2;
  static final int ADDRESS_32 = 4;

  private static final int REPEATED = REPE | REPNE;

  private static long cutAddress(long value, long imm) {
    return (imm & ADDRESS_32) != 0 ? value & 0xffff_ffffL : value;
  }

  private static long pointer(X86Core c, int register, long imm) {
    return cutAddress(c.r[register], imm);
  }

  private static long source(X86Core c, long w, long imm) {
    return c.r[Uop.a(w)] + pointer(c, X86Core.RSI, imm);
  }

  private static void advance(X86Core c, int register, long w, long imm) {
    int step = 1 << Uop.width(w);
    c.r[register] = cutAddress(c.r[register] + ((c.systemFlags & X86Core.DF) != 0 ? -step : step), imm);
  }

  /// Whether there is an element to do.
  private static boolean more(X86Core c, long imm) {
    return (imm & REPEATED) == 0 || pointer(c, X86Core.RCX, imm) != 0;
  }

  /// Counts an element; whether another may follow.
  private static boolean counted(X86Core c, long imm) {
    if ((imm & REPEATED) == 0) {
      return false;
    }
    c.r[X86Core.RCX] = cutAddress(c.r[X86Core.RCX] - 1, imm);
    return more(c, imm);
  }

  static int movs(X86Core c, long w, long imm) {
    for (boolean go = more(c, imm); go; go = counted(c, imm)) {
      long value = c.load(source(c, w, imm), Uop.width(w), 0);
      if (c.faultCode != 0 || !c.store(pointer(c, X86Core.RDI, imm), value, Uop.width(w), 0)) {
        return Outcome.FAULT;
      }
      advance(c, X86Core.RSI, w, imm);
      advance(c, X86Core.RDI, w, imm);
    }
    return Outcome.OK;
  }

  static int stos(X86Core c, long w, long imm) {
    for (boolean go = more(c, imm); go; go = counted(c, imm)) {
      if (!c.store(pointer(c, X86Core.RDI, imm), c.r[X86Core.RAX], Uop.width(w), 0)) {
        return Outcome.FAULT;
      }
      advance(c, X86Core.RDI, w, imm);
    }
    return Outcome.OK;
  }

  static int lods(X86Core c, long w, long imm) {
    for (boolean go = more(c, imm); go; go = counted(c, imm)) {
      long value = c.load(source(c, w, imm), Uop.width(w), 0);
      if (c.faultCode != 0) {
        return Outcome.FAULT;
      }
      X86Helpers.writeRegister(c, X86Core.RAX, value, Uop.width(w));
      advance(c, X86Core.RSI, w, imm);
    }
    return Outcome.OK;
  }

  /// Whether REPE or REPNE ends behind elements `a` and `b`.
  private static boolean ends(long imm, long a, long b) {
    return (imm & REPE) != 0 ? a != b : a == b;
  }

  /// Flags of the last comparison. Set at the end only: a fault leaves the flags as they were before the instruction.
  private static int compared(X86Core c, long w, long a, long b) {
    int width = Uop.width(w);
    c.flags.set(Flags.SUB, width, a, b, X86Helpers.cut(a - b, width));
    return Outcome.OK;
  }

  static int scas(X86Core c, long w, long imm) {
    if (!more(c, imm)) {
      return Outcome.OK;
    }
    int width = Uop.width(w);
    long a = X86Helpers.cut(c.r[X86Core.RAX], width);
    long b;
    do {
      b = c.load(pointer(c, X86Core.RDI, imm), width, 0);
      if (c.faultCode != 0) {
        return Outcome.FAULT;
      }
      advance(c, X86Core.RDI, w, imm);
    } while (counted(c, imm) && !ends(imm, a, b));
    return compared(c, w, a, b);
  }

  static int cmps(X86Core c, long w, long imm) {
    if (!more(c, imm)) {
      return Outcome.OK;
    }
    int width = Uop.width(w);
    long a;
    long b;
    do {
      a = c.load(source(c, w, imm), width, 0);
      b = c.faultCode != 0 ? 0 : c.load(pointer(c, X86Core.RDI, imm), width, 0);
      if (c.faultCode != 0) {
        return Outcome.FAULT;
      }
      advance(c, X86Core.RSI, w, imm);
      advance(c, X86Core.RDI, w, imm);
    } while (counted(c, imm) && !ends(imm, a, b));
    return compared(c, w, a, b);
  }
}
