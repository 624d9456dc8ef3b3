package dev.crosspatch.core.fp;

/// A value of x87's double extended precision (SDM vol. 1 4.2.2): unlike other formats it has its integer bit, so there
/// are values that no operation takes or makes.
///
/// @param exponent    sign in bit 15, and the biased exponent
/// @param significand the integer bit and 63 bits of fraction
public record Extended(int exponent, long significand) {
  static final int BIAS = 0x3fff;
  private static final int SIGN = 0x8000;
  private static final int HIGHEST = 0x7fff;
  private static final long INTEGER = Long.MIN_VALUE;
  private static final long QUIET = 1L << 62;

  public static final Extended ZERO = new Extended(0, 0);
  public static final Extended ONE = new Extended(BIAS, INTEGER);
  /// What comes of an invalid operation.
  public static final Extended INDEFINITE = new Extended(SIGN | HIGHEST, INTEGER | QUIET);

  public static Extended zero(boolean negative) {
    return new Extended(negative ? SIGN : 0, 0);
  }

  public static Extended infinity(boolean negative) {
    return new Extended(sign(negative) | HIGHEST, INTEGER);
  }

  private static int sign(boolean negative) {
    return negative ? SIGN : 0;
  }

  /// A normal number.
  ///
  /// @param exponent of the integer bit, `-16382` to `16383`
  public static Extended number(boolean negative, int exponent, long significand) {
    return new Extended(sign(negative) | exponent + BIAS, significand);
  }

  public boolean isNegative() {
    return (exponent & SIGN) != 0;
  }

  /// The biased exponent.
  public int biased() {
    return exponent & HIGHEST;
  }

  public boolean isZero() {
    return biased() == 0 && significand == 0;
  }

  /// Denormal or pseudo-denormal.
  public boolean isDenormal() {
    return biased() == 0 && significand != 0;
  }

  /// Pseudo-NaN, pseudo-infinity, unnormal: an invalid operand.
  public boolean isUnsupported() {
    return biased() != 0 && significand >= 0;
  }

  public boolean isInfinite() {
    return biased() == HIGHEST && significand == INTEGER;
  }

  public boolean isNan() {
    return biased() == HIGHEST && significand < 0 && significand != INTEGER;
  }

  public boolean isSignalling() {
    return isNan() && (significand & QUIET) == 0;
  }

  public Extended quiet() {
    return new Extended(exponent, significand | QUIET);
  }

  public Extended negate() {
    return new Extended(exponent ^ SIGN, significand);
  }

  public Extended withSign(boolean negative) {
    return new Extended(biased() | sign(negative), significand);
  }

  /// Exponent of a number that is not zero, its significand taken as in [1, 2).
  public int power() {
    return Math.max(biased(), 1) - BIAS - Long.numberOfLeadingZeros(significand);
  }

  /// Significand of a number that is not zero, its highest bit being 1.
  public long normalized() {
    return significand << Long.numberOfLeadingZeros(significand);
  }
}
