package dev.crosspatch.core.fp;

/// Estimates of reciprocals and their roots, as the Arm ARM has them: FPRecipEstimate, FPRSqrtEstimate, FPRecpX and,
/// of integers, UnsignedRecipEstimate, UnsignedRSqrtEstimate.
public final class Estimates {
  private Estimates() {}

  static long recip(FloatUnit u, FloatFormat f, long x) {
    long a = u.input(f, x);
    boolean negative = f.isNegative(a);
    if (f.isNan(a)) {
      return Nans.of(u, f, a);
    }
    if (f.isInfinite(a)) {
      return f.zero(negative);
    }
    if (f.isZero(a)) {
      u.raise(FloatUnit.DIVIDE_BY_ZERO);
      return f.infinity(negative);
    }
    int exponent = f.exponent(a);
    if (exponent < f.minExponent - 2) {
      u.raise(FloatUnit.OVERFLOW | FloatUnit.INEXACT);
      return u.rounding.overflowsToInfinity(negative) ? f.infinity(negative) : f.largest(negative);
    }
    if (exponent >= f.maxExponent - 1 && u.flushesResults(f)) {
      u.raise(FloatUnit.UNDERFLOW);
      return f.zero(negative);
    }
    return packed(f, negative, -1 - exponent, recip((int) (f.significand(a) >>> 55)));
  }

  static long rsqrt(FloatUnit u, FloatFormat f, long x) {
    long a = u.input(f, x);
    if (f.isNan(a)) {
      return Nans.of(u, f, a);
    }
    if (f.isZero(a)) {
      u.raise(FloatUnit.DIVIDE_BY_ZERO);
      return f.infinity(f.isNegative(a));
    }
    if (f.isNegative(a)) {
      return u.invalid(f);
    }
    if (f.isInfinite(a)) {
      return 0;
    }
    int exponent = f.exponent(a);
    int scaled = (int) (f.significand(a) >>> (56 - (exponent & 1)));
    return packed(f, false, -(exponent >> 1) - 1, rsqrt(scaled));
  }

  /// Nine bits, the highest one 1, without any rounding: what is below the normal numbers fits, too.
  private static long packed(FloatFormat f, boolean negative, int exponent, int estimate) {
    int below = Math.max(f.minExponent - exponent, 0);
    return f.zero(negative) | ((long) (exponent - f.minExponent + below) << f.fractionBits)
        + ((long) estimate << (f.fractionBits - 8) >> below);
  }

  static long recipExponent(FloatUnit u, FloatFormat f, long x) {
    long a = u.input(f, x);
    if (f.isNan(a)) {
      return Nans.of(u, f, a);
    }
    boolean small = f.magnitude(a) <= f.fraction;
    return f.zero(f.isNegative(a)) | (small ? f.infinity - f.fraction - 1 : ~a & f.infinity);
  }

  /// URECPE of 32 bits.
  public static int recipUnsigned(int a) {
    return a >= 0 ? -1 : recip(a >>> 23) << 23;
  }

  /// URSQRTE of 32 bits.
  public static int rsqrtUnsigned(int a) {
    return a >>> 30 == 0 ? -1 : rsqrt(a >>> 23) << 23;
  }

  /// RecipEstimate: of `a / 512`, in 256ths, the middle of what `a` stands for taken.
  ///
  /// @param a 256 to 511
  private static int recip(int a) {
    return ((1 << 19) / (2 * a + 1) + 1) >> 1;
  }

  /// RecipSqrtEstimate: of `a / 512`, in 256ths.
  ///
  /// @param a 128 to 511
  private static int rsqrt(int a) {
    int middle = a < 256 ? 2 * a + 1 : ((a & ~1) + 1) * 2;
    int b = 512;
    while (middle * (b + 1) * (b + 1) < 1 << 28) {
      b++;
    }
    return (b + 1) >> 1;
  }
}
