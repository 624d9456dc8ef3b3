package dev.crosspatch.core.fp;

/// A binary interchange format of IEEE 754-2008, 3.4. Values are the low bits of a `long`; what is above them is
/// ignored in operands and zero in results.
public enum FloatFormat {
  HALF(5, 10, true),
  SINGLE(8, 23, true),
  DOUBLE(11, 52, true),
  /// Arm's alternative half precision (FPCR.AHP): numbers where [#HALF] has infinities and NaNs. Only for conversions.
  ALTERNATIVE_HALF(5, 10, false);

  /// Width.
  public final int bits;
  /// Bits of the fraction: the precision less the bit that is not stored.
  public final int fractionBits;
  /// The bit of the sign.
  public final long sign;
  /// The bits of the fraction.
  public final long fraction;
  /// The fraction's highest bit: set in quiet NaNs.
  public final long quiet;
  /// Plus infinity; the first pattern beyond the numbers.
  public final long infinity;
  /// Whether there are infinities and NaNs.
  public final boolean hasInfinity;
  /// What is added to exponents.
  public final int bias;
  /// Exponents of the smallest and the largest normal numbers, the significand being in [1, 2).
  final int minExponent;

  final int maxExponent;

  FloatFormat(int exponentBits, int fractionBits, boolean hasInfinity) {
    this.bits = 1 + exponentBits + fractionBits;
    this.fractionBits = fractionBits;
    this.hasInfinity = hasInfinity;
    bias = (1 << (exponentBits - 1)) - 1;
    minExponent = 1 - bias;
    maxExponent = hasInfinity ? bias : bias + 1;
    sign = 1L << (bits - 1);
    fraction = (1L << fractionBits) - 1;
    quiet = 1L << (fractionBits - 1);
    infinity = (long) (maxExponent + 1 + bias) << fractionBits;
  }

  /// The bits of a value.
  public long cut(long a) {
    return a & (sign | (sign - 1));
  }

  public boolean isNegative(long a) {
    return (a & sign) != 0;
  }

  /// The value without its sign; as integers, magnitudes are ordered as numbers are.
  public long magnitude(long a) {
    return a & (sign - 1);
  }

  public boolean isNan(long a) {
    return magnitude(a) > infinity;
  }

  public boolean isSignalling(long a) {
    return isNan(a) && (a & quiet) == 0;
  }

  public boolean isInfinite(long a) {
    return magnitude(a) == infinity && hasInfinity;
  }

  public boolean isZero(long a) {
    return magnitude(a) == 0;
  }

  public boolean isDenormal(long a) {
    long m = magnitude(a);
    return m != 0 && m <= fraction;
  }

  /// With the other sign, NaNs too: FNEG.
  public long negate(long a) {
    return cut(a ^ sign);
  }

  /// With the other sign, but NaNs as they are: operands that x86 subtracts in FMA.
  public long negateNumber(long a) {
    return isNan(a) ? cut(a) : negate(a);
  }

  public long zero(boolean negative) {
    return negative ? sign : 0;
  }

  public long infinity(boolean negative) {
    return zero(negative) | infinity;
  }

  /// The largest number.
  public long largest(boolean negative) {
    return zero(negative) | (infinity - 1);
  }

  /// `2^exponent`, a normal number.
  public long power(boolean negative, int exponent) {
    return zero(negative) | (long) (exponent + bias) << fractionBits;
  }

  /// Exponent of a number that is not zero, its significand taken as in [1, 2).
  int exponent(long a) {
    long m = magnitude(a);
    int biased = (int) (m >>> fractionBits);
    return biased != 0 ? biased - bias : minExponent + 63 - fractionBits - Long.numberOfLeadingZeros(m);
  }

  /// Significand of a number that is not zero, the highest bit of the `long` being 1.
  long significand(long a) {
    long m = magnitude(a);
    return m <= fraction
        ? m << Long.numberOfLeadingZeros(m) : ((m & fraction) | (fraction + 1)) << (63 - fractionBits);
  }
}
