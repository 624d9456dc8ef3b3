package dev.crosspatch.core.cpu;

import dev.crosspatch.core.mem.MicroOp;
import dev.crosspatch.core.uop.Flags;
import dev.crosspatch.core.uop.Uop;

/// Arithmetic of micro-ops. The interpreter cuts results to their width; what is told to flags is cut here.
final class Alu {
  private Alu() {}

  /// Zero-extension from the operand width.
  static long cut(long x, MicroOp op) {
    int s = op.cut;
    return x << s >>> s;
  }

  /// Sign-extension from the operand width.
  static long signed(long x, MicroOp op) {
    int s = op.cut;
    return x << s >> s;
  }

  /// A shift count, modulo 32 or 64.
  static int count(long n, MicroOp op) {
    return (int) n & ~op.cut & 63; // 64 minus the size is 0 or 32
  }

  /// Extension as the flags say: from the operand width, then to 32 bits with F_WORD.
  static long extend(long x, MicroOp op) {
    int s = 64 - (8 << op.width);
    long wide = (op.flags & Uop.F_SIGNED) != 0 ? x << s >> s : x << s >>> s;
    return (op.flags & Uop.F_WORD) != 0 ? wide & 0xffff_ffffL : wide;
  }

  static long rotate(long a, long n, MicroOp op) {
    return switch (op.width) {
      case 3 -> Long.rotateRight(a, (int) n);
      case 2 -> Integer.rotateRight((int) a, (int) n) & 0xffff_ffffL;
      default -> narrowRotate(cut(a, op), (int) n & (8 << op.width) - 1, 8 << op.width);
    };
  }

  private static long narrowRotate(long a, int n, int bits) {
    return (a >>> n | a << (bits - n)) & ((1L << bits) - 1);
  }

  // ---- with flags that take a carry in

  private static long addCarry(Flags f, long a, long b, MicroOp op) {
    boolean carry = f.carry();
    long result = cut(a + b + (carry ? 1 : 0), op);
    f.note(Flags.ADC, op.cut, a, b, result);
    f.carry = carry;
    return result;
  }

  private static long subBorrow(Flags f, long a, long b, MicroOp op) {
    boolean borrow = f.carry();
    long result = cut(a - b - (borrow ? 1 : 0), op);
    f.note(Flags.SBB, op.cut, a, b, result);
    f.carry = borrow;
    return result;
  }

  /// Shift left with flags, by a count not 0.
  static long shiftLeft(Flags f, long a, int n, MicroOp op) {
    int size = 8 << op.width;
    long operand = cut(a, op);
    long result = cut(operand << n, op);
    boolean carry = n <= size && (operand >>> (size - n) & 1) != 0;
    shifted(f, result, carry, (result >>> (size - 1)) ^ (carry ? 1 : 0), op);
    return result;
  }

  /// Shift right with flags, by a count not 0.
  static long shiftRight(Flags f, long a, int n, MicroOp op) {
    boolean arithmetic = op.row == Uop.SARF;
    long operand = arithmetic ? signed(a, op) : cut(a, op);
    long result = cut(arithmetic ? operand >> n : operand >>> n, op);
    shifted(f, result, (operand >>> (n - 1) & 1) != 0, arithmetic ? 0 : operand >>> ((8 << op.width) - 1), op);
    return result;
  }

  private static void shifted(Flags f, long result, boolean carry, long overflow, MicroOp op) {
    f.note(Flags.SHIFT, op.cut, 0, overflow, result);
    f.carry = carry;
  }

  /// Rotate with flags, by a count not 0, which may be a multiple of the operand size.
  static long rotateWithFlags(Flags f, long a, int n, MicroOp op) {
    boolean left = op.row == Uop.ROLF;
    long result = rotate(a, left ? -n : n, op);
    long top = result >>> ((8 << op.width) - 1);
    long carry = left ? result & 1 : top;
    long other = left ? top : result >>> ((8 << op.width) - 2) & 1;
    f.set((f.materialize() & ~(Flags.CF | Flags.OF)) | (int) carry | (carry == other ? 0 : Flags.OF));
    return result;
  }

  /// Whether a branch that depends on a register is taken.
  static boolean taken(long a, MicroOp op) {
    return switch (op.row) {
      case Uop.JZ -> a << op.cut == 0;
      case Uop.JNZ -> a << op.cut != 0;
      case Uop.JBC -> (a >>> op.aux & 1) == 0;
      default -> (a >>> op.aux & 1) != 0;
    };
  }

  // ---- rare operations

  /// Runs a micro-op the interpreter has no arm for.
  ///
  /// @throws IllegalStateException if there is no such micro-op
  static long rare(Core c, MicroOp op) {
    long a = c.r[op.a];
    long b = c.r[op.b];
    Flags f = c.flags;
    return switch (op.row) {
      case Uop.ADCF -> addCarry(f, a, b, op);
      case Uop.SBBF -> subBorrow(f, a, b, op);
      case Uop.ADC -> cut(a + b + (f.carry() ? 1 : 0), op);
      case Uop.SBB -> cut(a - b - (f.carry() ? 1 : 0), op);
      case Uop.UDIV -> unsignedQuotient(cut(a, op), cut(b, op));
      case Uop.SDIV -> cut(signedQuotient(signed(a, op), signed(b, op)), op);
      case Uop.CLZ -> Long.numberOfLeadingZeros(cut(a, op)) - (64 - (8 << op.width));
      case Uop.CTZ -> Math.min(Long.numberOfTrailingZeros(cut(a, op)), 8 << op.width);
      case Uop.POPCNT -> Long.bitCount(cut(a, op));
      case Uop.RBIT -> Long.reverse(a) >>> op.cut;
      case Uop.REV -> cut(reverseBytes(a, op.aux), op);
      default -> throw new IllegalStateException("no arm executes micro-op " + op.op);
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

  static long field(long a, long imm, MicroOp op) {
    int left = 64 - (int) (imm >> 7 & 0x7f);
    long up = a >>> (imm & 0x7f) << left;
    return (op.flags & Uop.F_SIGNED) != 0 ? up >> left : up >>> left;
  }

  static long insert(long old, long a, long imm) {
    int bits = (int) (imm >> 7 & 0x7f);
    long mask = (bits == 64 ? -1L : (1L << bits) - 1) << (imm & 0x7f);
    return (old & ~mask) | (a << (imm & 0x7f) & mask);
  }

  static long extract(long a, long b, int from, MicroOp op) {
    int bits = 8 << op.width;
    int n = from & bits - 1;
    return n == 0 ? b : cut(b, op) >>> n | a << (bits - n);
  }
}
