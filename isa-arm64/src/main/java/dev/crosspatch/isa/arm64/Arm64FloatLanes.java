package dev.crosspatch.isa.arm64;

import dev.crosspatch.core.fp.Estimates;
import dev.crosspatch.core.fp.FloatFormat;
import dev.crosspatch.core.fp.FloatOrder;
import dev.crosspatch.core.fp.Rounding;
import dev.crosspatch.isa.arm64.Arm64Packed.Lane;

/// What floating-point instructions do with an element ([Arm64Packed.Lane]), vectors' and scalars' alike: calls of
/// [dev.crosspatch.core.fp.FloatUnit]. Source: DDI0487 C7.2, J1.3 (shared/functions/float).
final class Arm64FloatLanes {
  private Arm64FloatLanes() {}

  /// The format by log2 of its bytes.
  static FloatFormat format(int size) {
    return switch (size) {
      case 1 -> FloatFormat.HALF;
      case 2 -> FloatFormat.SINGLE;
      default -> FloatFormat.DOUBLE;
    };
  }

  // ---- arithmetic

  static long fadd(Arm64Core core, long d, long n, long m, int size) {
    return core.fp.add(format(size), n, m);
  }

  static long fsub(Arm64Core core, long d, long n, long m, int size) {
    return core.fp.sub(format(size), n, m);
  }

  static long fmul(Arm64Core core, long d, long n, long m, int size) {
    return core.fp.mul(format(size), n, m);
  }

  static long fnmul(Arm64Core core, long d, long n, long m, int size) {
    return fneg(core, d, fmul(core, d, n, m, size), m, size);
  }

  static long fmulx(Arm64Core core, long d, long n, long m, int size) {
    return core.fp.mulExtended(format(size), n, m);
  }

  static long fdiv(Arm64Core core, long d, long n, long m, int size) {
    return core.fp.div(format(size), n, m);
  }

  static long fsqrt(Arm64Core core, long d, long n, long m, int size) {
    return core.fp.sqrt(format(size), n);
  }

  static long fmla(Arm64Core core, long d, long n, long m, int size) {
    return core.fp.fma(format(size), n, m, d);
  }

  static long fmls(Arm64Core core, long d, long n, long m, int size) {
    return core.fp.fma(format(size), format(size).negate(n), m, d);
  }

  static long fnmla(Arm64Core core, long d, long n, long m, int size) {
    return fmls(core, format(size).negate(d), n, m, size);
  }

  static long fnmls(Arm64Core core, long d, long n, long m, int size) {
    return fmla(core, format(size).negate(d), n, m, size);
  }

  static long fabs(Arm64Core core, long d, long n, long m, int size) {
    return n & ~format(size).sign;
  }

  static long fneg(Arm64Core core, long d, long n, long m, int size) {
    return n ^ format(size).sign;
  }

  static long fabd(Arm64Core core, long d, long n, long m, int size) {
    return fabs(core, d, fsub(core, d, n, m, size), m, size);
  }

  static long fmax(Arm64Core core, long d, long n, long m, int size) {
    return core.fp.max(format(size), n, m);
  }

  static long fmin(Arm64Core core, long d, long n, long m, int size) {
    return core.fp.min(format(size), n, m);
  }

  static long fmaxnm(Arm64Core core, long d, long n, long m, int size) {
    return core.fp.maxNumber(format(size), n, m);
  }

  static long fminnm(Arm64Core core, long d, long n, long m, int size) {
    return core.fp.minNumber(format(size), n, m);
  }

  // ---- estimates

  static long frecps(Arm64Core core, long d, long n, long m, int size) {
    return core.fp.recipStep(format(size), n, m);
  }

  static long frsqrts(Arm64Core core, long d, long n, long m, int size) {
    return core.fp.rsqrtStep(format(size), n, m);
  }

  static long frecpe(Arm64Core core, long d, long n, long m, int size) {
    return core.fp.recipEstimate(format(size), n);
  }

  static long frsqrte(Arm64Core core, long d, long n, long m, int size) {
    return core.fp.rsqrtEstimate(format(size), n);
  }

  static long frecpx(Arm64Core core, long d, long n, long m, int size) {
    return core.fp.recipExponent(format(size), n);
  }

  static long urecpe(Arm64Core core, long d, long n, long m, int size) {
    return Estimates.recipUnsigned((int) n);
  }

  static long ursqrte(Arm64Core core, long d, long n, long m, int size) {
    return Estimates.rsqrtUnsigned((int) n);
  }

  // ---- comparisons

  private static long truth(boolean condition) {
    return condition ? -1 : 0;
  }

  static long fcmeq(Arm64Core core, long d, long n, long m, int size) {
    return truth(core.fp.compare(format(size), n, m, false) == FloatOrder.EQUAL);
  }

  static long fcmgt(Arm64Core core, long d, long n, long m, int size) {
    return truth(core.fp.compare(format(size), n, m, true) == FloatOrder.GREATER);
  }

  static long fcmge(Arm64Core core, long d, long n, long m, int size) {
    FloatOrder order = core.fp.compare(format(size), n, m, true);
    return truth(order == FloatOrder.GREATER || order == FloatOrder.EQUAL);
  }

  static long fcmlt(Arm64Core core, long d, long n, long m, int size) {
    return fcmgt(core, d, m, n, size);
  }

  static long fcmle(Arm64Core core, long d, long n, long m, int size) {
    return fcmge(core, d, m, n, size);
  }

  static long facgt(Arm64Core core, long d, long n, long m, int size) {
    return fcmgt(core, d, fabs(core, d, n, m, size), fabs(core, d, m, n, size), size);
  }

  static long facge(Arm64Core core, long d, long n, long m, int size) {
    return fcmge(core, d, fabs(core, d, n, m, size), fabs(core, d, m, n, size), size);
  }

  // ---- conversions

  /// FRINTN and kin.
  static Lane round(Rounding rounding) {
    return (core, d, n, m, size) -> core.fp.roundToIntegral(format(size), n, rounding, false);
  }

  static long frinti(Arm64Core core, long d, long n, long m, int size) {
    return core.fp.roundToIntegral(format(size), n, core.fp.rounding, false);
  }

  static long frintx(Arm64Core core, long d, long n, long m, int size) {
    return core.fp.roundToIntegral(format(size), n, core.fp.rounding, true);
  }

  /// FCVTNS and kin, to an integer as wide, or a fixed-point number with `m` bits of fraction.
  static Lane toInteger(boolean signed, Rounding rounding) {
    return (core, d, n, m, size) ->
        core.fp.toInteger(format(size), n, 8 << size, signed, (int) m, rounding);
  }

  static long scvtf(Arm64Core core, long d, long n, long m, int size) {
    return core.fp.fromInteger(format(size), n, 8 << size, true, (int) m);
  }

  static long ucvtf(Arm64Core core, long d, long n, long m, int size) {
    return core.fp.fromInteger(format(size), n, 8 << size, false, (int) m);
  }

  /// As [#format], where a half may be an alternative one: in conversions.
  private static FloatFormat convertible(Arm64Core core, int size) {
    return size == 1 && core.alternativeHalf ? FloatFormat.ALTERNATIVE_HALF : format(size);
  }

  /// From a format to another one.
  static long convert(Arm64Core core, long n, int from, int to) {
    return core.fp.convert(convertible(core, from), convertible(core, to), n);
  }

  /// FCVTL: from the format of half the size.
  static long fcvtl(Arm64Core core, long d, long n, long m, int size) {
    return convert(core, n, size - 1, size);
  }

  /// FCVTN: to the format of half the size.
  static long fcvtn(Arm64Core core, long d, long n, long m, int size) {
    return convert(core, n, size, size - 1);
  }

  static long fcvtxn(Arm64Core core, long d, long n, long m, int size) {
    return core.fp.convert(FloatFormat.DOUBLE, FloatFormat.SINGLE, n, Rounding.ODD);
  }
}
