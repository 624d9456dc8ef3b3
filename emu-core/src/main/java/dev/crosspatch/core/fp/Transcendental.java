package dev.crosspatch.core.fp;

import java.math.BigInteger;

/// x87's functions that are no ratio (SDM vol. 1 8.3.8, 8.3.10): to more bits than an extended number has, so that what
/// is rounded is the function's value. A CPU's last bit may be another one (8.3.10: off by less than one unit in the
/// last place).
///
/// Numbers in here are fractions: integers over a power of two. [ExtendedUnit] has dealt with all that is no finite
/// number that is not zero.
final class Transcendental {
  private Transcendental() {}

  /// Bits behind the point that results have at least; and the logarithm's, of which some are lost near 1.
  private static final int BITS = 256;

  private static final BigInteger ONE = BigInteger.ONE;
  private static final BigInteger LN2 = atanhOfInverse(3, 2 * BITS).shiftLeft(1);
  /// Machin's formula.
  private static final BigInteger PI =
      atanOfInverse(5, 2 * BITS).shiftLeft(2).subtract(atanOfInverse(239, 2 * BITS)).shiftLeft(2);
  /// What Intel's CPUs take for it, to reduce arguments (SDM vol. 1 8.3.8): 66 bits.
  private static final BigInteger SHORT_PI = PI.shiftRight(2 * BITS - 64).shiftLeft(2 * BITS - 64);

  /// A value: `n / 2^bits`, of which the last bits may be wrong.
  ///
  /// @param exact all bits are right
  record Fraction(BigInteger n, int bits, boolean exact) {}

  private static Fraction rounded(BigInteger n, int bits) {
    return new Fraction(n, bits, false);
  }

  /// A number over `2^bits`; those of its bits that do not fit are cut off.
  private static BigInteger fixed(Extended a, int bits) {
    int shift = a.power() - 63 + bits;
    BigInteger n = ExtendedUnit.big(a.normalized());
    n = shift >= 0 ? n.shiftLeft(shift) : n.shiftRight(-shift);
    return a.isNegative() ? n.negate() : n;
  }

  /// Bits behind the point for results of the magnitude of `a`.
  private static int bits(Extended a) {
    return BITS - Math.min(a.power(), 0);
  }

  private static BigInteger mul(BigInteger a, BigInteger b, int bits) {
    return a.multiply(b).shiftRight(bits);
  }

  /// `c * 2^to`, given `c * 2^(2 * BITS)`, or nearly so.
  private static BigInteger constant(BigInteger c, int to) {
    return to >= 2 * BITS ? c.shiftLeft(to - 2 * BITS) : c.shiftRight(2 * BITS - to);
  }

  // ---- series

  private static BigInteger atanhOfInverse(int n, int bits) {
    return atanh(ONE.shiftLeft(bits).divide(BigInteger.valueOf(n)), bits, 1);
  }

  private static BigInteger atanOfInverse(int n, int bits) {
    return atanh(ONE.shiftLeft(bits).divide(BigInteger.valueOf(n)), bits, -1);
  }

  /// `z + sign * z^3 / 3 + z^5 / 5 + ...`: atanh, or with a negative sign atan.
  private static BigInteger atanh(BigInteger z, int bits, int sign) {
    BigInteger square = mul(z, z, bits);
    BigInteger power = z;
    BigInteger sum = BigInteger.ZERO;
    for (int i = 1; power.bitLength() > 1; i += 2) {
      BigInteger term = power.divide(BigInteger.valueOf(i));
      sum = sign < 0 && (i & 2) != 0 ? sum.subtract(term) : sum.add(term);
      power = mul(power, square, bits);
    }
    return sum;
  }

  /// `first + first * x / k1 + ...`, each term the last one by `x` over the next of some integers: those from `from` on
  /// if `step` is 1; if it is 2, products of two.
  private static BigInteger powers(BigInteger first, BigInteger x, int from, int step, int bits) {
    BigInteger term = first;
    BigInteger sum = first;
    for (int k = from; term.bitLength() > 1; k += step) {
      term = mul(term, x, bits).divide(BigInteger.valueOf(step == 1 ? k : (long) k * (k + 1)));
      sum = sum.add(term);
    }
    return sum;
  }

  // ---- functions

  /// `2^x - 1`, of magnitudes up to 1.
  static Fraction exponential(Extended x) {
    int bits = bits(x);
    if (x.power() == 0) {
      return new Fraction(x.isNegative() ? ONE.shiftLeft(bits - 1).negate() : ONE.shiftLeft(bits), bits, true);
    }
    BigInteger t = mul(fixed(x, bits), constant(LN2, bits), bits);
    return rounded(powers(t, t, 2, 1, bits), bits);
  }

  /// `y * log2(x)`.
  static Fraction logarithm(Extended y, Extended x) {
    return logarithm(y, ExtendedUnit.big(x.normalized()), 63 - x.power());
  }

  /// `y * log2(n / 2^scale)`.
  private static Fraction logarithm(Extended y, BigInteger n, int scale) {
    int exponent = n.bitLength() - 1 - scale;
    if (n.bitCount() == 1) {
      BigInteger product = ExtendedUnit.big(y.normalized()).multiply(BigInteger.valueOf(exponent));
      return new Fraction(y.isNegative() ? product.negate() : product, 63 - y.power(), true);
    }
    int bits = 2 * BITS;
    BigInteger one = ONE.shiftLeft(bits);
    BigInteger m = n.shiftLeft(bits + 1 - n.bitLength());
    if (m.multiply(m).bitLength() > 2 * bits + 1) { // above the root of 2
      m = m.shiftRight(1);
      exponent++;
    }
    BigInteger z = m.subtract(one).shiftLeft(bits).divide(m.add(one));
    return times(y, log2(z, bits).add(BigInteger.valueOf(exponent).shiftLeft(bits)), bits);
  }

  /// `y * log2(x + 1)`; near 0 the sum would have too few bits.
  static Fraction logarithmNearOne(Extended y, Extended x) {
    int bits = bits(x) + BITS;
    BigInteger n = fixed(x, bits);
    BigInteger sum = n.add(ONE.shiftLeft(bits));
    if (x.power() >= -1) {
      return logarithm(y, sum, bits);
    }
    return times(y, log2(n.shiftLeft(bits).divide(sum.add(ONE.shiftLeft(bits))), bits), bits);
  }

  /// log2 of `(1 + z) / (1 - z)`.
  private static BigInteger log2(BigInteger z, int bits) {
    return atanh(z, bits, 1).shiftLeft(2 * BITS + 1).divide(LN2);
  }

  private static Fraction times(Extended y, BigInteger n, int bits) {
    BigInteger product = ExtendedUnit.big(y.normalized()).multiply(n);
    return rounded(y.isNegative() ? product.negate() : product, bits + 63 - y.power());
  }

  /// The angle of the point `x`, `y`, in radians.
  static Fraction angle(Extended y, Extended x) {
    int nearer = y.power() - x.power();
    BigInteger ny = ExtendedUnit.big(y.normalized());
    BigInteger nx = ExtendedUnit.big(x.normalized());
    int bits = x.isNegative() ? 2 * BITS : BITS + Math.max(-nearer, 0) + 64;
    boolean steep = nearer > 0 || (nearer == 0 && ny.compareTo(nx) > 0);
    int distance = Math.abs(nearer);
    BigInteger large = (steep ? ny : nx).shiftLeft(Math.min(distance, 4 * BITS + bits));
    BigInteger angle = atan((steep ? nx : ny).shiftLeft(bits).divide(large), bits);
    BigInteger pi = constant(PI, bits);
    angle = steep ? pi.shiftRight(1).subtract(angle) : angle;
    angle = x.isNegative() ? pi.subtract(angle) : angle;
    return rounded(y.isNegative() ? angle.negate() : angle, bits);
  }

  /// `quarters * pi / 4`.
  static Fraction pi(boolean negative, int quarters) {
    BigInteger n = PI.multiply(BigInteger.valueOf(negative ? -quarters : quarters));
    return rounded(n, 2 * BITS + 2);
  }

  /// Of 0 to 1: the half of an angle twice, then the series.
  private static BigInteger atan(BigInteger r, int bits) {
    BigInteger half = r;
    if (r.bitLength() < bits - 4) {
      return atanh(r, bits, -1);
    }
    for (int i = 0; i < 2; i++) {
      BigInteger one = ONE.shiftLeft(bits);
      BigInteger root = ONE.shiftLeft(2 * bits).add(half.multiply(half)).sqrt();
      half = half.shiftLeft(bits).divide(one.add(root));
    }
    return atanh(half, bits, -1).shiftLeft(2);
  }

  /// The sine, or the cosine.
  ///
  /// @param shortPi arguments are reduced by 66 bits of pi
  static Fraction sine(Extended x, boolean cosine, boolean shortPi) {
    int bits = BITS + bits(x);
    BigInteger half = constant(shortPi ? SHORT_PI : PI, bits).shiftRight(1);
    BigInteger n = fixed(x, bits);
    BigInteger[] turns = n.add(half.shiftRight(1)).divideAndRemainder(half);
    BigInteger k = turns[1].signum() < 0 ? turns[0].subtract(ONE) : turns[0];
    BigInteger rest = n.subtract(k.multiply(half));
    int quadrant = k.intValue() + (cosine ? 1 : 0) & 3;
    BigInteger square = mul(rest, rest, bits).negate();
    BigInteger value = (quadrant & 1) != 0
        ? powers(ONE.shiftLeft(bits), square, 1, 2, bits) : powers(rest, square, 2, 2, bits);
    return rounded((quadrant & 2) != 0 ? value.negate() : value, bits);
  }

  /// The quotient.
  static Fraction ratio(Fraction a, Fraction b) {
    return rounded(a.n.shiftLeft(a.bits + BITS).divide(b.n), a.bits + BITS);
  }
}
