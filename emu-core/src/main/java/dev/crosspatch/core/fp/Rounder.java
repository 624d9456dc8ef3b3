package dev.crosspatch.core.fp;

/// Numbers with more bits than a format has, rounded to it and packed: IEEE 754-2008, 4.3 and 7.4 to 7.6.
final class Rounder {
  private Rounder() {}

  static long round(FloatUnit u, FloatFormat f, boolean negative, int exponent, long significand) {
    return round(u, f, negative, exponent, significand, u.rounding, u.flushesResults(f));
  }

  /// The result of an operation.
  ///
  /// @param exponent    of the highest bit of `significand`
  /// @param significand its highest bit is 1; the lowest one stands for all that is below, if something is
  /// @param flush       whether a tiny result becomes zero
  static long round(FloatUnit u, FloatFormat f, boolean negative, int exponent, long significand, Rounding r,
      boolean flush) {
    if (exponent > f.maxExponent) {
      return overflow(u, f, negative, significand, r);
    }
    int below = Math.max(f.minExponent - exponent, 0);
    boolean tiny = below != 0 && isTiny(u, f, negative, below, significand, r);
    if (tiny && flush) {
      u.raise(u.rules.tinyAfterRounding() ? FloatUnit.UNDERFLOW | FloatUnit.INEXACT : FloatUnit.UNDERFLOW);
      return f.zero(negative);
    }
    int cut = 63 - f.fractionBits + below;
    long rest = rest(significand, cut);
    if (tiny && (u.trapped & FloatUnit.UNDERFLOW) != 0) {
      return trap(u, f, significand, FloatUnit.UNDERFLOW);
    }
    if (tiny && rest != 0) {
      u.raise(FloatUnit.UNDERFLOW);
    }
    long kept = kept(significand, cut);
    long magnitude = ((long) (exponent - f.minExponent + below) << f.fractionBits) + kept
        + (r.increments(negative, kept, rest) ? 1 : 0);
    if (magnitude >= f.infinity) {
      return overflow(u, f, negative, significand, r);
    }
    if (rest != 0) {
      u.raise(FloatUnit.INEXACT);
    }
    return f.zero(negative) | magnitude;
  }

  /// What is left of a number when its lowest bits are cut off.
  static long kept(long significand, int cut) {
    return cut < 64 ? significand >>> cut : 0;
  }

  /// What is cut off (at least one bit), as a fraction of 2^64; its lowest bit stands for all that is below.
  static long rest(long significand, int cut) {
    return cut <= 64 ? significand << (64 - cut) : significand == 0 ? 0 : 1;
  }

  /// Right by some bits; the lowest one stands for all that is below.
  static long jam(long significand, int by) {
    return by == 0 ? significand : kept(significand, by) | (rest(significand, by) == 0 ? 0 : 1);
  }

  /// A sum or product whose highest bit is anywhere.
  static long normalized(FloatUnit u, FloatFormat f, boolean negative, int exponent, long significand) {
    int zeros = Long.numberOfLeadingZeros(significand);
    return round(u, f, negative, exponent - zeros, significand << zeros);
  }

  /// Of a number below the normal ones. After rounding it is one of them if it was a hair's breadth away.
  private static boolean isTiny(FloatUnit u, FloatFormat f, boolean negative, int below, long significand,
      Rounding r) {
    if (below > 1 || !u.rules.tinyAfterRounding()) {
      return true;
    }
    int cut = 63 - f.fractionBits;
    long kept = significand >>> cut;
    return kept != (f.fraction << 1 | 1) || !r.increments(negative, kept, significand << (64 - cut));
  }

  /// Nobody will see the result.
  private static long trap(FloatUnit u, FloatFormat f, long significand, int exception) {
    u.raise(rest(significand, 63 - f.fractionBits) != 0 ? exception | FloatUnit.INEXACT : exception);
    return 0;
  }

  private static long overflow(FloatUnit u, FloatFormat f, boolean negative, long significand, Rounding r) {
    if ((u.trapped & FloatUnit.OVERFLOW) != 0) {
      return trap(u, f, significand, FloatUnit.OVERFLOW);
    }
    if (!f.hasInfinity) {
      u.raise(FloatUnit.INVALID);
      return f.largest(negative);
    }
    u.raise(FloatUnit.OVERFLOW | FloatUnit.INEXACT);
    return r.overflowsToInfinity(negative) ? f.infinity(negative) : f.largest(negative);
  }
}
