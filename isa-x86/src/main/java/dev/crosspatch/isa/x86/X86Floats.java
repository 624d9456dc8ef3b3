package dev.crosspatch.isa.x86;

import dev.crosspatch.core.cpu.Outcome;
import dev.crosspatch.core.fp.FloatFormat;
import dev.crosspatch.core.fp.FloatOrder;
import dev.crosspatch.core.fp.FloatUnit;
import dev.crosspatch.core.fp.Rounding;
import dev.crosspatch.core.uop.Flags;
import dev.crosspatch.core.uop.Uop;
import java.util.Arrays;

/// MXCSR and its exceptions (SDM vol. 1 10.2.3, 11.5), and what floating-point helpers are made of: operations on an
/// element, done for all of them, or for the lowest one.
///
/// No register is written before it is known that no exception traps.
final class X86Floats {
  private X86Floats() {}

  static final int MXCSR_RESET = 0x1f80;
  /// Bits that may be set: MXCSR_MASK of FXSAVE.
  static final int MXCSR_MASK = 0xffff;

  private static final int EXCEPTIONS = 0x3f;
  private static final int DENORMALS_ARE_ZERO = 1 << 6;
  private static final int UNDERFLOW_MASK = 1 << 11;
  private static final int FLUSH_TO_ZERO = 1 << 15;
  private static final Rounding[] ROUNDINGS = {Rounding.NEAREST_EVEN, Rounding.DOWN, Rounding.UP, Rounding.ZERO};

  /// The rounding that two bits choose.
  static Rounding rounding(int bits) {
    return ROUNDINGS[bits & 3];
  }

  static void setMxcsr(X86Core c, int value) {
    c.mxcsr = value;
    c.fp.rounding = rounding(value >> 13);
    c.fp.flushInputs = (value & DENORMALS_ARE_ZERO) != 0;
    c.fp.trapped = ~(value >> 7) & EXCEPTIONS;
    c.fp.flushResults = (value & FLUSH_TO_ZERO) != 0 && (value & UNDERFLOW_MASK) != 0;
  }

  // ---- exceptions

  /// An instruction begins.
  static void begin(X86Core c) {
    c.fp.exceptions = 0;
  }

  /// Whether it may write its results: notes its exceptions in MXCSR; one that is not masked is #XM, or where the
  /// system does not know of it #UD.
  static boolean mayWrite(X86Core c) {
    boolean traps = c.fp.traps();
    c.mxcsr |= c.fp.exceptions;
    if (traps) {
      c.fault((c.cr4 & X86Core.CR4_OSXMMEXCPT) != 0 ? X86Exceptions.XM : X86Exceptions.UD, 0);
    }
    return !traps;
  }

  /// Whether no exception so far traps; those so far are noted then. For instructions of several steps.
  static boolean mayGoOn(X86Core c) {
    if (c.fp.traps()) {
      return false;
    }
    c.mxcsr |= c.fp.exceptions;
    c.fp.exceptions = 0;
    return true;
  }

  // ---- elements of words of X86Core#v

  static long get(X86Core c, int at, int bits, int i) {
    int bit = i * bits;
    return bits == 64 ? c.v[at + i] : c.v[at + (bit >> 6)] << (64 - bits - (bit & 63)) >>> (64 - bits);
  }

  static void set(X86Core c, int at, int bits, int i, long value) {
    int bit = i * bits;
    long mask = bits == 64 ? -1 : (1L << bits) - 1;
    int shift = bit & 63;
    int word = at + (bit >> 6);
    c.v[word] = (c.v[word] & ~(mask << shift)) | (value & mask) << shift;
  }

  // ---- helpers

  /// What is done with an element of either source.
  interface Operation {
    long of(FloatUnit u, FloatFormat f, long a, long b, int imm);
  }

  private static int words(long w) {
    return (Uop.flags(w) & X86Vectors.LONG) != 0 ? 4 : 2;
  }

  private static final int RESULT = X86Vectors.at(X86Vectors.RESULT);

  /// Writes `words` words of the result to the destination, if no exception traps.
  static int finish(X86Core c, long w, int words) {
    if (!mayWrite(c)) {
      return Outcome.FAULT;
    }
    System.arraycopy(c.v, RESULT, c.v, X86Vectors.dst(w), words);
    return words == 4 ? Outcome.OK : X86Vectors.written(c, w);
  }

  /// All elements.
  static X86Helper packed(FloatFormat f, Operation operation) {
    return (c, w, imm) -> {
      if (!X86Vectors.operands(c, w)) {
        return Outcome.FAULT;
      }
      begin(c);
      int a = X86Vectors.first(w);
      int b = X86Vectors.second(w);
      int words = words(w);
      for (int i = 0; i < words * 64 / f.bits; i++) {
        set(c, RESULT, f.bits, i, operation.of(c.fp, f, get(c, a, f.bits, i), get(c, b, f.bits, i), (int) imm));
      }
      return finish(c, w, words);
    };
  }

  /// The lowest element; the rest of 128 bits is the first source's.
  static X86Helper scalar(FloatFormat f, Operation operation) {
    return (c, w, imm) -> {
      if (!X86Vectors.operands(c, w)) {
        return Outcome.FAULT;
      }
      begin(c);
      int a = X86Vectors.first(w);
      c.v[RESULT] = c.v[a];
      c.v[RESULT + 1] = c.v[a + 1];
      int b = X86Vectors.second(w);
      set(c, RESULT, f.bits, 0, operation.of(c.fp, f, get(c, a, f.bits, 0), get(c, b, f.bits, 0), (int) imm));
      return finish(c, w, 2);
    };
  }

  /// FMA: `a * b + addend`, where the three are numbers of operands (1 the destination), as in the instruction's name.
  static X86Helper fused(FloatFormat f, int order, boolean scalar, Fused operation) {
    return (c, w, imm) -> {
      if (!X86Vectors.operands(c, w)) {
        return Outcome.FAULT;
      }
      begin(c);
      int[] at = {0, X86Vectors.dst(w), X86Vectors.first(w), X86Vectors.second(w)};
      int words = scalar ? 2 : words(w);
      System.arraycopy(c.v, X86Vectors.dst(w), c.v, RESULT, words);
      for (int i = 0; i < (scalar ? 1 : words * 64 / f.bits); i++) {
        long a = get(c, at[order / 100], f.bits, i);
        long b = get(c, at[order / 10 % 10], f.bits, i);
        set(c, RESULT, f.bits, i, operation.of(c.fp, f, a, b, get(c, at[order % 10], f.bits, i), i));
      }
      return finish(c, w, words);
    };
  }

  interface Fused {
    long of(FloatUnit u, FloatFormat f, long a, long b, long addend, int i);
  }

  /// What is done with 128 bits at a time.
  static X86Helper lanes(X86Lane lane) {
    return whole((c, d, a, b, words, imm) -> {
      for (int i = 0; i < words; i += 2) {
        lane.run(c, d + i, a + i, b + i, imm);
      }
    });
  }

  static X86Helper whole(X86Vectors.Whole whole) {
    return (c, w, imm) -> {
      if (!X86Vectors.operands(c, w)) {
        return Outcome.FAULT;
      }
      begin(c);
      whole.run(c, RESULT, X86Vectors.first(w), X86Vectors.second(w), words(w), (int) imm);
      return finish(c, w, words(w));
    };
  }

  // ---- conversions

  interface Conversion {
    long of(FloatUnit u, long a, int imm);
  }

  static Conversion fromDoubleword(FloatFormat f) {
    return (u, a, imm) -> u.fromInteger(f, a, 32, true, 0);
  }

  static Conversion toDoubleword(FloatFormat f, boolean truncates) {
    return (u, a, imm) -> u.toInteger(f, a, 32, true, 0, truncates ? Rounding.ZERO : u.rounding);
  }

  /// The result's first `n` elements of `to` bits, of those of `from` bits from word `b` on.
  static void convert(X86Core c, int from, int to, int b, int n, Conversion conversion, int imm) {
    for (int i = 0; i < n; i++) {
      set(c, RESULT, to, i, conversion.of(c.fp, get(c, b, from, i), imm));
    }
  }

  /// Elements of `from` bits become elements of `to`; as many as the wider ones are. What is left of the destination
  /// is zero.
  static X86Helper convert(int from, int to, Conversion conversion) {
    return (c, w, imm) -> {
      if (!X86Vectors.operands(c, w)) {
        return Outcome.FAULT;
      }
      begin(c);
      int b = X86Vectors.second(w);
      Arrays.fill(c.v, RESULT, RESULT + 4, 0);
      convert(c, from, to, b, words(w) * 64 / Math.max(from, to), conversion, (int) imm);
      return finish(c, w, (Uop.flags(w) & X86Vectors.VEX) != 0 ? 4 : 2);
    };
  }

  /// The lowest element becomes one of another format; the rest of 128 bits is the first source's.
  static X86Helper convertScalar(int from, int to, Conversion conversion) {
    return (c, w, imm) -> {
      if (!X86Vectors.operands(c, w)) {
        return Outcome.FAULT;
      }
      begin(c);
      System.arraycopy(c.v, X86Vectors.first(w), c.v, RESULT, 2);
      set(c, RESULT, to, 0, conversion.of(c.fp, get(c, X86Vectors.second(w), from, 0), (int) imm));
      return finish(c, w, 2);
    };
  }

  /// A general register of `8 << width` bits, or memory, becomes the lowest element.
  static X86Helper fromGeneral(FloatFormat f) {
    return (c, w, imm) -> {
      if (!X86Vectors.operands(c, w)) {
        return Outcome.FAULT;
      }
      begin(c);
      System.arraycopy(c.v, X86Vectors.first(w), c.v, RESULT, 2);
      set(c, RESULT, f.bits, 0, c.fp.fromInteger(f, X86Vectors.general(c, w), 8 << Uop.width(w), true, 0));
      return finish(c, w, 2);
    };
  }

  /// The lowest element becomes an integer of `8 << imm` bits in a general register.
  static X86Helper toGeneral(FloatFormat f, boolean truncates) {
    return (c, w, imm) -> {
      if (!X86Vectors.operands(c, w)) {
        return Outcome.FAULT;
      }
      begin(c);
      long value = get(c, X86Vectors.second(w), f.bits, 0);
      Rounding rounding = truncates ? Rounding.ZERO : c.fp.rounding;
      long integer = c.fp.toInteger(f, value, 8 << (int) imm, true, 0, rounding);
      if (!mayWrite(c)) {
        return Outcome.FAULT;
      }
      c.r[Uop.dst(w)] = integer;
      return Outcome.OK;
    };
  }

  /// COMISS and kin.
  static X86Helper compare(FloatFormat f, boolean signalling) {
    return (c, w, imm) -> {
      if (!X86Vectors.operands(c, w)) {
        return Outcome.FAULT;
      }
      begin(c);
      FloatOrder order = c.fp.compare(f, get(c, X86Vectors.first(w), f.bits, 0),
          get(c, X86Vectors.second(w), f.bits, 0), signalling);
      if (!mayWrite(c)) {
        return Outcome.FAULT;
      }
      setFlags(c, order);
      return Outcome.OK;
    };
  }

  /// ZF, PF and CF as a comparison sets them; the others are clear.
  static void setFlags(X86Core c, FloatOrder order) {
    c.flags.set(switch (order) {
      case LESS -> Flags.CF;
      case EQUAL -> Flags.ZF;
      case GREATER -> 0;
      case UNORDERED -> Flags.ZF | Flags.PF | Flags.CF;
    });
  }

  static int loadMxcsr(X86Core c, long w, long imm) {
    if (!X86Vectors.operands(c, w)) {
      return Outcome.FAULT;
    }
    long value = X86Vectors.general(c, w);
    if ((value & ~MXCSR_MASK) != 0) {
      return c.generalProtection();
    }
    setMxcsr(c, (int) value);
    return Outcome.OK;
  }

  static int storeMxcsr(X86Core c, long w, long imm) {
    if (!X86Vectors.ready(c, w)) {
      return Outcome.FAULT;
    }
    return c.store(c.r[Uop.c(w)], c.mxcsr, 2, 0) ? Outcome.OK : Outcome.FAULT;
  }
}
