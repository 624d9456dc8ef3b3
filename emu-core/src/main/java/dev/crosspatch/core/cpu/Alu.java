package dev.crosspatch.core.cpu;

import dev.crosspatch.core.mem.CodeLine;
import dev.crosspatch.core.uop.Uop;

/// Arithmetic of micro-ops. `high` is the upper half of the micro-op word, as code lines keep it: width, aux, flags and [CodeLine#CUT_SHIFT].
final class Alu {
  private Alu() {}

  /// 64 minus the operand size in bits. Only the low six bits count, as in any shift.
  private static int shift(int high) {
    return high >>> (CodeLine.CUT_SHIFT - 32);
  }

  private static int width(int high) {
    return high & 3;
  }

  private static int flags(int high) {
    return high >>> 12 & 0xff;
  }

  private static int aux(int high) {
    return high >>> 4 & 0xff;
  }

  /// Zero-extension from the operand width.
  static long cut(long x, int high) {
    int s = shift(high);
    return x << s >>> s;
  }

  /// Sign-extension from the operand width.
  static long signed(long x, int high) {
    int s = shift(high);
    return x << s >> s;
  }

  /// A shift count, modulo 32 or 64.
  static int count(long n, int high) {
    return (int) n & ~shift(high) & 63; // 64 minus the size is 0 or 32
  }

  /// Extension as the flags say: from the operand width, then to 32 bits with F_WORD.
  static long extend(long x, int high) {
    long wide = (flags(high) & Uop.F_SIGNED) != 0 ? signed(x, high) : cut(x, high);
    return (flags(high) & Uop.F_WORD) != 0 ? wide & 0xffff_ffffL : wide;
  }

  static long rotate(long a, long n, int high) {
    return switch (width(high)) {
      case 3 -> Long.rotateRight(a, (int) n);
      case 2 -> Integer.rotateRight((int) a, (int) n) & 0xffff_ffffL;
      default -> narrowRotate(cut(a, high), (int) n & (8 << width(high)) - 1, 8 << width(high));
    };
  }

  private static long narrowRotate(long a, int n, int bits) {
    return (a >>> n | a << (bits - n)) & ((1L << bits) - 1);
  }

  // ---- with flags

  static long add(Flags f, long a, long b, int high) {
    long result = cut(a + b, high);
    f.note(Flags.ADD, shift(high), a, b, result);
    return result;
  }

  static long sub(Flags f, int kind, long a, long b, int high) {
    long result = cut(a - b, high);
    f.note(kind, shift(high), a, b, result);
    return result;
  }

  static long logic(Flags f, long value, int high) {
    long result = cut(value, high);
    f.note(Flags.LOGIC, shift(high), result, 0, result);
    return result;
  }

  /// Increment or decrement; CF stays.
  static long step(Flags f, int kind, long a, int high) {
    boolean carry = f.carry();
    long result = cut(kind == Flags.INC ? a + 1 : a - 1, high);
    f.note(kind, shift(high), a, 1, result);
    f.carry = carry;
    return result;
  }

  private static long addCarry(Flags f, long a, long b, int high) {
    boolean carry = f.carry();
    long result = cut(a + b + (carry ? 1 : 0), high);
    f.note(Flags.ADC, shift(high), a, b, result);
    f.carry = carry;
    return result;
  }

  private static long subBorrow(Flags f, long a, long b, int high) {
    boolean borrow = f.carry();
    long result = cut(a - b - (borrow ? 1 : 0), high);
    f.note(Flags.SBB, shift(high), a, b, result);
    f.carry = borrow;
    return result;
  }

  /// Whether a branch that depends on a register is taken.
  static boolean taken(long a, int low, int high) {
    return switch (low & 0xff) {
      case Uop.JZ -> cut(a, high) == 0;
      case Uop.JNZ -> cut(a, high) != 0;
      case Uop.JBC -> (a >>> aux(high) & 1) == 0;
      default -> (a >>> aux(high) & 1) != 0;
    };
  }

  // ---- rare operations

  /// Runs a micro-op the interpreter has no arm for.
  ///
  /// @throws IllegalStateException if there is no such micro-op
  static void rare(Core c, long w, long imm) {
    int high = (int) (w >>> 32);
    long a = c.r[Uop.a(w)];
    long b = c.r[Uop.b(w)];
    Flags f = c.flags;
    c.r[Uop.dst(w)] =
        switch (Uop.op(w)) {
          case Uop.ADCF -> addCarry(f, a, b, high);
          case Uop.SBBF -> subBorrow(f, a, b, high);
          case Uop.ADC -> cut(a + b + (f.carry() ? 1 : 0), high);
          case Uop.SBB -> cut(a - b - (f.carry() ? 1 : 0), high);
          case Uop.MULHU -> Math.unsignedMultiplyHigh(a, b);
          case Uop.MULHS -> Math.multiplyHigh(a, b);
          case Uop.UDIV -> unsignedQuotient(cut(a, high), cut(b, high));
          case Uop.SDIV -> cut(signedQuotient(signed(a, high), signed(b, high)), high);
          case Uop.CLZ -> Long.numberOfLeadingZeros(cut(a, high)) - (64 - (8 << width(high)));
          case Uop.CTZ -> Math.min(Long.numberOfTrailingZeros(cut(a, high)), 8 << width(high));
          case Uop.POPCNT -> Long.bitCount(cut(a, high));
          case Uop.RBIT -> Long.reverse(a) >>> shift(high);
          case Uop.REV -> cut(reverseBytes(a, aux(high)), high);
          case Uop.BFX -> field(a, imm, high);
          case Uop.BFI -> insert(c.r[Uop.dst(w)], a, imm, high);
          case Uop.EXTR -> extract(a, b, (int) imm, high);
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

  private static long field(long a, long imm, int high) {
    int left = 64 - (int) (imm >> 7 & 0x7f);
    long up = a >>> (imm & 0x7f) << left;
    return cut((flags(high) & Uop.F_SIGNED) != 0 ? up >> left : up >>> left, high);
  }

  private static long insert(long old, long a, long imm, int high) {
    int bits = (int) (imm >> 7 & 0x7f);
    long mask = (bits == 64 ? -1L : (1L << bits) - 1) << (imm & 0x7f);
    return cut((old & ~mask) | (a << (imm & 0x7f) & mask), high);
  }

  private static long extract(long a, long b, int from, int high) {
    int bits = 8 << width(high);
    int n = from & bits - 1;
    return n == 0 ? cut(b, high) : cut(cut(b, high) >>> n | a << (bits - n), high);
  }
}
