package dev.crosspatch.core.fp;

/// Results that are NaNs because operands are.
final class Nans {
  private Nans() {}

  /// The one operand that there is, quiet.
  static long of(FloatUnit u, FloatFormat f, long a) {
    if (f.isSignalling(a)) {
      u.raise(FloatUnit.INVALID);
    }
    return u.defaultNan ? u.defaultNan(f) : f.cut(a | f.quiet);
  }

  /// One of two operands of which one at least is a NaN.
  static long of(FloatUnit u, FloatFormat f, long a, long b) {
    return of(u, f, a, b, b);
  }

  /// One of three operands of which one at least is a NaN.
  static long of(FloatUnit u, FloatFormat f, long a, long b, long c) {
    long signalling = f.isSignalling(a) ? a : f.isSignalling(b) ? b : c;
    if (f.isSignalling(signalling)) {
      u.raise(FloatUnit.INVALID);
      if (u.rules.signallingFirst()) {
        return of(u, f, signalling);
      }
    }
    return of(u, f, f.isNan(a) ? a : f.isNan(b) ? b : c);
  }
}
