package dev.crosspatch.isa.x86;

import dev.crosspatch.core.cpu.Outcome;
import dev.crosspatch.core.uop.Uop;

/// MMX at run time (SDM vol. 1 chapter 9; vol. 3 chapter 13). Its registers are x87's significands. An instruction that
/// touches one waits for an exception of x87's that is pending, then makes R0 the top of the stack and all registers
/// valid; EMMS makes them empty.
///
/// A helper's micro-op names registers of MMX as `dst`, `a` and `b`, or a general or vector one where the instruction
/// has one, and memory as those of vectors do ([X86Vectors]).
final class X86Mmx {
  private X86Mmx() {}

  /// Words of [X86Core#v] with the second source and the first, as what shifts both of them wants them; and the first
  /// and the second, as what makes one of both does.
  private static final int SECOND = X86Vectors.at(X86Vectors.LOADED);

  private static final int FIRST = SECOND + 2;
  private static final int RESULT = X86Vectors.at(X86Vectors.RESULT);

  // ---- whether it may run, and what it leaves

  /// #UD with CR0.EM, #NM with CR0.TS, #MF with an exception pending; else whether it may run.
  private static boolean ready(X86Core c) {
    if ((c.cr0 & X86Core.CR0_EM) != 0) {
      c.fault(X86Exceptions.UD, 0);
      return false;
    }
    return X86X87.ready(c, true);
  }

  /// As [#ready(X86Core)] of what has to do with vector registers, too.
  private static boolean readyBoth(X86Core c, long w) {
    return X86Vectors.ready(c, w) && X86X87.ready(c, true);
  }

  private static int entered(X86Core c) {
    c.x87.enterMmx(true);
    return Outcome.OK;
  }

  private static int write(X86Core c, int register, long value) {
    c.x87.enterMmx(true);
    c.x87.setMmx(register, value);
    return Outcome.OK;
  }

  static int empty(X86Core c, long w, long imm) {
    if (!ready(c)) {
      return Outcome.FAULT;
    }
    c.x87.enterMmx(false);
    return Outcome.OK;
  }

  // ---- operands

  private static boolean isMemory(long w) {
    return (Uop.flags(w) & X86Vectors.MEMORY) != 0;
  }

  /// The second source; what is loaded may fault.
  private static long second(X86Core c, long w) {
    return isMemory(w) ? c.load(c.r[Uop.c(w)], Uop.width(w), 0) : c.x87.mmx(Uop.b(w));
  }

  /// As [#second] where that is a general register or memory.
  private static long general(X86Core c, long w) {
    return isMemory(w) ? c.load(c.r[Uop.c(w)], Uop.width(w), 0) : X86Helpers.cut(c.r[Uop.b(w)], Uop.width(w));
  }

  // ---- arithmetic, which vectors have

  /// Half a lane: word 0 of what a lane makes of two sources of 64 bits.
  static X86Helper lanes(X86Lane lane) {
    return half(lane, 0);
  }

  /// Word 1 of it.
  static X86Helper upper(X86Lane lane) {
    return half(lane, 1);
  }

  private static X86Helper half(X86Lane lane, int word) {
    return (c, w, imm) -> {
      if (!ready(c)) {
        return Outcome.FAULT;
      }
      long first = c.x87.mmx(Uop.a(w));
      long second = second(c, w);
      if (c.faultCode != 0) {
        return Outcome.FAULT;
      }
      X86VectorMoves.set(c, SECOND, second, first);
      X86VectorMoves.set(c, FIRST, first, second);
      lane.run(c, RESULT, FIRST, SECOND, (int) imm);
      return write(c, Uop.dst(w), c.v[RESULT + word]);
    };
  }

  // ---- moves

  static int store(X86Core c, long w, long imm) {
    return ready(c) && c.store(c.r[Uop.c(w)], c.x87.mmx(Uop.a(w)), Uop.width(w), 0) ? entered(c) : Outcome.FAULT;
  }

  static int toRegister(X86Core c, long w, long imm) {
    if (!ready(c)) {
      return Outcome.FAULT;
    }
    c.r[Uop.dst(w)] = X86Helpers.cut(c.x87.mmx(Uop.a(w)), Uop.width(w));
    return entered(c);
  }

  static int fromGeneral(X86Core c, long w, long imm) {
    if (!ready(c)) {
      return Outcome.FAULT;
    }
    long value = general(c, w);
    return c.faultCode == 0 ? write(c, Uop.dst(w), value) : Outcome.FAULT;
  }

  /// PINSRW.
  static int insertWord(X86Core c, long w, long imm) {
    if (!ready(c)) {
      return Outcome.FAULT;
    }
    long value = X86VectorMoves.replaced(c.x87.mmx(Uop.a(w)), 16 * ((int) imm & 3), 1, general(c, w));
    return c.faultCode == 0 ? write(c, Uop.dst(w), value) : Outcome.FAULT;
  }

  /// Gives a general register a value of one word.
  static X86Helper toGeneral(X86Vectors.Result result) {
    return (c, w, imm) -> {
      if (!ready(c)) {
        return Outcome.FAULT;
      }
      c.v[SECOND] = c.x87.mmx(Uop.b(w));
      c.r[Uop.dst(w)] = result.of(c, SECOND, 1, (int) imm);
      return entered(c);
    };
  }

  /// MASKMOVQ.
  static int maskMove(X86Core c, long w, long imm) {
    if (!ready(c)) {
      return Outcome.FAULT;
    }
    c.v[FIRST] = c.x87.mmx(Uop.a(w));
    c.v[SECOND] = c.x87.mmx(Uop.b(w));
    int chosen = (int) X86VectorMoves.mask(c, SECOND, 1, 8);
    return X86VectorMoves.storeChosen(c, c.r[Uop.c(w)], FIRST, chosen, 8) == Outcome.OK ? entered(c) : Outcome.FAULT;
  }

  /// MOVQ2DQ.
  static int toVector(X86Core c, long w, long imm) {
    if (!readyBoth(c, w)) {
      return Outcome.FAULT;
    }
    X86Vectors.write(c, w, c.x87.mmx(Uop.b(w)), 0);
    return entered(c);
  }

  /// MOVDQ2Q.
  static int fromVector(X86Core c, long w, long imm) {
    return readyBoth(c, w) ? write(c, Uop.dst(w), c.v[X86Vectors.second(w)]) : Outcome.FAULT;
  }

  // ---- conversions of two elements. x87 is left for MMX even if an exception traps then (measured on Zen 3)

  /// CVTPI2PS, CVTPI2PD: to elements of `to` bits; what is left of the destination stays. Two doublewords of memory
  /// leave x87 alone if they become doubles (SDM vol. 2A CVTPI2PD), on AMD's CPUs singles as well (measured on Zen 3).
  static X86Helper toFloats(int to, X86Floats.Conversion conversion) {
    return (c, w, imm) -> {
      boolean alone = isMemory(w) && (to == 64 || c.amd);
      if (!X86Vectors.ready(c, w) || (!alone && !X86X87.ready(c, true))) {
        return Outcome.FAULT;
      }
      c.v[SECOND] = second(c, w);
      if (c.faultCode != 0) {
        return Outcome.FAULT;
      }
      if (!alone) {
        c.x87.enterMmx(true);
      }
      X86Floats.begin(c);
      X86Floats.convert(c, 32, to, SECOND, 2, conversion, 0);
      return X86Floats.finish(c, w, to / 32);
    };
  }

  /// CVTPS2PI, CVTPD2PI and those that truncate: of elements of `from` bits.
  static X86Helper fromFloats(int from, X86Floats.Conversion conversion) {
    return (c, w, imm) -> {
      if (!readyBoth(c, w) || !X86Vectors.operands(c, w)) {
        return Outcome.FAULT;
      }
      c.x87.enterMmx(true);
      X86Floats.begin(c);
      X86Floats.convert(c, from, 32, X86Vectors.second(w), 2, conversion, 0);
      return X86Floats.mayWrite(c) ? write(c, Uop.dst(w), c.v[RESULT]) : Outcome.FAULT;
    };
  }
}
