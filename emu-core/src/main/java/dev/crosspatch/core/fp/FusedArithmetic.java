package dev.crosspatch.core.fp;

/// Products and sums with one rounding, of all values in all modes.
final class FusedArithmetic {
  private FusedArithmetic() {}

  static long fma(FloatUnit u, FloatFormat f, long multiplicand, long multiplier, long addend) {
    long a = u.input(f, multiplicand);
    long b = u.input(f, multiplier);
    long c = u.input(f, addend);
    if (f.isNan(a) || f.isNan(b) || f.isNan(c)) {
      return nan(u, f, a, b, c);
    }
    boolean negative = f.isNegative(a ^ b);
    boolean infinite = f.isInfinite(a) || f.isInfinite(b);
    boolean cancels = infinite && f.isInfinite(c) && negative != f.isNegative(c);
    if (cancels || Arithmetic.isInvalidProduct(f, a, b)) {
      return u.invalid(f);
    }
    u.tellDenormal(f, a);
    u.tellDenormal(f, b);
    u.tellDenormal(f, c);
    if (infinite || f.isInfinite(c)) {
      return f.infinity(infinite ? negative : f.isNegative(c));
    }
    return f.isZero(a) || f.isZero(b)
        ? Arithmetic.addZero(u, f, c, f.isNegative(c), negative) : sum(u, f, a, b, c, 0);
  }

  private static long nan(FloatUnit u, FloatFormat f, long a, long b, long c) {
    if (!u.rules.addendFirst()) {
      return Nans.of(u, f, a, b, c);
    }
    return Arithmetic.isInvalidProduct(f, a, b) && !f.isSignalling(c) ? u.invalid(f) : Nans.of(u, f, c, a, b);
  }

  /// `(constant - x * y) / 2^halvings`, as FPRecipStepFused and FPRSqrtStepFused have it.
  static long step(FloatUnit u, FloatFormat f, long x, long y, long constant, int halvings) {
    long a = u.input(f, f.negate(x));
    long b = u.input(f, y);
    if (f.isNan(a) || f.isNan(b)) {
      return Nans.of(u, f, a, b);
    }
    if (Arithmetic.isInvalidProduct(f, a, b) || f.isZero(a) || f.isZero(b)) {
      return constant - ((long) halvings << f.fractionBits);
    }
    return f.isInfinite(a) || f.isInfinite(b)
        ? f.infinity(f.isNegative(a ^ b)) : sum(u, f, a, b, constant, halvings);
  }

  /// `(a * b + c) / 2^halvings`; neither factor is zero.
  private static long sum(FloatUnit u, FloatFormat f, long a, long b, long c, int halvings) {
    boolean negative = f.isNegative(a ^ b);
    Wide product = Wide.product(f.significand(a), f.significand(b));
    int zeros = product.leadingZeros();
    product = product.left(zeros);
    int exponent = f.exponent(a) + f.exponent(b) + 1 - zeros;
    if (f.isZero(c)) {
      return Rounder.round(u, f, negative, exponent - halvings, product.jammed());
    }
    Wide addend = new Wide(f.significand(c), 0);
    int apart = exponent - f.exponent(c);
    boolean larger = apart > 0 || (apart == 0 && product.compareTo(addend) >= 0);
    Wide large = (larger ? product : addend).jam(1);
    Wide small = (larger ? addend : product).jam(1).jam(Math.abs(apart));
    Wide sum = negative == f.isNegative(c) ? large.plus(small) : large.minus(small);
    if (sum.isZero()) {
      return f.zero(Arithmetic.zeroSign(u));
    }
    zeros = sum.leadingZeros();
    return Rounder.round(u, f, larger ? negative : f.isNegative(c),
        Math.max(exponent, f.exponent(c)) + 1 - zeros - halvings, sum.left(zeros).jammed());
  }
}
