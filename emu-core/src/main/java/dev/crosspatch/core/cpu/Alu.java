package dev.crosspatch.core.cpu;

import dev.crosspatch.core.mem.CodeLine;
import dev.crosspatch.core.uop.Uop;

/// Arithmetic of micro-ops. `w` is the micro-op word: width and flags are read from it.
final class Alu {
  private Alu() {}

  /// 64 minus the operand size in bits, as code lines keep it. Only the low six bits count, as in any shift.
  private static int shift(long w) {
    return (int) (w >>> CodeLine.CUT_SHIFT);
  }

  /// Zero-extension from the operand width.
  static long cut(long x, long w) {
    int s = shift(w);
    return x << s >>> s;
  }

  /// Sign-extension from the operand width.
  static long signed(long x, long w) {
    int s = shift(w);
    return x << s >> s;
  }

  /// A shift count, modulo 32 or 64.
  static int count(long n, long w) {
    return (int) n & (Uop.width(w) == 3 ? 63 : 31);
  }

  /// Extension as the flags say: from the operand width, then to 32 bits with F_WORD.
  static long extend(long x, long w) {
    long wide = (Uop.flags(w) & Uop.F_SIGNED) != 0 ? signed(x, w) : cut(x, w);
    return (Uop.flags(w) & Uop.F_WORD) != 0 ? wide & 0xffff_ffffL : wide;
  }

  static long rotate(long a, long n, long w) {
    return switch (Uop.width(w)) {
      case 3 -> Long.rotateRight(a, (int) n);
      case 2 -> Integer.rotateRight((int) a, (int) n) & 0xffff_ffffL;
      default -> narrowRotate(cut(a, w), (int) n & (8 << Uop.width(w)) - 1, 8 << Uop.width(w));
    };
  }

  private static long narrowRotate(long a, int n, int bits) {
    return (a >>> n | a << (bits - n)) & ((1L << bits) - 1);
  }

  // ---- with flags

  static long add(Flags f, long a, long b, long w) {
    long result = cut(a + b, w);
    f.set(Flags.ADD, Uop.width(w), a, b, result);
    return result;
  }

  static long sub(Flags f, int kind, long a, long b, long w) {
    long result = cut(a - b, w);
    f.set(kind, Uop.width(w), a, b, result);
    return result;
  }

  static long logic(Flags f, long value, long w) {
    long result = cut(value, w);
    f.set(Flags.LOGIC, Uop.width(w), result, 0, result);
    return result;
  }

  /// Increment or decrement; CF stays.
  static long step(Flags f, int kind, long a, long w) {
    boolean carry = f.carry();
    long result = cut(kind == Flags.INC ? a + 1 : a - 1, w);
    f.set(kind, Uop.width(w), a, 1, result);
    f.carry = carry;
    return result;
  }

  private static long addCarry(Flags f, long a, long b, long w) {
    boolean carry = f.carry();
    long result = cut(a + b + (carry ? 1 : 0), w);
    f.set(Flags.ADC, Uop.width(w), a, b, result);
    f.carry = carry;
    return result;
  }

  private static long subBorrow(Flags f, long a, long b, long w) {
    boolean borrow = f.carry();
    long result = cut(a - b - (borrow ? 1 : 0), w);
    f.set(Flags.SBB, Uop.width(w), a, b, result);
    f.carry = borrow;
    return result;
  }

  /// A load with flags.
  static long load(DataPort data, long va, long w) {
    long value = data.load(va, Uop.width(w), Uop.flags(w));
    return extend(value, w);
  }

  /// Whether a branch that depends on a register is taken.
  static boolean taken(long a, long w) {
    return switch (Uop.op(w)) {
      case Uop.JZ -> cut(a, w) == 0;
      case Uop.JNZ -> cut(a, w) != 0;
      case Uop.JBC -> (a >>> Uop.aux(w) & 1) == 0;
      default -> (a >>> Uop.aux(w) & 1) != 0;
    };
  }

  // ---- rare operations

  /// Runs a micro-op the interpreter has no arm for.
  ///
  /// @throws IllegalStateException if there is no such micro-op
  static void rare(Core c, long w, long imm) {
    long a = c.r[Uop.a(w)];
    long b = c.r[Uop.b(w)];
    Flags f = c.flags;
    c.r[Uop.dst(w)] =
        switch (Uop.op(w)) {
          case Uop.ADCF -> addCarry(f, a, b, w);
          case Uop.SBBF -> subBorrow(f, a, b, w);
          case Uop.ADC -> cut(a + b + (f.carry() ? 1 : 0), w);
          case Uop.SBB -> cut(a - b - (f.carry() ? 1 : 0), w);
          case Uop.MULHU -> Math.unsignedMultiplyHigh(a, b);
          case Uop.MULHS -> Math.multiplyHigh(a, b);
          case Uop.UDIV -> unsignedQuotient(cut(a, w), cut(b, w));
          case Uop.SDIV -> cut(signedQuotient(signed(a, w), signed(b, w)), w);
          case Uop.CLZ -> Long.numberOfLeadingZeros(cut(a, w)) - (64 - (8 << Uop.width(w)));
          case Uop.CTZ -> Math.min(Long.numberOfTrailingZeros(cut(a, w)), 8 << Uop.width(w));
          case Uop.POPCNT -> Long.bitCount(cut(a, w));
          case Uop.RBIT -> Long.reverse(a) >>> shift(w);
          case Uop.REV -> cut(reverseBytes(a, Uop.aux(w)), w);
          case Uop.BFX -> field(a, imm, w);
          case Uop.BFI -> insert(c.r[Uop.dst(w)], a, imm, w);
          case Uop.EXTR -> extract(a, b, (int) imm, w);
          default -> throw new IllegalStateException("no micro-op has number " + Uop.op(w));
        };
  }

  private static long unsignedQuotient(long a, long b) {
    return b == 0 ? 0 : Long.divideUnsigned(a, b);
  }

  private static long signedQuotient(long a, long b) {
    return b == 0 ? 0 : a / b;
  }

  /// Bytes reversed within each group of `1 << log` bytes.
  private static long reverseBytes(long a, int log) {
    return switch (log) {
      case 1 -> (a & 0x00ff00ff00ff00ffL) << 8 | (a >>> 8 & 0x00ff00ff00ff00ffL);
      case 2 -> Long.rotateLeft(Long.reverseBytes(a), 32);
      default -> Long.reverseBytes(a);
    };
  }

  private static long field(long a, long imm, long w) {
    int left = 64 - (int) (imm >> 7 & 0x7f);
    long up = a >>> (imm & 0x7f) << left;
    return cut((Uop.flags(w) & Uop.F_SIGNED) != 0 ? up >> left : up >>> left, w);
  }

  private static long insert(long old, long a, long imm, long w) {
    int bits = (int) (imm >> 7 & 0x7f);
    long mask = (bits == 64 ? -1L : (1L << bits) - 1) << (imm & 0x7f);
    return cut((old & ~mask) | (a << (imm & 0x7f) & mask), w);
  }

  private static long extract(long a, long b, int from, long w) {
    int bits = 8 << Uop.width(w);
    int n = from & bits - 1;
    return n == 0 ? cut(b, w) : cut(cut(b, w) >>> n | a << (bits - n), w);
  }
}
