package dev.crosspatch.isa.x86;

import dev.crosspatch.core.cpu.Outcome;
import dev.crosspatch.core.uop.Flags;
import dev.crosspatch.core.uop.Uop;
import java.util.function.LongBinaryOperator;

/// Integer arithmetic on packed elements (SDM vol. 2, by mnemonic). What many programs spend their time with works on
/// all elements of a word at once.
final class X86Packed {
  private X86Packed() {}

  // ---- all elements at once: the top bits apart, so that no carry runs from one to the next

  /// The top bit of each element of so many bits.
  private static long tops(int bits) {
    return switch (bits) {
      case 8 -> 0x8080_8080_8080_8080L;
      case 16 -> 0x8000_8000_8000_8000L;
      case 32 -> 0x8000_0000_8000_0000L;
      default -> Long.MIN_VALUE;
    };
  }

  static X86Lane add(int bits) {
    long top = tops(bits);
    return X86Lane.words((a, b) -> (a & ~top) + (b & ~top) ^ ((a ^ b) & top));
  }

  static X86Lane subtract(int bits) {
    long top = tops(bits);
    return X86Lane.words((a, b) -> (a | top) - (b & ~top) ^ ((a ^ ~b) & top));
  }

  /// All ones where the elements are equal.
  static X86Lane equal(int bits) {
    long top = tops(bits);
    return X86Lane.words((a, b) -> {
      long x = a ^ b;
      long zero = ~((x & ~top) + ~top | x | ~top); // the top bit where x is 0
      return (zero >>> (bits - 1)) * (bits == 64 ? -1 : (1L << bits) - 1);
    });
  }

  // ---- an element at a time

  static X86Lane greater(int bits) {
    return X86Lane.signed(bits, (a, b) -> a > b ? -1 : 0);
  }

  private static long clamp(long value, long least, long most) {
    return Math.max(least, Math.min(most, value));
  }

  /// `f` with signed, or unsigned, saturation.
  static X86Lane saturatedSigned(int bits, LongBinaryOperator f) {
    long most = (1L << (bits - 1)) - 1;
    return X86Lane.signed(bits, (a, b) -> clamp(f.applyAsLong(a, b), -most - 1, most));
  }

  static X86Lane saturatedUnsigned(int bits, LongBinaryOperator f) {
    return X86Lane.unsigned(bits, (a, b) -> clamp(f.applyAsLong(a, b), 0, (1L << bits) - 1));
  }

  /// PSIGNB and kin.
  static X86Lane sign(int bits) {
    return X86Lane.signed(bits, (a, b) -> b < 0 ? -a : b == 0 ? 0 : a);
  }

  private static long low(long a) {
    return (int) a;
  }

  private static long word(long a, int i) {
    return (short) (a >>> (16 * i));
  }

  static long multiplyAdd(long a, long b) {
    return (word(a, 0) * word(b, 0) + word(a, 1) * word(b, 1) & 0xffff_ffffL)
        | (word(a, 2) * word(b, 2) + word(a, 3) * word(b, 3)) << 32;
  }

  /// PMULDQ, PMULUDQ.
  static long multiplySigned(long a, long b) {
    return low(a) * low(b);
  }

  static long multiplyUnsigned(long a, long b) {
    return (a & 0xffff_ffffL) * (b & 0xffff_ffffL);
  }

  /// PMADDUBSW: bytes of `a` without sign, of `b` with.
  static long multiplyAddBytes(long a, long b) {
    long out = 0;
    for (int at = 0; at < 64; at += 16) {
      long sum = (a >>> at & 0xff) * (byte) (b >>> at) + (a >>> (at + 8) & 0xff) * (byte) (b >>> (at + 8));
      out |= (clamp(sum, Short.MIN_VALUE, Short.MAX_VALUE) & 0xffff) << at;
    }
    return out;
  }

  static long sumOfDifferences(long a, long b) {
    long sum = 0;
    for (int at = 0; at < 64; at += 8) {
      sum += Math.abs((a >>> at & 0xff) - (b >>> at & 0xff));
    }
    return sum;
  }

  // ---- shifts: all elements by one count, of 64 bits or of an immediate

  private static LongBinaryOperator left(int bits) {
    return (a, n) -> n < 0 || n >= bits ? 0 : a << n;
  }

  private static LongBinaryOperator right(int bits) {
    return (a, n) -> n < 0 || n >= bits ? 0 : a >>> n;
  }

  private static LongBinaryOperator arithmetic(int bits) {
    return (a, n) -> a >> (n < 0 || n >= bits ? bits - 1 : n);
  }

  private static long shifted(long word, long count, int bits, boolean signed, LongBinaryOperator f) {
    int unused = 64 - bits;
    long out = 0;
    for (int at = 0; at < 64; at += bits) {
      long high = word << (unused - at);
      out |= f.applyAsLong(signed ? high >> unused : high >>> unused, count) << unused >>> (unused - at);
    }
    return out;
  }

  /// A shift by the count in the second source, or in the immediate if `immediate`.
  private static X86Lane shift(int bits, boolean immediate, boolean signed, LongBinaryOperator f) {
    return (c, d, a, b, imm) -> {
      long n = immediate ? imm & 0xff : c.v[b];
      int of = immediate ? b : a;
      X86VectorMoves.set(c, d, shifted(c.v[of], n, bits, signed, f), shifted(c.v[of + 1], n, bits, signed, f));
    };
  }

  static X86Lane shiftLeft(int bits, boolean immediate) {
    return shift(bits, immediate, false, left(bits));
  }

  static X86Lane shiftRight(int bits, boolean immediate) {
    return shift(bits, immediate, false, right(bits));
  }

  static X86Lane shiftArithmetic(int bits, boolean immediate) {
    return shift(bits, immediate, true, arithmetic(bits));
  }

  /// AVX2: each element by its own count.
  static X86Lane variable(int bits, int kind) {
    return switch (kind) {
      case 0 -> X86Lane.unsigned(bits, left(bits));
      case 1 -> X86Lane.unsigned(bits, right(bits));
      default -> X86Lane.signed(bits, (a, n) -> arithmetic(bits).applyAsLong(a, n & (1L << bits) - 1));
    };
  }

  // ---- neighbours

  private static long element(X86Core c, int at, int bits, int i) {
    int bit = i * bits;
    int unused = 64 - bits;
    return c.v[at + (bit >> 6)] << (unused - (bit & 63)) >> unused;
  }

  /// PHADDW and kin: of neighbours, those of the first source below those of the second.
  static X86Lane horizontal(int bits, LongBinaryOperator f) {
    int half = 64 / bits;
    return (c, d, a, b, imm) -> {
      long low = 0;
      long high = 0;
      for (int i = 0; i < half; i++) {
        long mask = (1L << bits) - 1;
        low |= (f.applyAsLong(element(c, a, bits, 2 * i), element(c, a, bits, 2 * i + 1)) & mask) << (i * bits);
        high |= (f.applyAsLong(element(c, b, bits, 2 * i), element(c, b, bits, 2 * i + 1)) & mask) << (i * bits);
      }
      X86VectorMoves.set(c, d, low, high);
    };
  }

  static long saturatedSum(long a, long b) {
    return clamp(a + b, Short.MIN_VALUE, Short.MAX_VALUE);
  }

  static long saturatedDifference(long a, long b) {
    return clamp(a - b, Short.MIN_VALUE, Short.MAX_VALUE);
  }

  /// PHMINPOSUW.
  static void leastWord(X86Core c, int d, int a, int b, int imm) {
    int at = 0;
    for (int i = 1; i < 8; i++) {
      at = (element(c, b, 16, i) & 0xffff) < (element(c, b, 16, at) & 0xffff) ? i : at;
    }
    X86VectorMoves.set(c, d, (element(c, b, 16, at) & 0xffff) | (long) at << 16, 0);
  }

  /// MPSADBW: eight sums of four differences, of bytes of `a` from one place on with four of `b`.
  static void sumsOfDifferences(X86Core c, int d, int a, int b, int imm) {
    int from = imm & 4;
    int block = (imm & 3) * 4;
    long[] out = new long[2];
    for (int i = 0; i < 8; i++) {
      long sum = 0;
      for (int k = 0; k < 4; k++) {
        sum += Math.abs((element(c, a, 8, from + i + k) & 0xff) - (element(c, b, 8, block + k) & 0xff));
      }
      out[i >> 2] |= sum << ((i & 3) * 16);
    }
    X86VectorMoves.set(c, d, out[0], out[1]);
  }

  // ---- flags

  /// PTEST and kin: ZF if `b & a` has none of the bits of `mask`, CF if `b & ~a` has none; other flags are cleared.
  static X86Helper test(long mask) {
    return (c, w, imm) -> {
      if (!X86Vectors.operands(c, w)) {
        return Outcome.FAULT;
      }
      int a = X86Vectors.first(w);
      int b = X86Vectors.second(w);
      long and = 0;
      long andNot = 0;
      for (int i = 0; i < ((Uop.flags(w) & X86Vectors.LONG) != 0 ? 4 : 2); i++) {
        and |= c.v[a + i] & c.v[b + i] & mask;
        andNot |= ~c.v[a + i] & c.v[b + i] & mask;
      }
      c.flags.set((and == 0 ? Flags.ZF : 0) | (andNot == 0 ? Flags.CF : 0));
      return Outcome.OK;
    };
  }
}
