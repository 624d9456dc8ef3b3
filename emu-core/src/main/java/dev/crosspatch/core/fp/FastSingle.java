package dev.crosspatch.core.fp;

/// Single precision by Java's own arithmetic: [FastDouble]. Products of two singles are doubles, so that nothing is
/// lost of what was rounded away.
final class FastSingle {
  private static final FloatFormat F = FloatFormat.SINGLE;

  private FastSingle() {}

  static long add(FloatUnit u, long a, long b) {
    if (isUsual(u, a, b)) {
      float x = Float.intBitsToFloat((int) a);
      float y = Float.intBitsToFloat((int) b);
      float sum = x + y;
      if (isSafe(sum) || sum == 0) {
        return result(u, sum, !u.isInexact() && !isExact(x, y, sum));
      }
    }
    return Arithmetic.add(u, F, a, b, false);
  }

  static long sub(FloatUnit u, long a, long b) {
    if (isUsual(u, a, b)) {
      float x = Float.intBitsToFloat((int) a);
      float y = -Float.intBitsToFloat((int) b);
      float sum = x + y;
      if (isSafe(sum) || sum == 0) {
        return result(u, sum, !u.isInexact() && !isExact(x, y, sum));
      }
    }
    return Arithmetic.add(u, F, a, b, true);
  }

  static long mul(FloatUnit u, long a, long b) {
    if (isUsual(u, a, b)) {
      double exact = (double) Float.intBitsToFloat((int) a) * Float.intBitsToFloat((int) b);
      float product = (float) exact;
      if (isSafe(product)) {
        return result(u, product, product != exact);
      }
    }
    return Arithmetic.mul(u, F, a, b);
  }

  static long div(FloatUnit u, long a, long b) {
    if (isUsual(u, a, b)) {
      float x = Float.intBitsToFloat((int) a);
      float y = Float.intBitsToFloat((int) b);
      float quotient = x / y;
      if (isSafe(quotient)) {
        return result(u, quotient, (double) quotient * y != x);
      }
    }
    return Arithmetic.div(u, F, a, b);
  }

  /// The root of a double, rounded once more, is the root of a single rounded once.
  static long sqrt(FloatUnit u, long a) {
    if (u.rounding == Rounding.NEAREST_EVEN && isNormal(a) && (int) a >= 0) {
      float x = Float.intBitsToFloat((int) a);
      float root = (float) Math.sqrt(x);
      return result(u, root, (double) root * root != x);
    }
    return Arithmetic.sqrt(u, F, a);
  }

  static long fma(FloatUnit u, long a, long b, long c) {
    if (isUsual(u, a, b) && isNormal(c)) {
      float x = Float.intBitsToFloat((int) a);
      float y = Float.intBitsToFloat((int) b);
      float z = Float.intBitsToFloat((int) c);
      float sum = Math.fma(x, y, z);
      if (isSafe(sum)) {
        return result(u, sum, !u.isInexact() && !isExact((double) x * y, z, sum));
      }
    }
    return FusedArithmetic.fma(u, F, a, b, c);
  }

  private static boolean isUsual(FloatUnit u, long a, long b) {
    return u.rounding == Rounding.NEAREST_EVEN && isNormal(a) && isNormal(b);
  }

  private static boolean isNormal(long a) {
    return (((int) a >>> 23) + 1 & 0xff) > 1;
  }

  /// Not so small that it may have been tiny.
  private static boolean isSafe(float x) {
    int biased = Float.floatToRawIntBits(x) >>> 23 & 0xff;
    return biased > 1 && biased < 0xff;
  }

  private static long result(FloatUnit u, float x, boolean inexact) {
    if (inexact) {
      u.raise(FloatUnit.INEXACT);
    }
    return Float.floatToRawIntBits(x) & 0xffff_ffffL;
  }

  /// Whether the sum of two numbers is `sum`, which is what it was rounded to.
  private static boolean isExact(double x, double y, float sum) {
    double wide = x + y;
    double added = wide - x;
    return wide == sum && (x - (wide - added)) + (y - added) == 0;
  }
}
