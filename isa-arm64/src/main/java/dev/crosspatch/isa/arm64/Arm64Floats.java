package dev.crosspatch.isa.arm64;

import static dev.crosspatch.core.uop.Uop.*;
import static dev.crosspatch.isa.arm64.Arm64FloatLanes.format;
import static dev.crosspatch.isa.arm64.Arm64Vectors.element;
import static dev.crosspatch.isa.arm64.Arm64Vectors.put;

import dev.crosspatch.core.cpu.Outcome;
import dev.crosspatch.core.fp.FloatOrder;
import dev.crosspatch.core.fp.Rounding;
import dev.crosspatch.core.uop.Uop;
import dev.crosspatch.isa.arm64.Arm64Packed.Lane;

/// What scalar floating-point instructions do that are no element of a vector's ([Arm64FloatLanes]): three operands,
/// comparisons with flags, general registers, other formats. `width` is log2 of the bytes of the floating-point number.
final class Arm64Floats {
  private Arm64Floats() {}

  /// Flags of the micro-op: quiet NaNs are invalid; the second operand is zero; the general register has 64 bits.
  static final int SIGNALLING = 8;

  static final int ZERO_OPERAND = 16;
  static final int LONG = 32;

  private static boolean is(long w, int flag) {
    return (flags(w) & flag) != 0;
  }

  /// FMADD and kin: `c` is added to.
  static Arm64Helper fused(Lane op) {
    return (core, w, imm) -> {
      int size = width(w);
      long result = op.of(core, element(core, c(w), 0, size), element(core, a(w), 0, size),
          element(core, b(w), 0, size), size);
      return put(core, dst(w), result, 0);
    };
  }

  /// FCMP, FCMPE.
  static int compare(Arm64Core core, long w, long imm) {
    int size = width(w);
    long second = is(w, ZERO_OPERAND) ? 0 : element(core, b(w), 0, size);
    FloatOrder order = core.fp.compare(format(size), element(core, a(w), 0, size), second, is(w, SIGNALLING));
    core.setNzcv(nzcv(order) << 28);
    return Outcome.OK;
  }

  private static long nzcv(FloatOrder order) {
    return switch (order) {
      case EQUAL -> 0b0110;
      case LESS -> 0b1000;
      case GREATER -> 0b0010;
      case UNORDERED -> 0b0011;
    };
  }

  /// FCCMP, FCCMPE: compares if condition `imm & 0xff` holds, else sets NZCV to bits 11:8.
  static int compareIf(Arm64Core core, long w, long imm) {
    if (core.flags.test((int) imm & 0xff)) {
      return compare(core, w, imm);
    }
    core.setNzcv((imm >> 8 & 15) << 28);
    return Outcome.OK;
  }

  /// FCVT: to the format of `1 << imm` bytes.
  static int convert(Arm64Core core, long w, long imm) {
    int to = (int) imm;
    return put(core, dst(w), Arm64FloatLanes.convert(core, element(core, a(w), 0, width(w)), width(w), to), 0);
  }

  /// FCVTNS and kin to a general register, with `imm` bits of fraction.
  static Arm64Helper toGeneral(boolean signed, Rounding rounding) {
    return (core, w, imm) -> {
      int bits = is(w, LONG) ? 64 : 32;
      long n = element(core, a(w), 0, width(w));
      core.result(w, core.fp.toInteger(format(width(w)), n, bits, signed, (int) imm, rounding));
      return Outcome.OK;
    };
  }

  /// SCVTF, UCVTF of a general register.
  static Arm64Helper fromGeneral(boolean signed) {
    return (core, w, imm) -> {
      int bits = is(w, LONG) ? 64 : 32;
      return put(core, dst(w), core.fp.fromInteger(format(width(w)), core.r[Uop.a(w)], bits, signed, (int) imm), 0);
    };
  }
}
