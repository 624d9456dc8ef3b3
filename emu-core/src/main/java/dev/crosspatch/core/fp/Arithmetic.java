package dev.crosspatch.core.fp;

/// Sums, products, quotients and roots of all values in all modes: IEEE 754-2008, 5.4.1.
final class Arithmetic {
  private Arithmetic() {}

  static long add(FloatUnit u, FloatFormat f, long augend, long addend, boolean subtract) {
    long a = u.input(f, augend);
    long b = u.input(f, addend);
    if (f.isNan(a) || f.isNan(b)) {
      return Nans.of(u, f, a, b);
    }
    boolean an = f.isNegative(a);
    boolean bn = f.isNegative(b) != subtract;
    if (f.isInfinite(a) && f.isInfinite(b) && an != bn) {
      return u.invalid(f);
    }
    u.tellDenormal(f, a);
    u.tellDenormal(f, b);
    if (f.isInfinite(a) || f.isInfinite(b)) {
      return f.infinity(f.isInfinite(a) ? an : bn);
    }
    if (f.isZero(a) || f.isZero(b)) {
      return f.isZero(b) ? addZero(u, f, a, an, bn) : addZero(u, f, b, bn, an);
    }
    return f.magnitude(a) >= f.magnitude(b) ? sum(u, f, a, an, b, bn) : sum(u, f, b, bn, a, an);
  }

  /// `a` with a zero added.
  static long addZero(FloatUnit u, FloatFormat f, long a, boolean an, boolean zn) {
    return f.isZero(a) ? f.zero(an == zn ? an : zeroSign(u))
        : Rounder.round(u, f, an, f.exponent(a), f.significand(a));
  }

  /// The sign of an exact zero that is a sum of others.
  static boolean zeroSign(FloatUnit u) {
    return u.rounding == Rounding.DOWN;
  }

  /// Both are no zeros, `a` is not the smaller one.
  private static long sum(FloatUnit u, FloatFormat f, long a, boolean an, long b, boolean bn) {
    int exponent = f.exponent(a);
    long large = f.significand(a) >>> 1;
    long small = Rounder.jam(f.significand(b) >>> 1, exponent - f.exponent(b));
    long sum = an == bn ? large + small : large - small;
    return sum == 0 ? f.zero(zeroSign(u)) : Rounder.normalized(u, f, an, exponent + 1, sum);
  }

  static long mul(FloatUnit u, FloatFormat f, long multiplicand, long multiplier) {
    long a = u.input(f, multiplicand);
    long b = u.input(f, multiplier);
    if (f.isNan(a) || f.isNan(b)) {
      return Nans.of(u, f, a, b);
    }
    if (isInvalidProduct(f, a, b)) {
      return u.invalid(f);
    }
    u.tellDenormal(f, a);
    u.tellDenormal(f, b);
    boolean negative = f.isNegative(a ^ b);
    if (f.isInfinite(a) || f.isInfinite(b)) {
      return f.infinity(negative);
    }
    if (f.isZero(a) || f.isZero(b)) {
      return f.zero(negative);
    }
    long x = f.significand(a);
    long y = f.significand(b);
    long product = Math.unsignedMultiplyHigh(x, y) | (x * y == 0 ? 0 : 1);
    return Rounder.normalized(u, f, negative, f.exponent(a) + f.exponent(b) + 1, product);
  }

  /// Zero times infinity.
  static boolean isInvalidProduct(FloatFormat f, long a, long b) {
    return f.isZero(a) ? f.isInfinite(b) : f.isInfinite(a) && f.isZero(b);
  }

  static long mulExtended(FloatUnit u, FloatFormat f, long multiplicand, long multiplier) {
    long a = u.input(f, multiplicand);
    long b = u.input(f, multiplier);
    return isInvalidProduct(f, a, b) ? f.power(f.isNegative(a ^ b), 1) : mul(u, f, a, b);
  }

  static long div(FloatUnit u, FloatFormat f, long dividend, long divisor) {
    long a = u.input(f, dividend);
    long b = u.input(f, divisor);
    if (f.isNan(a) || f.isNan(b)) {
      return Nans.of(u, f, a, b);
    }
    if (f.isInfinite(a) ? f.isInfinite(b) : f.isZero(a) && f.isZero(b)) {
      return u.invalid(f);
    }
    boolean negative = f.isNegative(a ^ b);
    if (f.isZero(b) && !f.isInfinite(a)) {
      u.raise(FloatUnit.DIVIDE_BY_ZERO);
      return f.infinity(negative);
    }
    u.tellDenormal(f, a);
    u.tellDenormal(f, b);
    if (f.isInfinite(a) || f.isZero(a) || f.isInfinite(b)) {
      return f.isInfinite(a) ? f.infinity(negative) : f.zero(negative);
    }
    return quotient(u, f, negative, a, b);
  }

  /// Sixty bits of the quotient, ten at a time, and what stands for the rest.
  private static long quotient(FloatUnit u, FloatFormat f, boolean negative, long a, long b) {
    long divisor = f.significand(b) >>> 11;
    long remainder = f.significand(a) >>> 11;
    long quotient = remainder / divisor;
    remainder %= divisor;
    for (int i = 0; i < 6; i++) {
      remainder <<= 10;
      quotient = quotient << 10 | remainder / divisor;
      remainder %= divisor;
    }
    quotient = quotient << 1 | (remainder == 0 ? 0 : 1);
    return Rounder.normalized(u, f, negative, f.exponent(a) - f.exponent(b) + 2, quotient);
  }

  static long sqrt(FloatUnit u, FloatFormat f, long radicand) {
    long a = u.input(f, radicand);
    if (f.isNan(a)) {
      return Nans.of(u, f, a);
    }
    if (f.isZero(a)) {
      return f.zero(f.isNegative(a));
    }
    if (f.isNegative(a)) {
      return u.invalid(f);
    }
    u.tellDenormal(f, a);
    return f.isInfinite(a) ? f.infinity : root(u, f, a);
  }

  /// Sixty bits of the root, each of two bits of the radicand, and what stands for the rest.
  private static long root(FloatUnit u, FloatFormat f, long a) {
    int exponent = f.exponent(a);
    long radicand = f.significand(a) >>> (1 - (exponent & 1));
    long root = 0;
    long remainder = 0;
    for (int i = 0; i < 60; i++) {
      remainder = remainder << 2 | radicand >>> 62;
      radicand <<= 2;
      long trial = root << 2 | 1;
      root <<= 1;
      if (remainder >= trial) {
        remainder -= trial;
        root |= 1;
      }
    }
    return Rounder.normalized(u, f, false, (exponent >> 1) + 4, root | (remainder == 0 ? 0 : 1));
  }
}
