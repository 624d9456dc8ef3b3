package dev.crosspatch.core.fp;

import java.math.BigInteger;

/// x87's arithmetic (SDM vol. 1 4.8, 4.9, 8.5). An ISA sets the public fields from the control word, clears
/// [#exceptions] before an instruction, and writes the result if [#isRefused()] does not say that there is none.
///
/// Exceptions are those of [FloatUnit]. What overflows or underflows and traps has an exponent that is 24,576 lower or
/// higher; if that is not enough, which only FSCALE can do, it is infinite or zero (SDM vol. 1 8.5.4, 8.5.5).
public final class ExtendedUnit {
  private static final int OF_OPERANDS = FloatUnit.INVALID | FloatUnit.DENORMAL | FloatUnit.DIVIDE_BY_ZERO;
  private static final int LEAST = 1 - Extended.BIAS;
  private static final int WRAP = 24_576;
  private static final long DECIMALS = 999_999_999_999_999_999L;
  /// Exponents by which FPREM comes nearer at most.
  private static final int FAR = 64;

  /// There is more to divide.
  public static final int PART = -1;
  /// A NaN is no quotient.
  public static final int NONE = -2;

  private final FloatUnit narrow = new FloatUnit(FloatRules.X86);

  public Rounding rounding = Rounding.NEAREST_EVEN;
  /// Bits that sums, products, quotients and roots are rounded to: 24, 53 or 64.
  public int precision = 64;
  /// Exceptions that are not masked.
  public int trapped;
  /// Exceptions since they were cleared.
  public int exceptions;
  /// Whether the last result was rounded away from zero: C1.
  public boolean roundedUp;
  /// The operand that [#widen] made was denormal, which whoever uses it tells.
  private boolean denormalSource;
  /// The lowest three bits of a quotient, of [#remainder]; or [#PART], or [#NONE].
  public int quotient;

  /// An instruction begins.
  public void begin() {
    exceptions = 0;
    roundedUp = false;
    denormalSource = false;
  }

  /// Whether an exception of operands traps: there is no result.
  public boolean isRefused() {
    return (exceptions & trapped & OF_OPERANDS) != 0;
  }

  public void raise(int exception) {
    exceptions |= exception;
  }

  private Extended invalid() {
    raise(FloatUnit.INVALID);
    return Extended.INDEFINITE;
  }

  // ---- operands

  private static boolean isOdd(Extended a) {
    return a.isNan() || a.isUnsupported();
  }

  /// What comes of operands of which one is a NaN or no number at all (SDM vol. 1 4.8.3.5): of two NaNs the quiet one,
  /// of two of a kind that with the larger significand, of two with the same the positive one.
  private Extended nan(Extended a, Extended b) {
    if (a.isUnsupported() || b.isUnsupported()) {
      return invalid();
    }
    if (a.isSignalling() || b.isSignalling()) {
      raise(FloatUnit.INVALID);
    }
    if (!a.isNan() || !b.isNan()) {
      return (a.isNan() ? a : b).quiet();
    }
    if (a.isSignalling() != b.isSignalling()) {
      return a.isSignalling() ? b : a;
    }
    int order = Long.compareUnsigned(a.significand(), b.significand());
    boolean first = order == 0 ? !a.isNegative() : order > 0;
    return (first ? a : b).quiet();
  }

  private void tellDenormal(Extended a) {
    if (a.isDenormal() || denormalSource) {
      raise(FloatUnit.DENORMAL);
    }
  }

  private void tellDenormals(Extended a, Extended b) {
    tellDenormal(a);
    tellDenormal(b);
  }

  // ---- rounding

  /// A result with its highest bit anywhere, of which the lowest stands for all below.
  private Extended round(boolean negative, int exponent, Wide value, int bits) {
    int zeros = value.leadingZeros();
    Wide v = value.left(zeros);
    return round(negative, exponent - zeros, v.high(), v.low(), bits);
  }

  /// @param exponent of the highest bit of `high`, which is 1
  /// @param low      what is below, as a fraction of 2^64
  private Extended round(boolean negative, int exponent, long high, long low, int bits) {
    if (exponent < LEAST) {
      return tiny(negative, exponent, high, low, bits);
    }
    long kept = kept(high, bits);
    long rest = rest(high, low, bits);
    boolean up = rounding.increments(negative, kept, rest);
    long significand = (kept + (up ? 1 : 0)) << (64 - bits);
    int e = exponent;
    if (up && significand == 0) {
      significand = Long.MIN_VALUE;
      e++;
    }
    if (e > Extended.BIAS) {
      raise(FloatUnit.OVERFLOW);
      if ((trapped & FloatUnit.OVERFLOW) == 0) {
        return overflow(negative, bits);
      }
      e -= WRAP;
      if (e > Extended.BIAS) {
        raise(FloatUnit.INEXACT);
        roundedUp = true;
        return Extended.infinity(negative);
      }
    }
    return finish(negative, e, significand, rest != 0, up);
  }

  private Extended finish(boolean negative, int exponent, long significand, boolean inexact, boolean up) {
    if (inexact) {
      raise(FloatUnit.INEXACT);
      roundedUp = up;
    }
    return Extended.number(negative, exponent, significand);
  }

  private Extended overflow(boolean negative, int bits) {
    raise(FloatUnit.INEXACT);
    roundedUp = rounding.overflowsToInfinity(negative);
    return roundedUp
        ? Extended.infinity(negative) : Extended.number(negative, Extended.BIAS, -1L << (64 - bits));
  }

  private static long kept(long high, int bits) {
    return high >>> (64 - bits);
  }

  private static long rest(long high, long low, int bits) {
    return bits == 64 ? low : high << bits | (low == 0 ? 0 : 1);
  }

  /// Below the normal numbers. After rounding it is one of them if it was a hair's breadth away.
  private Extended tiny(boolean negative, int exponent, long high, long low, int bits) {
    long whole = kept(high, bits);
    boolean carries = exponent == LEAST - 1 && whole == -1L >>> (64 - bits)
        && rounding.increments(negative, whole, rest(high, low, bits));
    if (!carries && (trapped & FloatUnit.UNDERFLOW) != 0) {
      raise(FloatUnit.UNDERFLOW);
      if (exponent + WRAP >= LEAST) {
        return round(negative, exponent + WRAP, high, low, bits);
      }
      raise(FloatUnit.INEXACT);
      return Extended.zero(negative);
    }
    Wide v = new Wide(high, low).jam(Math.min(LEAST - exponent, 127));
    long kept = kept(v.high(), bits);
    long rest = rest(v.high(), v.low(), bits);
    boolean up = rounding.increments(negative, kept, rest);
    long significand = (kept + (up ? 1 : 0)) << (64 - bits);
    if (rest != 0) {
      raise(carries ? FloatUnit.INEXACT : FloatUnit.INEXACT | FloatUnit.UNDERFLOW);
      roundedUp = up;
    }
    return new Extended((negative ? 0x8000 : 0) | (significand < 0 ? 1 : 0), significand);
  }

  // ---- arithmetic

  public Extended add(Extended a, Extended b) {
    return sum(a, b, false);
  }

  /// `a - b`.
  public Extended sub(Extended a, Extended b) {
    return sum(a, b, true);
  }

  private Extended sum(Extended a, Extended b, boolean subtract) {
    if (isOdd(a) || isOdd(b)) {
      return nan(a, b);
    }
    boolean an = a.isNegative();
    boolean bn = b.isNegative() != subtract;
    if (a.isInfinite() && b.isInfinite() && an != bn) {
      return invalid();
    }
    tellDenormals(a, b);
    if (a.isInfinite() || b.isInfinite()) {
      return Extended.infinity(a.isInfinite() ? an : bn);
    }
    if (a.isZero() || b.isZero()) {
      if (a.isZero() && b.isZero()) {
        return Extended.zero(an == bn ? an : rounding == Rounding.DOWN);
      }
      Extended n = a.isZero() ? b : a;
      return round(a.isZero() ? bn : an, n.power(), n.normalized(), 0, precision);
    }
    boolean larger = a.power() != b.power()
        ? a.power() > b.power() : Long.compareUnsigned(a.normalized(), b.normalized()) >= 0;
    return larger ? sum(a, an, b, bn) : sum(b, bn, a, an);
  }

  /// Both are no zeros, `a` is not the smaller one.
  private Extended sum(Extended a, boolean an, Extended b, boolean bn) {
    Wide large = new Wide(a.normalized() >>> 1, a.normalized() << 63);
    Wide small = new Wide(b.normalized() >>> 1, b.normalized() << 63).jam(Math.min(a.power() - b.power(), 127));
    Wide sum = an == bn ? large.plus(small) : large.minus(small);
    return sum.isZero() ? Extended.zero(rounding == Rounding.DOWN) : round(an, a.power() + 1, sum, precision);
  }

  public Extended mul(Extended a, Extended b) {
    if (isOdd(a) || isOdd(b)) {
      return nan(a, b);
    }
    if (a.isZero() ? b.isInfinite() : a.isInfinite() && b.isZero()) {
      return invalid();
    }
    tellDenormals(a, b);
    boolean negative = a.isNegative() != b.isNegative();
    if (a.isInfinite() || b.isInfinite()) {
      return Extended.infinity(negative);
    }
    if (a.isZero() || b.isZero()) {
      return Extended.zero(negative);
    }
    return round(negative, a.power() + b.power() + 1, Wide.product(a.normalized(), b.normalized()), precision);
  }

  /// `a / b`.
  public Extended div(Extended a, Extended b) {
    if (isOdd(a) || isOdd(b)) {
      return nan(a, b);
    }
    if (a.isInfinite() ? b.isInfinite() : a.isZero() && b.isZero()) {
      return invalid();
    }
    boolean negative = a.isNegative() != b.isNegative();
    if (b.isZero() && !a.isInfinite()) {
      raise(FloatUnit.DIVIDE_BY_ZERO);
      return Extended.infinity(negative);
    }
    tellDenormals(a, b);
    if (a.isInfinite() || a.isZero() || b.isInfinite()) {
      return a.isInfinite() ? Extended.infinity(negative) : Extended.zero(negative);
    }
    BigInteger[] q = big(a.normalized()).shiftLeft(66).divideAndRemainder(big(b.normalized()));
    return round(negative, a.power() - b.power() + 60, jammed(q[0], q[1]), precision);
  }

  public Extended sqrt(Extended a) {
    if (isOdd(a)) {
      return nan(a, a);
    }
    if (a.isZero()) {
      return a;
    }
    if (a.isNegative()) {
      return invalid();
    }
    tellDenormal(a);
    if (a.isInfinite()) {
      return a;
    }
    int odd = a.power() & 1;
    BigInteger[] root = big(a.normalized()).shiftLeft(69 + odd).sqrtAndRemainder();
    return round(false, (a.power() - odd) / 2 + 60, jammed(root[0], root[1]), precision);
  }

  static BigInteger big(long unsigned) {
    return new BigInteger(Long.toUnsignedString(unsigned));
  }

  /// A number of up to 127 bits, and whether there is something below.
  private static Wide jammed(BigInteger n, BigInteger rest) {
    Wide wide = new Wide(n.shiftRight(63).longValue(), n.longValue() << 1);
    return rest.signum() == 0 ? wide : new Wide(wide.high(), wide.low() | 1);
  }

  /// FRNDINT: the nearest integer.
  public Extended roundToIntegral(Extended a) {
    if (isOdd(a)) {
      return nan(a, a);
    }
    tellDenormal(a);
    if (a.isZero() || a.isInfinite() || a.power() >= 63) {
      return a;
    }
    long[] parts = integral(a);
    boolean up = rounding.increments(a.isNegative(), parts[0], parts[1]);
    if (parts[1] != 0) {
      raise(FloatUnit.INEXACT);
      roundedUp = up;
    }
    long n = parts[0] + (up ? 1 : 0);
    return n == 0 ? Extended.zero(a.isNegative()) : exactly(a.isNegative(), n);
  }

  /// An integer that is not zero.
  private static Extended exactly(boolean negative, long magnitude) {
    int zeros = Long.numberOfLeadingZeros(magnitude);
    return Extended.number(negative, 63 - zeros, magnitude << zeros);
  }

  /// The integer below a magnitude, and the rest as a fraction of 2^64; of one below 2^63.
  private static long[] integral(Extended a) {
    int cut = Math.min(63 - a.power(), 127);
    return new long[] {Rounder.kept(a.normalized(), cut), Rounder.rest(a.normalized(), cut)};
  }

  /// FSCALE: `a` by two to the power of `by`, which is cut to an integer.
  public Extended scale(Extended a, Extended by) {
    if (isOdd(a) || isOdd(by)) {
      return nan(a, by);
    }
    if (by.isInfinite()) {
      boolean none = by.isNegative() ? a.isInfinite() : a.isZero();
      if (none) {
        return invalid();
      }
      tellDenormal(a);
      return by.isNegative() ? Extended.zero(a.isNegative()) : Extended.infinity(a.isNegative());
    }
    tellDenormals(a, by);
    if (a.isZero() || a.isInfinite()) {
      return a;
    }
    int n = by.isZero() || by.power() < 0
        ? 0 : by.power() > 16 ? 1 << 17 : (int) (by.normalized() >>> (63 - by.power()));
    return round(a.isNegative(), a.power() + (by.isNegative() ? -n : n), a.normalized(), 0, 64);
  }

  /// FPREM and, if `nearest`, FPREM1: what is left of `a` by the division by `b`, or of a part of that division. Sets
  /// [#quotient].
  public Extended remainder(Extended a, Extended b, boolean nearest) {
    quotient = NONE;
    if (isOdd(a) || isOdd(b)) {
      return nan(a, b);
    }
    if (a.isInfinite() || b.isZero()) {
      return invalid();
    }
    quotient = 0;
    tellDenormals(a, b);
    if (a.isZero() || b.isInfinite()) {
      return a.isZero() ? a : round(a.isNegative(), a.power(), a.normalized(), 0, 64);
    }
    int distance = a.power() - b.power();
    if (distance < -1) {
      return round(a.isNegative(), a.power(), a.normalized(), 0, 64);
    }
    boolean part = distance >= FAR;
    int step = part ? distance - 32 - distance % 32 : 0;
    int scale = Math.max(distance - step, 0);
    int below = Math.max(-distance, 0);
    BigInteger divisor = big(b.normalized()).shiftLeft(below);
    BigInteger[] q = big(a.normalized()).shiftLeft(scale).divideAndRemainder(divisor);
    BigInteger rest = q[1];
    BigInteger whole = q[0];
    boolean negative = a.isNegative();
    if (nearest && !part) {
      int order = rest.shiftLeft(1).compareTo(divisor);
      if (order > 0 || (order == 0 && whole.testBit(0))) {
        rest = divisor.subtract(rest);
        whole = whole.add(BigInteger.ONE);
        negative = !negative;
      }
    }
    quotient = part ? PART : whole.intValue() & 7;
    if (rest.signum() == 0) {
      return Extended.zero(a.isNegative());
    }
    int lowest = part ? b.power() + step - 63 : Math.min(a.power(), b.power()) - 63;
    int shift = 64 - rest.bitLength();
    return round(negative, lowest + rest.bitLength() - 1, rest.shiftLeft(shift).longValue(), 0, 64);
  }

  /// FXTRACT: the exponent and the significand.
  public Extended[] extract(Extended a) {
    if (isOdd(a)) {
      Extended nan = nan(a, a);
      return new Extended[] {nan, nan};
    }
    if (a.isZero()) {
      raise(FloatUnit.DIVIDE_BY_ZERO);
      return new Extended[] {Extended.infinity(true), a};
    }
    if (a.isInfinite()) {
      return new Extended[] {Extended.infinity(false), a};
    }
    tellDenormal(a);
    return new Extended[] {fromInteger(a.power()), Extended.number(a.isNegative(), 0, a.normalized())};
  }

  // ---- functions

  /// Rounds, with more bits than a result has; precision control does not count.
  private Extended result(Transcendental.Fraction value) {
    BigInteger n = value.n().abs();
    int cut = n.bitLength() - 127;
    BigInteger kept = cut > 0 ? n.shiftRight(cut) : n.shiftLeft(-cut);
    Wide wide = new Wide(kept.shiftRight(63).longValue(), kept.longValue() << 1 | (value.exact() ? 0 : 1));
    return round(value.n().signum() < 0, n.bitLength() - 1 - value.bits(), wide.high(), wide.low(), 64);
  }

  /// F2XM1: `2^a - 1`. Of magnitudes above 1 it is undefined, here `a` itself.
  public Extended exponential(Extended a) {
    if (isOdd(a)) {
      return nan(a, a);
    }
    tellDenormal(a);
    if (a.isInfinite() && a.isNegative()) {
      return Extended.ONE.negate();
    }
    boolean inside = !a.isZero() && !a.isInfinite()
        && (a.power() < 0 || (a.power() == 0 && a.normalized() == Long.MIN_VALUE));
    return inside ? result(Transcendental.exponential(a)) : a;
  }

  /// FYL2X: `y * log2(x)`.
  public Extended logarithm(Extended x, Extended y) {
    if (isOdd(x) || isOdd(y)) {
      return nan(x, y);
    }
    if (x.isNegative() && !x.isZero()) {
      return invalid();
    }
    boolean one = !x.isZero() && !x.isInfinite() && x.power() == 0 && x.normalized() == Long.MIN_VALUE;
    if ((y.isZero() && (x.isZero() || x.isInfinite())) || (y.isInfinite() && one)) {
      return invalid();
    }
    if (x.isZero() && !y.isInfinite()) {
      raise(FloatUnit.DIVIDE_BY_ZERO);
      return Extended.infinity(!y.isNegative());
    }
    tellDenormals(x, y);
    boolean falls = x.isZero() || (!x.isInfinite() && x.power() < 0);
    if (x.isZero() || x.isInfinite() || y.isInfinite()) {
      return Extended.infinity(y.isNegative() != falls);
    }
    if (y.isZero() || one) {
      return Extended.zero(y.isNegative() != falls);
    }
    raise(FloatUnit.INEXACT); // CPUs say so even of powers of two
    return result(Transcendental.logarithm(y, x));
  }

  /// FYL2XP1: `y * log2(x + 1)`, for `x` between the root of one half less 1 and the root of 2 less 1; beyond that it
  /// is undefined, here as far as there is a logarithm the same.
  public Extended logarithmNearOne(Extended x, Extended y) {
    if (isOdd(x) || isOdd(y)) {
      return nan(x, y);
    }
    boolean none = x.isNegative() && !x.isZero() && (x.isInfinite() || x.power() >= 0);
    if (none || (x.isZero() && y.isInfinite()) || (x.isInfinite() && y.isZero())) {
      return invalid();
    }
    tellDenormals(x, y);
    boolean negative = x.isNegative() != y.isNegative();
    if (x.isInfinite() || y.isInfinite()) {
      return Extended.infinity(negative);
    }
    return x.isZero() || y.isZero() ? Extended.zero(negative) : result(Transcendental.logarithmNearOne(y, x));
  }

  /// FPATAN: the angle of the point `x`, `y`.
  public Extended angle(Extended x, Extended y) {
    if (isOdd(x) || isOdd(y)) {
      return nan(x, y);
    }
    tellDenormals(x, y);
    boolean negative = y.isNegative();
    if (y.isInfinite()) {
      return result(Transcendental.pi(negative, !x.isInfinite() ? 2 : x.isNegative() ? 3 : 1));
    }
    if (x.isInfinite() || y.isZero()) {
      return x.isNegative() ? result(Transcendental.pi(negative, 4)) : Extended.zero(negative);
    }
    return x.isZero() ? result(Transcendental.pi(negative, 2)) : result(Transcendental.angle(y, x));
  }

  /// FSIN, FCOS: of magnitudes below 2^63.
  ///
  /// @param shortPi arguments are reduced by 66 bits of pi, as Intel's CPUs do
  public Extended sine(Extended a, boolean cosine, boolean shortPi) {
    if (isOdd(a)) {
      return nan(a, a);
    }
    if (a.isInfinite()) {
      return invalid();
    }
    tellDenormal(a);
    if (a.isZero()) {
      return cosine ? Extended.ONE : a;
    }
    return result(Transcendental.sine(a, cosine, shortPi));
  }

  /// FPTAN.
  public Extended tangent(Extended a, boolean shortPi) {
    if (isOdd(a)) {
      return nan(a, a);
    }
    if (a.isInfinite()) {
      return invalid();
    }
    tellDenormal(a);
    return a.isZero() ? a : result(Transcendental.ratio(
        Transcendental.sine(a, false, shortPi), Transcendental.sine(a, true, shortPi)));
  }

  /// Whether FSIN and kin leave an argument as it is.
  public static boolean isFar(Extended a) {
    return !isOdd(a) && !a.isInfinite() && !a.isZero() && a.power() >= 63;
  }

  // ---- order

  /// Compares.
  ///
  /// @param signalling quiet NaNs are invalid, too: FCOM, FTST
  public FloatOrder compare(Extended a, Extended b, boolean signalling) {
    if (isOdd(a) || isOdd(b)) {
      if (signalling || a.isUnsupported() || b.isUnsupported() || a.isSignalling() || b.isSignalling()) {
        raise(FloatUnit.INVALID);
      }
      return FloatOrder.UNORDERED;
    }
    tellDenormals(a, b);
    if (a.isZero() && b.isZero()) {
      return FloatOrder.EQUAL;
    }
    if (a.isNegative() != b.isNegative()) {
      return a.isNegative() ? FloatOrder.LESS : FloatOrder.GREATER;
    }
    int order = magnitudes(a, b);
    order = a.isNegative() ? -order : order;
    return order < 0 ? FloatOrder.LESS : order > 0 ? FloatOrder.GREATER : FloatOrder.EQUAL;
  }

  private static int magnitudes(Extended a, Extended b) {
    int exponents = Integer.compare(Math.max(a.biased(), 1), Math.max(b.biased(), 1));
    return exponents != 0 ? exponents : Long.compareUnsigned(a.significand(), b.significand());
  }

  // ---- conversions

  /// FLD: a value as it is loaded, NaNs being quiet.
  public Extended load(Extended a) {
    if (isOdd(a)) {
      return nan(a, a);
    }
    tellDenormal(a);
    return a;
  }

  /// A single or double as an extended one, which is always exact and no exception: an operand.
  public Extended widen(FloatFormat f, long value) {
    boolean negative = f.isNegative(value);
    if (f.isNan(value)) {
      return new Extended(Extended.infinity(negative).exponent(),
          Long.MIN_VALUE | (value & f.fraction) << (63 - f.fractionBits));
    }
    if (f.isInfinite(value)) {
      return Extended.infinity(negative);
    }
    denormalSource = f.isDenormal(value);
    return f.isZero(value)
        ? Extended.zero(negative) : Extended.number(negative, f.exponent(value), f.significand(value));
  }

  /// An extended value as a single or double: of one that overflows or underflows and traps there is none.
  public long narrow(FloatFormat f, Extended a) {
    if (a.isUnsupported()) {
      raise(FloatUnit.INVALID);
      return f.infinity(true) | f.quiet;
    }
    if (a.isNan()) {
      if (a.isSignalling()) {
        raise(FloatUnit.INVALID);
      }
      return f.infinity(a.isNegative()) | f.quiet | (a.significand() >>> (63 - f.fractionBits) & f.fraction);
    }
    if (a.isInfinite() || a.isZero()) {
      return a.isZero() ? f.zero(a.isNegative()) : f.infinity(a.isNegative());
    }
    narrow.rounding = rounding;
    narrow.trapped = trapped;
    narrow.exceptions = 0;
    long result = Rounder.round(narrow, f, a.isNegative(), a.power(), a.normalized());
    raise(narrow.exceptions);
    roundedUp = (narrow.exceptions & FloatUnit.INEXACT) != 0 && isAbove(f, result, a);
    return result;
  }

  private static boolean isAbove(FloatFormat f, long rounded, Extended a) {
    if (f.isZero(rounded) || f.isInfinite(rounded)) {
      return f.isInfinite(rounded);
    }
    int exponent = f.exponent(rounded);
    return exponent != a.power()
        ? exponent > a.power() : Long.compareUnsigned(f.significand(rounded), a.normalized()) > 0;
  }

  public Extended fromInteger(long value) {
    return value == 0 ? Extended.ZERO : exactly(value < 0, Math.abs(value));
  }

  /// FIST: an integer of `bits` bits; what it does not hold is invalid, and the lowest one.
  public long toInteger(Extended a, int bits, Rounding r) {
    long lowest = 1L << (bits - 1);
    if (isOdd(a) || a.isInfinite() || (!a.isZero() && a.power() >= 64)) {
      raise(FloatUnit.INVALID);
      return lowest;
    }
    return a.isZero() ? 0 : integer(a, lowest, lowest - 1, r, lowest);
  }

  private long integer(Extended a, long leastMagnitude, long mostMagnitude, Rounding r, long otherwise) {
    long[] parts = integral(a);
    if (a.power() == 63) {
      parts = new long[] {a.normalized(), 0};
    }
    boolean up = r.increments(a.isNegative(), parts[0], parts[1]);
    long n = parts[0] + (up ? 1 : 0);
    if (Long.compareUnsigned(n, a.isNegative() ? leastMagnitude : mostMagnitude) > 0) {
      raise(FloatUnit.INVALID);
      return otherwise;
    }
    if (parts[1] != 0) {
      raise(FloatUnit.INEXACT);
      roundedUp = up;
    }
    return a.isNegative() ? -n : n;
  }

  /// FBSTP: an integer of 18 decimal digits; [Long#MIN_VALUE] if it has more.
  public long toDecimal(Extended a) {
    if (isOdd(a) || a.isInfinite() || (!a.isZero() && a.power() >= 64)) {
      raise(FloatUnit.INVALID);
      return Long.MIN_VALUE;
    }
    return a.isZero() ? 0 : integer(a, DECIMALS, DECIMALS, rounding, Long.MIN_VALUE);
  }
}
