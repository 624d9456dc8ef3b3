package dev.crosspatch.core.fp;

/// Estimates of reciprocals and of those of roots. The Arm ARM has them to the bit: FPRecipEstimate, FPRSqrtEstimate,
/// FPRecpX and, of integers, UnsignedRecipEstimate, UnsignedRSqrtEstimate. The SDM only bounds the error of RCPPS and
/// RSQRTPS, by 1.5 / 4096, and makers differ (Zen 4 gives 7ff000 and 7ff800 for 1, for instance). Here operands are
/// told apart by as few bits as that bound allows, and of what looks the same the middle is taken and rounded to twelve
/// bits. Unknown: whether all of Intel's are these, as the bound suggests.
public final class Estimates {
  private static final int INFINITY = 0x7f80_0000;
  private static final int DEFAULT_NAN = 0xffc0_0000;

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

  /// RCPPS of one element: neither MXCSR nor exceptions.
  public static int recip12(int a) {
    int sign = a & (1 << 31);
    int biased = a >>> 23 & 0xff;
    if (biased == 0 || biased == 0xff) {
      return special(a, sign | INFINITY, sign);
    }
    int doubled = (a >>> 12 & 0x7ff) * 2 + 1;
    int estimate = ((1 << 25) / ((1 << 12) + doubled) + 1) >> 1;
    return sign | packed12(253 - biased, estimate);
  }

  /// RSQRTPS of one element: neither MXCSR nor exceptions.
  public static int rsqrt12(int a) {
    int biased = a >>> 23 & 0xff;
    if (biased == 0 || biased == 0xff) {
      return special(a, (a & (1 << 31)) | INFINITY, a < 0 ? DEFAULT_NAN : 0);
    }
    if (a < 0) {
      return DEFAULT_NAN;
    }
    int significand = (a & 0x7f_ffff) | 0x80_0000;
    int steps = significand >> ((biased & 1) != 0 ? 13 : 12);
    int estimate = (int) (4096 / Math.sqrt((steps + 0.5) / 1024) + 0.5);
    return packed12(126 - ((biased - 127) >> 1), estimate);
  }

  /// Twelve bits, the highest one 1; zero if that would be denormal.
  private static int packed12(int biased, int estimate) {
    return biased <= 0 ? 0 : (biased << 23) + ((estimate - 2048) << 12);
  }

  private static int special(int a, int ofZero, int ofInfinity) {
    int magnitude = a & ~(1 << 31);
    return magnitude < INFINITY ? ofZero : magnitude == INFINITY ? ofInfinity : a | 1 << 22;
  }
}
