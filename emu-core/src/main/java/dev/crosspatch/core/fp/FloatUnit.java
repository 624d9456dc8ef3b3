package dev.crosspatch.core.fp;

/// Floating-point arithmetic of one core: what its control register says, and the exceptions so far. An ISA sets the
/// public fields when its register (FPCR, MXCSR) is written, and reads and clears [#exceptions] as part of the other
/// (FPSR; again MXCSR). Nothing traps here: an ISA where something may, clears [#exceptions], does the instruction, and
/// if [#traps()], throws its results away.
///
/// Operands and results are the low bits of a `long`; what is above them is ignored and zero.
public final class FloatUnit {
  // ---- exceptions, in the order of MXCSR; FPSR is IOC = 1, DZC = 2, OFC = 4, UFC = 8, IXC = 16, IDC = 128
  public static final int INVALID = 1;
  /// A denormal operand: DE of x86, which is raised if it is used; IDC of Arm, if it was flushed.
  public static final int DENORMAL = 2;
  public static final int DIVIDE_BY_ZERO = 4;
  public static final int OVERFLOW = 8;
  public static final int UNDERFLOW = 16;
  public static final int INEXACT = 32;
  private static final int OF_OPERANDS = INVALID | DENORMAL | DIVIDE_BY_ZERO;

  /// Rounding of all that takes none of its own. Never [Rounding#ODD].
  public Rounding rounding = Rounding.NEAREST_EVEN;
  /// Denormal operands are zero, but halves: DAZ, FPCR.FZ.
  public boolean flushInputs;
  /// Tiny results are zero, but halves: FTZ while underflow is masked; FPCR.FZ.
  public boolean flushResults;
  /// Both for halves, but not in conversions to and from other formats: FPCR.FZ16.
  public boolean flushHalf;
  /// Every NaN becomes the default one: FPCR.DN.
  public boolean defaultNan;
  /// Exceptions that trap: those that MXCSR does not mask. A tiny result is then an underflow even if it is exact, and
  /// a result that underflows or overflows is inexact only if it would be with an exponent that has no end.
  public int trapped;
  /// Exceptions since they were cleared.
  public int exceptions;

  final FloatRules rules;

  public FloatUnit(FloatRules rules) {
    this.rules = rules;
  }

  public long add(FloatFormat f, long a, long b) {
    return switch (f) {
      case DOUBLE -> FastDouble.add(this, a, b);
      case SINGLE -> FastSingle.add(this, a, b);
      case HALF, ALTERNATIVE_HALF -> Arithmetic.add(this, f, a, b, false);
    };
  }

  public long sub(FloatFormat f, long a, long b) {
    return switch (f) {
      case DOUBLE -> FastDouble.sub(this, a, b);
      case SINGLE -> FastSingle.sub(this, a, b);
      case HALF, ALTERNATIVE_HALF -> Arithmetic.add(this, f, a, b, true);
    };
  }

  public long mul(FloatFormat f, long a, long b) {
    return switch (f) {
      case DOUBLE -> FastDouble.mul(this, a, b);
      case SINGLE -> FastSingle.mul(this, a, b);
      case HALF, ALTERNATIVE_HALF -> Arithmetic.mul(this, f, a, b);
    };
  }

  public long div(FloatFormat f, long a, long b) {
    return switch (f) {
      case DOUBLE -> FastDouble.div(this, a, b);
      case SINGLE -> FastSingle.div(this, a, b);
      case HALF, ALTERNATIVE_HALF -> Arithmetic.div(this, f, a, b);
    };
  }

  public long sqrt(FloatFormat f, long a) {
    return switch (f) {
      case DOUBLE -> FastDouble.sqrt(this, a);
      case SINGLE -> FastSingle.sqrt(this, a);
      case HALF, ALTERNATIVE_HALF -> Arithmetic.sqrt(this, f, a);
    };
  }

  /// `a * b + addend` with one rounding. The order in which NaNs are looked for is the rules': Arm's FPMulAdd takes the
  /// addend first; x86 `a`, `b`, addend, `a` and `b` being operands 1 and 3 of VFMADD132, 2 and 1 of VFMADD213, 2 and 3
  /// of VFMADD231. What is subtracted is negated by the caller: FMSUB and FNMADD by [FloatFormat#negate], x86 by
  /// [FloatFormat#negateNumber].
  public long fma(FloatFormat f, long a, long b, long addend) {
    return switch (f) {
      case DOUBLE -> FastDouble.fma(this, a, b, addend);
      case SINGLE -> FastSingle.fma(this, a, b, addend);
      case HALF, ALTERNATIVE_HALF -> FusedArithmetic.fma(this, f, a, b, addend);
    };
  }

  /// FMULX: as [#mul], but zero times infinity is 2.
  public long mulExtended(FloatFormat f, long a, long b) {
    return Arithmetic.mulExtended(this, f, a, b);
  }

  /// FRECPS: `2 - a * b`.
  public long recipStep(FloatFormat f, long a, long b) {
    return FusedArithmetic.step(this, f, a, b, f.power(false, 1), 0);
  }

  /// FRSQRTS: `(3 - a * b) / 2`.
  public long rsqrtStep(FloatFormat f, long a, long b) {
    return FusedArithmetic.step(this, f, a, b, f.power(false, 1) | f.quiet, 1);
  }

  /// Compares.
  ///
  /// @param signalling quiet NaNs are invalid, too: FCMPE, FCMGE, FCMGT, COMISS
  public FloatOrder compare(FloatFormat f, long a, long b, boolean signalling) {
    return Comparisons.compare(this, f, a, b, signalling);
  }

  /// FMIN; MINPS.
  public long min(FloatFormat f, long a, long b) {
    return Comparisons.extreme(this, f, a, b, FloatOrder.LESS);
  }

  /// FMAX; MAXPS.
  public long max(FloatFormat f, long a, long b) {
    return Comparisons.extreme(this, f, a, b, FloatOrder.GREATER);
  }

  /// FMINNM: a number rather than a quiet NaN.
  public long minNumber(FloatFormat f, long a, long b) {
    return Comparisons.extremeNumber(this, f, a, b, FloatOrder.LESS);
  }

  /// FMAXNM: a number rather than a quiet NaN.
  public long maxNumber(FloatFormat f, long a, long b) {
    return Comparisons.extremeNumber(this, f, a, b, FloatOrder.GREATER);
  }

  /// Converts between formats with the rounding that is set.
  public long convert(FloatFormat from, FloatFormat to, long a) {
    return convert(from, to, a, rounding);
  }

  /// Converts between formats; FCVTXN is `convert(DOUBLE, SINGLE, a, ODD)`. With FPCR.AHP a half is
  /// [FloatFormat#ALTERNATIVE_HALF].
  public long convert(FloatFormat from, FloatFormat to, long a, Rounding r) {
    return Conversions.convert(this, from, to, a, r);
  }

  /// `a * 2^fractionBits` as an integer.
  ///
  /// @param bits its width, at most 64; the result is zero-extended
  /// @param fractionBits 0 to 64
  public long toInteger(FloatFormat f, long a, int bits, boolean signed, int fractionBits, Rounding r) {
    return Conversions.toInteger(this, f, a, bits, signed, fractionBits, r);
  }

  /// `value / 2^fractionBits` with the rounding that is set.
  ///
  /// @param bits the integer's width, at most 64; bits above it are ignored
  /// @param fractionBits 0 to 64
  public long fromInteger(FloatFormat f, long value, int bits, boolean signed, int fractionBits) {
    return Conversions.fromInteger(this, f, value, bits, signed, fractionBits);
  }

  /// The nearest integer in the same format.
  ///
  /// @param exact another value than the operand's is inexact: FRINTX, ROUNDPS with bit 3 of its operand clear
  public long roundToIntegral(FloatFormat f, long a, Rounding r, boolean exact) {
    return Conversions.roundToIntegral(this, f, a, r, exact);
  }

  /// FRECPE.
  public long recipEstimate(FloatFormat f, long a) {
    return Estimates.recip(this, f, a);
  }

  /// FRSQRTE.
  public long rsqrtEstimate(FloatFormat f, long a) {
    return Estimates.rsqrt(this, f, a);
  }

  /// FRECPX.
  public long recipExponent(FloatFormat f, long a) {
    return Estimates.recipExponent(this, f, a);
  }

  /// The NaN of invalid operations.
  public long defaultNan(FloatFormat f) {
    return f.infinity(rules.negativeDefault()) | f.quiet;
  }

  /// Whether an exception that traps was raised since all were cleared. If it is one of operands, none of results is
  /// told: there are none (SDM volume 1, 4.9.2).
  public boolean traps() {
    if ((exceptions & trapped & OF_OPERANDS) != 0) {
      exceptions &= OF_OPERANDS;
    }
    return (exceptions & trapped) != 0;
  }

  // ---- for the operations

  void raise(int exception) {
    exceptions |= exception;
  }

  boolean isInexact() {
    return (exceptions & INEXACT) != 0;
  }

  long invalid(FloatFormat f) {
    raise(INVALID);
    return defaultNan(f);
  }

  boolean flushesResults(FloatFormat f) {
    return f == FloatFormat.HALF ? flushHalf : flushResults;
  }

  /// An operand as it is used, cut to its width: zero if it is denormal and operands are flushed.
  long input(FloatFormat f, long operand) {
    long a = f.cut(operand);
    if (!f.isDenormal(a) || !(f == FloatFormat.HALF ? flushHalf : flushInputs)) {
      return a;
    }
    if (!rules.tellsDenormals() && f != FloatFormat.HALF) {
      raise(DENORMAL);
    }
    return f.zero(f.isNegative(a));
  }

  /// Raises [#DENORMAL] where rules have it of operands that are used.
  void tellDenormal(FloatFormat f, long a) {
    if (rules.tellsDenormals() && f.isDenormal(a)) {
      raise(DENORMAL);
    }
  }
}
