package dev.crosspatch.isa.x86;

import dev.crosspatch.core.fp.Estimates;
import dev.crosspatch.core.fp.FloatFormat;
import dev.crosspatch.core.fp.FloatOrder;
import dev.crosspatch.core.fp.FloatUnit;
import dev.crosspatch.core.fp.Rounding;

/// Floating-point operations that are more than one of [FloatUnit] (SDM vol. 2, by mnemonic).
final class X86FloatLanes {
  private X86FloatLanes() {}

  private static final int LESS = 1;
  private static final int EQUAL = 2;
  private static final int GREATER = 4;
  private static final int UNORDERED = 8;
  /// Orders of which the 16 predicates of CMPPS are true (SDM vol. 2A table 3-1); the other 16 are the same.
  private static final int[] TRUE = {
    EQUAL, LESS, LESS | EQUAL, UNORDERED, LESS | GREATER | UNORDERED, EQUAL | GREATER | UNORDERED, GREATER | UNORDERED,
    LESS | EQUAL | GREATER, EQUAL | UNORDERED, LESS | UNORDERED, LESS | EQUAL | UNORDERED, 0, LESS | GREATER,
    EQUAL | GREATER, GREATER, LESS | EQUAL | GREATER | UNORDERED
  };
  /// Predicates that raise an exception for quiet NaNs, too; of the other 16 it is those that are not here.
  private static final int SIGNALLING = 0b0110_0110_0110_0110;

  /// CMPPS: all ones or zeros. Without VEX there are eight predicates.
  static long compare(FloatUnit u, FloatFormat f, long a, long b, int predicate) {
    boolean signalling = ((SIGNALLING >> (predicate & 15)) & 1) != predicate >> 4;
    FloatOrder order = u.compare(f, a, b, signalling);
    return (TRUE[predicate & 15] >> order.ordinal() & 1) != 0 ? -1 : 0;
  }

  /// ROUNDPS: bits 1:0 the rounding, or MXCSR's with bit 2; with bit 3 nothing is inexact.
  static long round(FloatUnit u, FloatFormat f, long b, int imm) {
    return u.roundToIntegral(f, b, rounding(u, imm), (imm & 8) == 0);
  }

  private static Rounding rounding(FloatUnit u, int imm) {
    return (imm & 4) != 0 ? u.rounding : X86Floats.rounding(imm);
  }

  static long toHalf(FloatUnit u, long a, int imm) {
    return u.convert(FloatFormat.SINGLE, FloatFormat.HALF, a, rounding(u, imm));
  }

  static long reciprocal(long b) {
    return Estimates.recip12((int) b) & 0xffff_ffffL;
  }

  static long reciprocalRoot(long b) {
    return Estimates.rsqrt12((int) b) & 0xffff_ffffL;
  }

  /// HADDPS, HSUBPS and those of doubles.
  static X86Lane horizontal(FloatFormat f, X86Floats.Operation operation) {
    int half = 64 / f.bits;
    return (c, d, a, b, imm) -> {
      for (int i = 0; i < 2 * half; i++) {
        int from = i < half ? a : b;
        int k = 2 * (i % half);
        X86Floats.set(c, d, f.bits, i, operation.of(c.fp, f, X86Floats.get(c, from, f.bits, k),
            X86Floats.get(c, from, f.bits, k + 1), imm));
      }
    };
  }

  /// ADDSUBPS, ADDSUBPD: even elements are subtracted.
  static X86Lane addSubtract(FloatFormat f) {
    return (c, d, a, b, imm) -> {
      for (int i = 0; i < 128 / f.bits; i++) {
        long x = X86Floats.get(c, a, f.bits, i);
        long y = X86Floats.get(c, b, f.bits, i);
        X86Floats.set(c, d, f.bits, i, (i & 1) == 0 ? c.fp.sub(f, x, y) : c.fp.add(f, x, y));
      }
    };
  }

  /// DPPS, DPPD: of 128 bits, products chosen by bits 7:4, added in pairs; the sum goes where bits 3:0 say. An
  /// exception that traps keeps later steps from being done.
  static X86Vectors.Whole dotProduct(FloatFormat f) {
    int n = 128 / f.bits;
    return (c, d, a, b, words, imm) -> {
      long[] terms = new long[words * 64 / f.bits];
      for (int i = 0; i < terms.length; i++) {
        boolean chosen = (imm >> (4 + i % n) & 1) != 0;
        terms[i] = chosen ? c.fp.mul(f, X86Floats.get(c, a, f.bits, i), X86Floats.get(c, b, f.bits, i)) : 0;
      }
      for (int step = 1; step < n; step *= 2) {
        if (!X86Floats.mayGoOn(c)) {
          return;
        }
        terms = pairs(c, f, terms, step, 2 * step == n);
      }
      for (int i = 0; i < terms.length; i++) {
        X86Floats.set(c, d, f.bits, i, (imm >> (i % n) & 1) != 0 ? terms[i] : 0);
      }
    };
  }

  /// Sums of two, each in the place of both. Of two NaNs Zen 4 takes the lower one; Intel's CPUs take the place's own
  /// in the last sum, else the other.
  private static long[] pairs(X86Core c, FloatFormat f, long[] terms, int step, boolean last) {
    long[] sums = new long[terms.length];
    for (int i = 0; i < terms.length; i++) {
      boolean ownFirst = c.amd ? (i & step) == 0 : last;
      long own = terms[i];
      long other = terms[i ^ step];
      sums[i] = ownFirst ? c.fp.add(f, own, other) : c.fp.add(f, other, own);
    }
    return sums;
  }
}
