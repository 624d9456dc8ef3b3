package dev.crosspatch.isa.x86;

import dev.crosspatch.core.cpu.Outcome;
import dev.crosspatch.core.uop.CostClass;
import dev.crosspatch.core.uop.Flags;
import dev.crosspatch.core.uop.Uop;

/// String instructions with their repetition (SDM vol. 2B REP). A fault or an interrupt leaves RSI, RDI and RCX as of
/// the element reached, so the instruction goes on where it stopped; it retires when the repetition ends. Interrupts
/// are looked at every [#CHUNK] elements. Between them nobody can tell elements from blocks, so MOVS and STOS that go
/// upward move what is left of a line at once behind its first element ([X86Core#copy], [X86Core#fill]).
///
/// Micro-op: `a` is the segment base of the source, the immediate [#REPE], [#REPNE], [#ADDRESS_32].
final class X86Strings {
  private X86Strings() {}

  static final int REPE = 1;
  static final int REPNE = 2;
  static final int ADDRESS_32 = 4;

  private static final int REPEATED = REPE | REPNE;
  /// Unknown: how many elements a CPU moves between looking for interrupts. Assumed a page of bytes is moved in about
  /// 16 goes.
  private static final int CHUNK = 256;

  /// Lets events and interrupts in, behind an STI as well; then the instruction goes on.
  private static int again(X86Core c) {
    c.shadowPc = -1;
    c.partPc = c.pc;
    c.stepPart = true;
    c.resynchronize();
    return Outcome.FAULT;
  }

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
    advance(c, register, w, imm, 1);
  }

  private static void advance(X86Core c, int register, long w, long imm, int elements) {
    int step = elements << Uop.width(w);
    c.r[register] = cutAddress(c.r[register] + ((c.systemFlags & X86Core.DF) != 0 ? -step : step), imm);
  }

  /// A repetition of no element. With 32-bit addresses Intel's CPUs clear the upper halves of the count and, in MOVS
  /// and STOS, of the pointers all the same (Linux, arch/x86/kvm/emulate.c, string_registers_quirk); AMD's leave them
  /// (measured on Zen 4).
  ///
  /// @param pointers 2 with RSI and RDI, 1 with RDI, 0
  private static int nothing(X86Core c, long imm, int pointers) {
    if ((imm & ADDRESS_32) != 0 && !c.amd) {
      c.r[X86Core.RCX] = 0;
      c.r[X86Core.RDI] = pointers > 0 ? pointer(c, X86Core.RDI, imm) : c.r[X86Core.RDI];
      c.r[X86Core.RSI] = pointers > 1 ? pointer(c, X86Core.RSI, imm) : c.r[X86Core.RSI];
    }
    return Outcome.OK;
  }

  /// Whether there is an element to do.
  private static boolean more(X86Core c, long imm) {
    return (imm & REPEATED) == 0 || pointer(c, X86Core.RCX, imm) != 0;
  }

  /// Elements to do in one go: all events, and debug traps, come between elements.
  private static int chunk(X86Core c) {
    c.partPc = -1;
    return X86Debug.watchesElements(c) ? 1 : CHUNK;
  }

  /// Counts an element; whether another may follow. Unknown: the cost of an element that hits the cache. Assumed that
  /// of a store, as without fast strings.
  private static boolean counted(X86Core c, long imm) {
    return counted(c, imm, 1);
  }

  private static boolean counted(X86Core c, long imm, int elements) {
    c.spend(CostClass.STORE, elements);
    if ((imm & REPEATED) == 0) {
      return false;
    }
    c.r[X86Core.RCX] = cutAddress(c.r[X86Core.RCX] - elements, imm);
    return more(c, imm);
  }

  /// Elements that may be done at once if they lie well: of those that are left in this go, all that are to be done.
  /// The first of a line is done by itself, which brings the line in.
  private static int block(X86Core c, long imm, int left) {
    return (c.systemFlags & X86Core.DF) != 0 ? 0 : (int) Math.min(left, pointer(c, X86Core.RCX, imm) & Long.MAX_VALUE);
  }

  /// Behind elements of MOVS, or of STOS, which has no source: whether another may follow.
  private static boolean moved(X86Core c, long w, long imm, int elements, boolean source) {
    if (source) {
      advance(c, X86Core.RSI, w, imm, elements);
    }
    advance(c, X86Core.RDI, w, imm, elements);
    return counted(c, imm, elements);
  }

  static int movs(X86Core c, long w, long imm) {
    if (!more(c, imm)) {
      return nothing(c, imm, 2);
    }
    int width = Uop.width(w);
    for (int i = chunk(c); i > 0; ) {
      long value = c.load(source(c, w, imm), width, 0);
      if (c.faultCode != 0 || !c.store(pointer(c, X86Core.RDI, imm), value, width, 0)) {
        return Outcome.FAULT;
      }
      if (!moved(c, w, imm, 1, true)) {
        return Outcome.OK;
      }
      int block = c.copy(source(c, w, imm), pointer(c, X86Core.RDI, imm), width, block(c, imm, i - 1));
      if (!moved(c, w, imm, block, true)) {
        return Outcome.OK;
      }
      i -= 1 + block;
    }
    return again(c);
  }

  static int stos(X86Core c, long w, long imm) {
    if (!more(c, imm)) {
      return nothing(c, imm, 1);
    }
    int width = Uop.width(w);
    for (int i = chunk(c); i > 0; ) {
      if (!c.store(pointer(c, X86Core.RDI, imm), c.r[X86Core.RAX], width, 0)) {
        return Outcome.FAULT;
      }
      if (!moved(c, w, imm, 1, false)) {
        return Outcome.OK;
      }
      int block = c.fill(pointer(c, X86Core.RDI, imm), c.r[X86Core.RAX], width, block(c, imm, i - 1));
      if (!moved(c, w, imm, block, false)) {
        return Outcome.OK;
      }
      i -= 1 + block;
    }
    return again(c);
  }

  static int lods(X86Core c, long w, long imm) {
    if (!more(c, imm)) {
      return nothing(c, imm, 0);
    }
    for (int i = chunk(c); i > 0; i--) {
      long value = c.load(source(c, w, imm), Uop.width(w), 0);
      if (c.faultCode != 0) {
        return Outcome.FAULT;
      }
      X86Helpers.writeRegister(c, X86Core.RAX, value, Uop.width(w));
      advance(c, X86Core.RSI, w, imm);
      if (!counted(c, imm)) {
        return Outcome.OK;
      }
    }
    return again(c);
  }

  /// Whether REPE or REPNE ends behind elements `a` and `b`.
  private static boolean ends(long imm, long a, long b) {
    return (imm & REPE) != 0 ? a != b : a == b;
  }

  /// A fault leaves the flags as they were before the instruction (SDM vol. 2B REP); on AMD's CPUs as of the last
  /// comparison (measured on Zen 4).
  private static void keepFlags(X86Core c, long w, long a, long b) {
    if (c.amd) {
      compared(c, w, a, b);
    }
  }

  /// Flags of the last comparison.
  private static int compared(X86Core c, long w, long a, long b) {
    int width = Uop.width(w);
    c.flags.set(Flags.SUB, width, a, b, X86Helpers.cut(a - b, width));
    return Outcome.OK;
  }

  static int scas(X86Core c, long w, long imm) {
    if (!more(c, imm)) {
      return nothing(c, imm, 0);
    }
    int width = Uop.width(w);
    long a = X86Helpers.cut(c.r[X86Core.RAX], width);
    for (int i = chunk(c); i > 0; i--) {
      long b = c.load(pointer(c, X86Core.RDI, imm), width, 0);
      if (c.faultCode != 0) {
        return Outcome.FAULT;
      }
      advance(c, X86Core.RDI, w, imm);
      if (!counted(c, imm) || ends(imm, a, b)) {
        return compared(c, w, a, b);
      }
      keepFlags(c, w, a, b);
    }
    return again(c);
  }

  /// A fault of the second operand, at RDI, comes first, but in REPE CMPSB on AMD's CPUs (measured on Zen 4, which
  /// differ in nothing else here from Intel's as far as is known).
  static int cmps(X86Core c, long w, long imm) {
    if (!more(c, imm)) {
      return nothing(c, imm, 0);
    }
    int width = Uop.width(w);
    boolean sourceFirst = c.amd && width == 0 && (imm & REPE) != 0;
    for (int i = chunk(c); i > 0; i--) {
      long first = c.load(sourceFirst ? source(c, w, imm) : pointer(c, X86Core.RDI, imm), width, 0);
      long second = c.faultCode != 0
          ? 0 : c.load(sourceFirst ? pointer(c, X86Core.RDI, imm) : source(c, w, imm), width, 0);
      if (c.faultCode != 0) {
        return Outcome.FAULT;
      }
      long a = sourceFirst ? first : second;
      long b = sourceFirst ? second : first;
      advance(c, X86Core.RSI, w, imm);
      advance(c, X86Core.RDI, w, imm);
      if (!counted(c, imm) || ends(imm, a, b)) {
        return compared(c, w, a, b);
      }
      keepFlags(c, w, a, b);
    }
    return again(c);
  }
}
