package dev.crosspatch.core.fp;

/// Double precision by Java's own arithmetic, which rounds to nearest even and tells no exceptions: where that is the
/// rounding, operands are normal numbers, and the result is one far from the denormal ones. What was rounded away, if
/// it counts, is found without error (Handbook of Floating-Point Arithmetic, 4.3 to 4.4 and 5.1; Boldo and Muller,
/// Exact and approximated error of the FMA). All else is [Arithmetic]'s.
final class FastDouble {
  private static final FloatFormat F = FloatFormat.DOUBLE;
  /// From this biased exponent on, the lowest bit of the error is not lost.
  private static final int SAFE = 128;

  private FastDouble() {}

  static long add(FloatUnit u, long a, long b) {
    if (isUsual(u, a, b)) {
      double x = Double.longBitsToDouble(a);
      double y = Double.longBitsToDouble(b);
      double sum = x + y;
      if (isSafe(sum) || sum == 0) {
        return result(u, sum, !u.isInexact() && error(x, y, sum) != 0);
      }
    }
    return Arithmetic.add(u, F, a, b, false);
  }

  static long sub(FloatUnit u, long a, long b) {
    if (isUsual(u, a, b)) {
      double x = Double.longBitsToDouble(a);
      double y = -Double.longBitsToDouble(b);
      double sum = x + y;
      if (isSafe(sum) || sum == 0) {
        return result(u, sum, !u.isInexact() && error(x, y, sum) != 0);
      }
    }
    return Arithmetic.add(u, F, a, b, true);
  }

  static long mul(FloatUnit u, long a, long b) {
    if (isUsual(u, a, b)) {
      double x = Double.longBitsToDouble(a);
      double y = Double.longBitsToDouble(b);
      double product = x * y;
      if (isSafe(product)) {
        return result(u, product, !u.isInexact() && Math.fma(x, y, -product) != 0);
      }
    }
    return Arithmetic.mul(u, F, a, b);
  }

  static long div(FloatUnit u, long a, long b) {
    if (isUsual(u, a, b)) {
      double x = Double.longBitsToDouble(a);
      double y = Double.longBitsToDouble(b);
      double quotient = x / y;
      if (isSafe(quotient) && isSafe(x)) {
        return result(u, quotient, !u.isInexact() && Math.fma(quotient, y, -x) != 0);
      }
    }
    return Arithmetic.div(u, F, a, b);
  }

  static long sqrt(FloatUnit u, long a) {
    double x = Double.longBitsToDouble(a);
    if (u.rounding == Rounding.NEAREST_EVEN && isSafe(x) && a >= 0) {
      double root = Math.sqrt(x);
      return result(u, root, !u.isInexact() && Math.fma(root, root, -x) != 0);
    }
    return Arithmetic.sqrt(u, F, a);
  }

  static long fma(FloatUnit u, long a, long b, long c) {
    if (isUsual(u, a, b)) {
      double x = Double.longBitsToDouble(a);
      double y = Double.longBitsToDouble(b);
      double z = Double.longBitsToDouble(c);
      double sum = Math.fma(x, y, z);
      if (isSafe(sum) && isSafe(z) && isSafe(x * y)) {
        return result(u, sum, !u.isInexact() && !isExact(x, y, z, sum));
      }
    }
    return FusedArithmetic.fma(u, F, a, b, c);
  }

  private static boolean isUsual(FloatUnit u, long a, long b) {
    return u.rounding == Rounding.NEAREST_EVEN && isNormal(a) && isNormal(b);
  }

  private static boolean isNormal(long a) {
    return ((a >>> 52) + 1 & 0x7ff) > 1;
  }

  private static boolean isSafe(double x) {
    int biased = (int) (Double.doubleToRawLongBits(x) >>> 52) & 0x7ff;
    return biased >= SAFE && biased < 0x7ff;
  }

  private static long result(FloatUnit u, double x, boolean inexact) {
    if (inexact) {
      u.raise(FloatUnit.INEXACT);
    }
    return Double.doubleToRawLongBits(x);
  }

  /// Of a sum.
  private static double error(double x, double y, double sum) {
    double added = sum - x;
    return (x - (sum - added)) + (y - added);
  }

  /// Whether `x * y + z` is `sum`.
  private static boolean isExact(double x, double y, double z, double sum) {
    double product = x * y;
    double low = Math.fma(x, y, -product);
    double high = z + low;
    double rest = error(z, low, high);
    double both = product + high;
    return both - sum + error(product, high, both) + rest == 0;
  }
}
