package dev.crosspatch.core.fp;

/// Between formats, and to and from integers: IEEE 754-2008, 5.3.1, 5.4.1, 5.8 and 5.9.
final class Conversions {
  private Conversions() {}

  /// Neither denormal halves nor halves that would be denormal are flushed.
  static long convert(FloatUnit u, FloatFormat from, FloatFormat to, long x, Rounding r) {
    boolean half = from.bits == 16;
    long a = half ? x : u.input(from, x);
    boolean negative = from.isNegative(a);
    if (from.isNan(a)) {
      return nan(u, from, to, a);
    }
    if (from.isInfinite(a)) {
      return infinity(u, to, negative);
    }
    if (!half) {
      u.tellDenormal(from, a);
    }
    return from.isZero(a) ? to.zero(negative)
        : Rounder.round(u, to, negative, from.exponent(a), from.significand(a), r, to.bits != 16 && u.flushResults);
  }

  private static long infinity(FloatUnit u, FloatFormat to, boolean negative) {
    if (to.hasInfinity) {
      return to.infinity(negative);
    }
    u.raise(FloatUnit.INVALID);
    return to.largest(negative);
  }

  /// The highest bits of the fraction stay.
  private static long nan(FloatUnit u, FloatFormat from, FloatFormat to, long a) {
    if (from.isSignalling(a) || !to.hasInfinity) {
      u.raise(FloatUnit.INVALID);
    }
    if (!to.hasInfinity) {
      return to.zero(from.isNegative(a));
    }
    long fraction = (a & from.fraction) << (63 - from.fractionBits) >>> (63 - to.fractionBits);
    return u.defaultNan ? u.defaultNan(to) : to.infinity(from.isNegative(a)) | to.quiet | fraction;
  }

  static long toInteger(FloatUnit u, FloatFormat f, long x, int bits, boolean signed, int fractionBits, Rounding r) {
    long a = u.input(f, x);
    boolean negative = f.isNegative(a);
    if (f.isZero(a)) {
      return 0;
    }
    int exponent = f.exponent(a) + fractionBits;
    if (f.magnitude(a) >= f.infinity || exponent > 63) {
      return outOfRange(u, bits, signed, f.isNan(a), negative);
    }
    long significand = f.significand(a);
    int cut = 63 - exponent;
    long rest = cut == 0 ? 0 : Rounder.rest(significand, cut);
    long kept = Rounder.kept(significand, cut);
    kept += r.increments(negative, kept, rest) ? 1 : 0;
    long largest = largest(bits, signed, negative);
    if (Long.compareUnsigned(kept, largest) > 0) {
      return outOfRange(u, bits, signed, false, negative);
    }
    if (rest != 0) {
      u.raise(FloatUnit.INEXACT);
    }
    return cut(negative ? -kept : kept, bits);
  }

  /// The largest magnitude of an integer.
  private static long largest(int bits, boolean signed, boolean negative) {
    if (!signed) {
      return negative ? 0 : -1L >>> (64 - bits);
    }
    long lowest = 1L << (bits - 1);
    return negative ? lowest : lowest - 1;
  }

  private static long outOfRange(FloatUnit u, int bits, boolean signed, boolean nan, boolean negative) {
    u.raise(FloatUnit.INVALID);
    if (!u.rules.saturates()) {
      return 1L << (bits - 1);
    }
    return nan ? 0 : largest(bits, signed, negative);
  }

  private static long cut(long value, int bits) {
    return value & -1L >>> (64 - bits);
  }

  static long fromInteger(FloatUnit u, FloatFormat f, long value, int bits, boolean signed, int fractionBits) {
    long v = signed ? value << (64 - bits) >> (64 - bits) : cut(value, bits);
    if (v == 0) {
      return 0;
    }
    boolean negative = signed && v < 0;
    return Rounder.normalized(u, f, negative, 63 - fractionBits, negative ? -v : v);
  }

  static long roundToIntegral(FloatUnit u, FloatFormat f, long x, Rounding r, boolean exact) {
    long a = u.input(f, x);
    if (f.isNan(a)) {
      return Nans.of(u, f, a);
    }
    if (f.isZero(a) || f.exponent(a) >= f.fractionBits) { // infinite, or an integer
      return a;
    }
    boolean negative = f.isNegative(a);
    int cut = 63 - f.exponent(a);
    long rest = Rounder.rest(f.significand(a), cut);
    long kept = Rounder.kept(f.significand(a), cut);
    kept += r.increments(negative, kept, rest) ? 1 : 0;
    if (exact && rest != 0) {
      u.raise(FloatUnit.INEXACT);
    }
    return kept == 0 ? f.zero(negative) : Rounder.normalized(u, f, negative, 63, kept);
  }
}
