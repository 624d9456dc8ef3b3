package dev.crosspatch.core.fp;

/// Order, minimum and maximum.
final class Comparisons {
  private Comparisons() {}

  static FloatOrder compare(FloatUnit u, FloatFormat f, long x, long y, boolean signalling) {
    long a = u.input(f, x);
    long b = u.input(f, y);
    if (f.isNan(a) || f.isNan(b)) {
      if (signalling || f.isSignalling(a) || f.isSignalling(b)) {
        u.raise(FloatUnit.INVALID);
      }
      return FloatOrder.UNORDERED;
    }
    u.tellDenormal(f, a);
    u.tellDenormal(f, b);
    return order(f, a, b);
  }

  private static FloatOrder order(FloatFormat f, long a, long b) {
    int order = Long.compare(signed(f, a), signed(f, b));
    return order < 0 ? FloatOrder.LESS : order > 0 ? FloatOrder.GREATER : FloatOrder.EQUAL;
  }

  private static long signed(FloatFormat f, long a) {
    return f.isNegative(a) ? -f.magnitude(a) : f.magnitude(a);
  }

  /// The minimum or maximum.
  ///
  /// @param wanted how the first operand compares if it is the result
  static long extreme(FloatUnit u, FloatFormat f, long x, long y, FloatOrder wanted) {
    long a = u.input(f, x);
    long b = u.input(f, y);
    if (f.isNan(a) || f.isNan(b)) {
      if (u.rules.secondOfEqual()) {
        u.raise(FloatUnit.INVALID);
        return b;
      }
      return Nans.of(u, f, a, b);
    }
    u.tellDenormal(f, a);
    u.tellDenormal(f, b);
    if (f.isZero(a) && f.isZero(b) && !u.rules.secondOfEqual()) {
      return wanted == FloatOrder.LESS ? a | b : a & b;
    }
    return order(f, a, b) == wanted ? a : b;
  }

  /// The minimum or maximum; a quiet NaN is no operand if the other one is a number.
  static long extremeNumber(FloatUnit u, FloatFormat f, long a, long b, FloatOrder wanted) {
    if (isQuietNan(f, a) && !f.isNan(b)) {
      return extreme(u, f, b, b, wanted);
    }
    return isQuietNan(f, b) && !f.isNan(a) ? extreme(u, f, a, a, wanted) : extreme(u, f, a, b, wanted);
  }

  private static boolean isQuietNan(FloatFormat f, long a) {
    return f.isNan(a) && !f.isSignalling(a);
  }
}
