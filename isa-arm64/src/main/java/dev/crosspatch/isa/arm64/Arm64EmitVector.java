package dev.crosspatch.isa.arm64;

import static dev.crosspatch.core.uop.Uop.SINK;
import static dev.crosspatch.core.uop.Uop.ZERO;
import static dev.crosspatch.isa.arm64.Arm64Field.*;
import static dev.crosspatch.isa.arm64.Arm64Helper.VECTOR;
import static dev.crosspatch.isa.arm64.Arm64Packed.replicate;

import dev.crosspatch.core.uop.UopBuffer;
import dev.crosspatch.isa.arm64.Arm64Row.Emitter;
import java.util.function.ToLongFunction;

/// Micro-ops of SIMD and scalar floating-point instructions: one helper each, which traps if CPACR_EL1 says so
/// ([Arm64Helper#VECTOR]).
final class Arm64EmitVector {
  private Arm64EmitVector() {}

  // ---- helpers of several instructions
  static final Arm64Helper SET = Arm64Vectors::set;
  static final Arm64Helper SET_BITS = Arm64Vectors::setBits;
  static final Arm64Helper CLEAR_BITS = Arm64Vectors::clearBits;
  private static final Arm64Helper TO_GENERAL = Arm64Vectors::toGeneral;
  private static final Arm64Helper INSERT_GENERAL = Arm64Vectors::insertGeneral;

  /// Size of elements: by the instruction's fields.
  private static final int BY_FIELDS = -1;

  /// The registers and the element size that the fields say.
  static Emitter vector(Arm64Helper helper) {
    return of(helper, BY_FIELDS, w -> 0);
  }

  /// The same with elements of `1 << size` bytes.
  static Emitter vector(Arm64Helper helper, int size) {
    return of(helper, size, w -> 0);
  }

  /// The same with an immediate of the helper's own meaning.
  static Emitter vectorWith(Arm64Helper helper, long imm) {
    return of(helper, BY_FIELDS, w -> imm);
  }

  private static Emitter of(Arm64Helper helper, int size, ToLongFunction<Arm64Word> imm) {
    return (w, out) -> append(w, out, helper, size < 0 ? size(w) : size, 0, imm.applyAsLong(w));
  }

  private static void append(Arm64Word w, UopBuffer out, Arm64Helper helper, int size, int flags, long imm) {
    out.helper(helper, w.get(RD), w.get(RN), second(w), ZERO, size, VECTOR | shape(w) | flags, imm);
  }

  /// 128 bits, 64 bits, or a scalar if there is no such choice.
  private static int shape(Arm64Word w) {
    return !w.row().has(Q) ? Arm64Vectors.SCALAR : w.is(Q) ? Arm64Vectors.QUAD : 0;
  }

  private static int second(Arm64Word w) {
    return w.row().has(RM) ? w.get(RM) : 0;
  }

  /// log2 of the bytes of an element, by whichever field tells it.
  private static int size(Arm64Word w) {
    Arm64Row row = w.row();
    return row.has(SIZE) ? w.get(SIZE) : row.has(SZ) ? 2 + w.get(SZ) : row.has(IMMB) ? shiftSize(w) : 0;
  }

  // ---- shifts: the highest bit set of immh:immb tells the size, the rest the amount (C7.2, SHL and SSHR)

  private static int amount(Arm64Word w) {
    return w.bits() >>> 16 & 0x7f;
  }

  private static int shiftSize(Arm64Word w) {
    return 28 - Integer.numberOfLeadingZeros(amount(w));
  }

  /// To the left.
  static Emitter leftShift(Arm64Helper helper) {
    return of(helper, BY_FIELDS, w -> amount(w) - (8 << shiftSize(w)));
  }

  /// To the right. Fraction bits of a fixed-point number are encoded the same way.
  static Emitter rightShift(Arm64Helper helper) {
    return of(helper, BY_FIELDS, w -> (16 << shiftSize(w)) - amount(w));
  }

  // ---- elements

  /// The second operand is one element: of 16 bits if `size` is 1, of 32 or 64 by the field, else.
  static Emitter byElement(Arm64Helper helper) {
    return (w, out) -> indexed(w, out, helper, w.get(SIZE));
  }

  /// The same of floating-point numbers, whose field of one bit says single or double.
  static Emitter byFloat(Arm64Helper helper) {
    return (w, out) -> indexed(w, out, helper, 2 + w.get(SZ));
  }

  /// The same of words.
  static Emitter byWord(Arm64Helper helper) {
    return (w, out) -> indexed(w, out, helper, 2);
  }

  /// The same of half-precision numbers.
  static Emitter byHalf(Arm64Helper helper) {
    return (w, out) -> indexed(w, out, helper, 1);
  }

  private static void indexed(Arm64Word w, UopBuffer out, Arm64Helper helper, int size) {
    int h = w.get(H);
    int index = switch (size) {
      case 1 -> h << 2 | w.get(L) << 1 | w.get(M);
      case 2 -> h << 1 | w.get(L);
      default -> h;
    };
    int m = size == 1 ? w.get(RM) : w.get(M) << 4 | w.get(RM);
    out.helper(helper, w.get(RD), w.get(RN), m, ZERO, size, VECTOR | shape(w), index);
  }

  /// The lowest bit set of imm5 tells the size, the bits above it the index.
  private static int elementSize(Arm64Word w) {
    return Integer.numberOfTrailingZeros(w.get(IMM5));
  }

  private static int elementIndex(Arm64Word w) {
    return w.get(IMM5) >>> (elementSize(w) + 1);
  }

  static void dupElement(Arm64Word w, UopBuffer out) {
    append(w, out, Arm64Vectors::dupElement, elementSize(w), 0, elementIndex(w));
  }

  static void insertElement(Arm64Word w, UopBuffer out) {
    int size = elementSize(w);
    append(w, out, Arm64Vectors::insertElement, size, 0, elementIndex(w) | w.get(IMM4) >>> size << 8);
  }

  static void dupGeneral(Arm64Word w, UopBuffer out) {
    out.helper(helper(Arm64Vectors::dupGeneral), w.get(RD), w.source(RN), 0, ZERO, elementSize(w),
        VECTOR | shape(w), 0);
  }

  static void insertGeneral(Arm64Word w, UopBuffer out) {
    out.helper(INSERT_GENERAL, w.get(RD), w.source(RN), 0, ZERO, elementSize(w), VECTOR,
        elementIndex(w));
  }

  static void umov(Arm64Word w, UopBuffer out) {
    toGeneral(w, out, TO_GENERAL, elementSize(w), 0, elementIndex(w));
  }

  static void smov(Arm64Word w, UopBuffer out) {
    toGeneral(w, out, Arm64Vectors::toGeneralSigned, elementSize(w), w.is(Q) ? 0 : Arm64Vectors.SCALAR,
        elementIndex(w));
  }

  private static void toGeneral(Arm64Word w, UopBuffer out, Arm64Helper helper, int size, int flags, int index) {
    out.helper(helper, w.target(RD), w.get(RN), 0, ZERO, size, VECTOR | flags, index);
  }

  /// FMOV from element `index` to a general register.
  static Emitter toGeneral(int size, int index) {
    return (w, out) -> toGeneral(w, out, TO_GENERAL, size, 0, index);
  }

  /// FMOV from a general register.
  static Emitter fromGeneral(int size) {
    return (w, out) ->
        out.helper(helper(Arm64Vectors::fromGeneral), w.get(RD), w.source(RN), 0, ZERO, size, VECTOR, 0);
  }

  /// FMOV from a general register to the upper half.
  static void fromGeneralHigh(Arm64Word w, UopBuffer out) {
    out.helper(INSERT_GENERAL, w.get(RD), w.source(RN), 0, ZERO, 3, VECTOR, 1);
  }

  static void ext(Arm64Word w, UopBuffer out) {
    append(w, out, Arm64Vectors::ext, 0, 0, w.get(IMM4));
  }

  /// TBL, TBX.
  static Emitter table(int flags) {
    return (w, out) -> out.helper(helper(Arm64Vectors::tbl), w.get(RD), w.get(RN), w.get(RM), w.get(LEN), 0,
        VECTOR | shape(w) | flags, 0);
  }

  private static Arm64Helper helper(Arm64Helper helper) {
    return helper;
  }

  // ---- immediates (AdvSIMDExpandImm, VFPExpandImm)

  private static long abcdefgh(Arm64Word w) {
    return (long) w.get(ABC) << 5 | w.get(DEFGH);
  }

  /// The number of `1 << size` bytes shifted to the left by `cmode` bytes, everywhere; `flip` complements it.
  static Emitter immediate(Arm64Helper helper, int size, boolean flip) {
    return (w, out) -> {
      long all = replicate(abcdefgh(w) << (8 * w.get(CMODE)), size);
      out.helper(helper, w.get(RD), 0, 0, ZERO, size, VECTOR | shape(w), flip ? ~all : all);
    };
  }

  /// 32 bits with ones shifted in from the right: MSL.
  static Emitter immediateOnes(boolean flip) {
    return (w, out) -> {
      int shift = 8 + 8 * w.get(CMODE);
      long all = replicate(abcdefgh(w) << shift | (1L << shift) - 1, 2);
      out.helper(SET, w.get(RD), 0, 0, ZERO, 2, VECTOR | shape(w), flip ? ~all : all);
    };
  }

  static void immediateBytes(Arm64Word w, UopBuffer out) {
    out.helper(SET, w.get(RD), 0, 0, ZERO, 0, VECTOR | shape(w), replicate(abcdefgh(w), 0));
  }

  /// A byte of ones for each bit that is set.
  static void immediateMask(Arm64Word w, UopBuffer out) {
    long all = 0;
    for (int i = 0; i < 8; i++) {
      all |= ((abcdefgh(w) >>> i & 1) * 0xffL) << (8 * i);
    }
    out.helper(SET, w.get(RD), 0, 0, ZERO, 3, VECTOR | shape(w), all);
  }

  /// FMOV (vector, immediate).
  static Emitter immediateFloat(int size) {
    return (w, out) -> out.helper(SET, w.get(RD), 0, 0, ZERO, size, VECTOR | shape(w),
        replicate(expand((int) abcdefgh(w), size), size));
  }

  /// FMOV (scalar, immediate).
  static Emitter scalarImmediate(int size) {
    return (w, out) ->
        out.helper(SET, w.get(RD), 0, 0, ZERO, size, VECTOR, expand(w.get(IMM8), size));
  }

  /// A floating-point number of 8 bits: sign, three of the exponent, four of the fraction.
  private static long expand(int imm8, int size) {
    int bits = 8 << size;
    int fraction = size == 1 ? 10 : size == 2 ? 23 : 52;
    int exponent = bits - fraction - 1;
    long high = (imm8 >> 6 & 1) != 0 ? ((1L << (exponent - 3)) - 1) << 2 : 1L << (exponent - 1);
    return (long) (imm8 >> 7) << (bits - 1) | (high | (imm8 >> 4 & 3)) << fraction | (imm8 & 15L) << (fraction - 4);
  }

  /// FCSEL.
  static Emitter select(int size) {
    return (w, out) -> out.helper(helper(Arm64Vectors::select), w.get(RD), w.get(RN), w.get(RM), ZERO, size, VECTOR,
        Arm64EmitAlu.condition(w));
  }

  // ---- scalar floating point of `1 << size` bytes

  /// One source, and an immediate of the helper's own meaning.
  static Emitter scalar(Arm64Helper helper, int size, long imm) {
    return (w, out) -> append(w, out, helper, size, 0, imm);
  }

  /// Three sources.
  static Emitter fused(Arm64Helper helper, int size) {
    return (w, out) -> out.helper(helper, w.get(RD), w.get(RN), w.get(RM), w.get(RA), size, VECTOR, 0);
  }

  /// FCMP, FCMPE.
  static Emitter compare(int size, int flags) {
    return (w, out) -> out.helper(helper(Arm64Floats::compare), SINK, w.get(RN), second(w), ZERO, size,
        VECTOR | flags, 0);
  }

  /// FCCMP, FCCMPE.
  static Emitter compareIf(int size, int flags) {
    return (w, out) -> out.helper(helper(Arm64Floats::compareIf), SINK, w.get(RN), w.get(RM), ZERO, size,
        VECTOR | flags, Arm64EmitAlu.condition(w) | w.get(NZCV) << 8);
  }

  /// Integers and fixed-point numbers in general registers.
  static Emitter floatToGeneral(Arm64Helper helper, int size) {
    return (w, out) ->
        out.helper(helper, w.target(RD), w.get(RN), 0, ZERO, size, VECTOR | length(w), fractionBits(w));
  }

  static Emitter floatFromGeneral(Arm64Helper helper, int size) {
    return (w, out) ->
        out.helper(helper, w.get(RD), w.source(RN), 0, ZERO, size, VECTOR | length(w), fractionBits(w));
  }

  private static int length(Arm64Word w) {
    return w.is(SF) ? Arm64Floats.LONG : 0;
  }

  private static long fractionBits(Arm64Word w) {
    return w.row().has(SCALE) ? 64 - w.get(SCALE) : 0;
  }
}
