package dev.crosspatch.isa.arm64;

import static dev.crosspatch.core.uop.Uop.*;
import static dev.crosspatch.isa.arm64.Arm64Field.*;
import static dev.crosspatch.isa.arm64.Arm64Helper.helper;

import dev.crosspatch.core.uop.Cond;
import dev.crosspatch.core.uop.UopBuffer;
import dev.crosspatch.isa.arm64.Arm64Row.Emitter;

/// Micro-ops of the data-processing instructions. A method that takes an operation gives the emitter of a whole family.
final class Arm64EmitAlu {
  private Arm64EmitAlu() {}

  /// EQ NE CS CC MI PL VS VC HI LS GE LT GT LE AL NV (C1.2.4).
  private static final int[] CONDITIONS = {
    Cond.E, Cond.NE, Cond.B, Cond.AE, Cond.S, Cond.NS, Cond.O, Cond.NO, Cond.CARRY_NOT_ZERO, Cond.NO_CARRY_OR_ZERO,
    Cond.GE, Cond.L, Cond.G, Cond.LE, Cond.ALWAYS, Cond.ALWAYS
  };

  /// Micro-op of each shift type: LSL, LSR, ASR, ROR.
  private static final int[] SHIFT_IMMEDIATE = {SHLI, SHRI, SARI, RORI};

  /// Values of `option`: extension of a word, without and with sign.
  static final int UXTW = 2;

  static final int SXTW = 6;

  // ---- immediates

  /// ADD, SUB: 31 is SP on both sides.
  static Emitter addImmediate(int op) {
    return (w, out) -> {
      out.opi(op, w.orSp(RD), w.orSp(RN), immediate12(w), w.width());
      if (w.orSp(RN) != Arm64Core.SP || (immediate12(w) & 15) != 0) {
        stackWritten(out, w.orSp(RD));
      }
    };
  }

  /// Behind a write to `register` that may change its alignment, which matters if it is the stack pointer.
  static void stackWritten(UopBuffer out, int register) {
    if (register == Arm64Core.SP) {
      out.op(STACK, SINK, Arm64Core.SP, ZERO, 3);
    }
  }

  /// ADDS, SUBS: the result has no SP.
  static Emitter addsImmediate(int op) {
    return (w, out) -> out.opi(op, w.target(RD), w.orSp(RN), immediate12(w), w.width());
  }

  private static long immediate12(Arm64Word w) {
    return (long) w.get(IMM12) << (12 * w.get(SH));
  }

  /// AND, ORR, EOR: the result may be SP.
  static Emitter logicalImmediate(int op) {
    return (w, out) -> {
      out.opi(op, w.orSp(RD), w.source(RN), bitmask(w), w.width());
      stackWritten(out, w.orSp(RD));
    };
  }

  static void ands(Arm64Word w, UopBuffer out) {
    out.opi(ANDFI, w.target(RD), w.source(RN), bitmask(w), w.width());
  }

  /// The mask, cut to the operand size.
  private static long bitmask(Arm64Word w) {
    return cut(w, Arm64Bitmask.decode(w.get(N), w.get(IMMS), w.get(IMMR)));
  }

  private static long cut(Arm64Word w, long value) {
    return w.is(SF) ? value : value & 0xffff_ffffL;
  }

  static void movz(Arm64Word w, UopBuffer out) {
    out.opi(MOVI, w.target(RD), ZERO, half(w), 3);
  }

  static void movn(Arm64Word w, UopBuffer out) {
    out.opi(MOVI, w.target(RD), ZERO, cut(w, ~half(w)), 3);
  }

  static void movk(Arm64Word w, UopBuffer out) {
    out.opi(ANDI, T0, w.source(RD), cut(w, ~(0xffffL << (16 * w.get(HW)))), w.width());
    out.opi(ORI, w.target(RD), T0, half(w), w.width());
  }

  private static long half(Arm64Word w) {
    return (long) w.get(IMM16) << (16 * w.get(HW));
  }

  static void adr(Arm64Word w, UopBuffer out) {
    out.opi(NEXTPC, w.target(RD), ZERO, pageOffset(w) - 4, 3);
  }

  static void adrp(Arm64Word w, UopBuffer out) {
    out.opi(NEXTPC, T0, ZERO, -4, 3);
    out.opi(ANDI, T0, T0, -4096, 3);
    out.opi(ADDI, w.target(RD), T0, pageOffset(w) << 12, 3);
  }

  private static long pageOffset(Arm64Word w) {
    return w.signed(IMMHI) << 2 | w.get(IMMLO);
  }

  // ---- registers

  /// Shifted-register forms; an operation that sets flags is the same micro-op with flags.
  static Emitter shifted(int op) {
    return (w, out) -> out.op(op, w.target(RD), w.source(RN), shiftedOperand(w, out), w.width());
  }

  /// ORR, which with the zero register is MOV.
  static void orr(Arm64Word w, UopBuffer out) {
    int b = shiftedOperand(w, out);
    if (w.source(RN) == ZERO) {
      out.op(MOV, w.target(RD), b, ZERO, w.width());
    } else {
      out.op(OR, w.target(RD), w.source(RN), b, w.width());
    }
  }

  private static int shiftedOperand(Arm64Word w, UopBuffer out) {
    if (w.get(IMM6) == 0) {
      return w.source(RM);
    }
    out.opi(SHIFT_IMMEDIATE[w.get(SHIFT)], T0, w.source(RM), w.get(IMM6), w.width());
    return T0;
  }

  /// ADD, SUB (extended register).
  static Emitter extended(int op) {
    return (w, out) -> {
      out.op(op, w.orSp(RD), w.orSp(RN), extendedOperand(w, out), w.width());
      stackWritten(out, w.orSp(RD));
    };
  }

  /// ADDS, SUBS (extended register).
  static Emitter extendedFlags(int op) {
    return (w, out) -> out.op(op, w.target(RD), w.orSp(RN), extendedOperand(w, out), w.width());
  }

  private static int extendedOperand(Arm64Word w, UopBuffer out) {
    int option = w.get(OPTION);
    int b = w.source(RM);
    if ((option & 3) != 3) {
      extend(out, T0, b, option);
      b = T0;
    }
    if (w.get(IMM3) != 0) {
      out.opi(SHLI, T0, b, w.get(IMM3), 3);
      b = T0;
    }
    return b;
  }

  /// Appends the extension `option` (UXTB..UXTX, SXTB..SXTX) of register `from`.
  static void extend(UopBuffer out, int to, int from, int option) {
    out.full(EXT, to, from, ZERO, option & 3, 0, (option & 4) != 0 ? F_SIGNED : 0, 0);
  }

  /// Two registers, no shift: variable shifts, division, addition with carry.
  static Emitter twoSources(int op) {
    return (w, out) -> out.op(op, w.target(RD), w.source(RN), w.source(RM), w.width());
  }

  /// SBC and SBCS add the complement.
  static Emitter subtractCarry(int op) {
    return (w, out) -> {
      out.op(ORN, T0, ZERO, w.source(RM), w.width());
      out.op(op, w.target(RD), w.source(RN), T0, w.width());
    };
  }

  // ---- one source

  static void rbit(Arm64Word w, UopBuffer out) {
    out.op(RBIT, w.target(RD), w.source(RN), ZERO, w.width());
  }

  /// Bytes reversed in groups of `1 << group`.
  static Emitter reverse(int group) {
    return (w, out) -> out.full(REV, w.target(RD), w.source(RN), ZERO, w.width(), group, 0, 0);
  }

  static void clz(Arm64Word w, UopBuffer out) {
    out.op(CLZ, w.target(RD), w.source(RN), ZERO, w.width());
  }

  /// Bits equal to the sign bit, below it: zeros on top of `x ^ (x >> 1)`, which always has one.
  static void cls(Arm64Word w, UopBuffer out) {
    out.opi(SARI, T0, w.source(RN), 1, w.width());
    out.op(XOR, T0, T0, w.source(RN), w.width());
    out.op(CLZ, T0, T0, ZERO, w.width());
    out.opi(SUBI, w.target(RD), T0, 1, w.width());
  }

  // ---- multiplication

  static void madd(Arm64Word w, UopBuffer out) {
    if (w.source(RA) == ZERO) {
      out.op(MUL, w.target(RD), w.source(RN), w.source(RM), w.width());
    } else {
      multiplyAccumulate(w, out, w.source(RN), w.source(RM), ADD, w.width());
    }
  }

  static void msub(Arm64Word w, UopBuffer out) {
    multiplyAccumulate(w, out, w.source(RN), w.source(RM), SUB, w.width());
  }

  /// SMADDL, SMSUBL (`extension` SXTW), UMADDL, UMSUBL (UXTW).
  static Emitter multiplyLong(int op, int extension) {
    return (w, out) -> {
      extend(out, T0, w.source(RN), extension);
      extend(out, T1, w.source(RM), extension);
      multiplyAccumulate(w, out, T0, T1, op, 3);
    };
  }

  private static void multiplyAccumulate(Arm64Word w, UopBuffer out, int a, int b, int op, int width) {
    out.op(MUL, T0, a, b, width);
    out.op(op, w.target(RD), w.source(RA), T0, width);
  }

  /// SMULH, UMULH.
  static Emitter multiplyHigh(int op) {
    return (w, out) -> out.op(op, w.target(RD), w.source(RN), w.source(RM), 3);
  }

  /// CRC32, CRC32C of `sz` bytes.
  static Emitter crc(Arm64Helper helper) {
    return (w, out) -> out.helper(helper, w.target(RD), w.source(RN), w.source(RM), 3, w.get(SZ));
  }

  // ---- bit fields

  /// UBFM (`flags` 0), SBFM (F_SIGNED) and their aliases: shifts, extensions, field extraction and insertion into
  /// zeros.
  static Emitter bitfieldMove(int flags) {
    return (w, out) -> {
      int r = w.get(IMMR);
      int s = w.get(IMMS);
      if (s >= r) {
        out.full(BFX, w.target(RD), w.source(RN), ZERO, w.width(), 0, flags, field(r, s - r + 1));
      } else if (s + 1 == r) { // LSL: nothing is left to extend
        out.opi(SHLI, w.target(RD), w.source(RN), w.operandBits() - r, w.width());
      } else {
        out.full(BFX, T0, w.source(RN), ZERO, w.width(), 0, flags, field(0, s + 1));
        out.opi(SHLI, w.target(RD), T0, w.operandBits() - r, w.width());
      }
    };
  }

  static void bfm(Arm64Word w, UopBuffer out) {
    int r = w.get(IMMR);
    int s = w.get(IMMS);
    int source = w.source(RN);
    long place = field(w.operandBits() - r, s + 1);
    if (s >= r) {
      out.opi(BFX, T0, source, field(r, s - r + 1), w.width());
      source = T0;
      place = field(0, s - r + 1);
    }
    if (w.get(RD) != 31) {
      out.opi(BFI, w.target(RD), source, place, w.width());
    } else {
      out.op(NOP, SINK, ZERO, ZERO, 3);
    }
  }

  private static long field(int lsb, int bits) {
    return (long) bits << 7 | lsb;
  }

  static void extr(Arm64Word w, UopBuffer out) {
    out.full(EXTR, w.target(RD), w.source(RN), w.source(RM), w.width(), 0, 0, w.get(IMMS));
  }

  // ---- conditions

  static void csel(Arm64Word w, UopBuffer out) {
    select(w, out, w.source(RM));
  }

  /// CSINC; CSET is the case where both sources are the zero register.
  static void csinc(Arm64Word w, UopBuffer out) {
    if (w.source(RN) == ZERO && w.source(RM) == ZERO && w.get(COND) < 14) {
      out.full(SETCC, w.target(RD), ZERO, ZERO, w.width(), condition(w) ^ 1, 0, 0);
    } else {
      out.opi(ADDI, T0, w.source(RM), 1, w.width());
      select(w, out, T0);
    }
  }

  static void csinv(Arm64Word w, UopBuffer out) {
    out.op(ORN, T0, ZERO, w.source(RM), w.width());
    select(w, out, T0);
  }

  static void csneg(Arm64Word w, UopBuffer out) {
    out.op(SUB, T0, ZERO, w.source(RM), w.width());
    select(w, out, T0);
  }

  private static void select(Arm64Word w, UopBuffer out, int otherwise) {
    out.full(CSEL, w.target(RD), w.source(RN), otherwise, w.width(), condition(w), 0, 0);
  }

  /// The micro-op condition of the row's `cond`.
  static int condition(Arm64Word w) {
    return CONDITIONS[w.get(COND)];
  }

  /// CCMP, CCMN (register).
  static Emitter conditionalCompare(boolean negative) {
    return (w, out) -> compareIf(w, out, w.source(RM), negative);
  }

  /// CCMP, CCMN (immediate).
  static Emitter conditionalCompareImmediate(boolean negative) {
    return (w, out) -> {
      out.opi(MOVI, T0, ZERO, w.get(IMM5), 3);
      compareIf(w, out, T0, negative);
    };
  }

  private static void compareIf(Arm64Word w, UopBuffer out, int b, boolean negative) {
    long how = condition(w) | w.get(NZCV) << 8 | (negative ? Arm64Helpers.COMPARE_NEGATIVE : 0);
    out.helper(helper(Arm64Helpers::compareIf), SINK, w.source(RN), b, w.width(), how);
  }
}
