package dev.crosspatch.isa.arm64;

import static dev.crosspatch.core.uop.Uop.*;
import static dev.crosspatch.isa.arm64.Arm64Field.*;
import static dev.crosspatch.isa.arm64.Arm64Helper.helper;

import dev.crosspatch.core.uop.UopBuffer;
import dev.crosspatch.isa.arm64.Arm64Row.Emitter;

/// Micro-ops of branches, exception generation, barriers, maintenance and system registers.
final class Arm64EmitSystem {
  private Arm64EmitSystem() {}

  /// Link register.
  static final int LR = 30;
  /// X16 and X17, by which linkers make branches.
  private static final int LINKER_FIRST = 16;

  private static final int LINKER_LAST = 17;

  // ---- branches. Micro-op distances count from the next instruction, the manual's from the branch.

  static void b(Arm64Word w, UopBuffer out) {
    out.opi(JUMP, SINK, ZERO, distance(w), 3);
  }

  static void bl(Arm64Word w, UopBuffer out) {
    out.opi(NEXTPC, LR, ZERO, 0, 3);
    out.opi(JUMP, SINK, ZERO, distance(w), 3);
  }

  static void bCond(Arm64Word w, UopBuffer out) {
    out.full(JCC, SINK, ZERO, ZERO, 3, Arm64EmitAlu.condition(w), 0, distance(w));
  }

  /// CBZ (JZ), CBNZ (JNZ).
  static Emitter compareBranch(int op) {
    return (w, out) -> out.opi(op, SINK, w.source(RT), distance(w), w.width());
  }

  /// TBZ (JBC), TBNZ (JBS).
  static Emitter testBranch(int op) {
    return (w, out) -> out.full(op, SINK, w.source(RT), ZERO, 3, w.get(B5) << 5 | w.get(B40), 0, distance(w));
  }

  private static long distance(Arm64Word w) {
    return w.row().distance(w.bits()) - 4;
  }

  static void br(Arm64Word w, UopBuffer out) {
    jumpAt(w, w.source(RN), out);
  }

  static void ret(Arm64Word w, UopBuffer out) {
    out.op(JREG, SINK, w.source(RN), ZERO, 3);
  }

  /// BR and its kin, by the register that the word names, to what `target` holds.
  private static void jumpAt(Arm64Word w, int target, UopBuffer out) {
    if (w.preset().has(Arm64Feature.BTI)) {
      boolean linker = w.get(RN) == LINKER_FIRST || w.get(RN) == LINKER_LAST;
      out.helper(helper(Arm64BranchTarget::jump), SINK, target, ZERO, 3, linker ? 1 : 0);
    }
    out.op(JREG, SINK, target, ZERO, 3);
  }

  static void blr(Arm64Word w, UopBuffer out) {
    int target = w.source(RN);
    if (target == LR) {
      out.op(MOV, T0, LR, ZERO, 3);
      target = T0;
    }
    callAt(w, target, out);
  }

  private static void callAt(Arm64Word w, int target, UopBuffer out) {
    if (w.preset().has(Arm64Feature.BTI)) {
      out.helper(helper(Arm64BranchTarget::call), SINK, target, ZERO, 3, 0);
    }
    out.opi(NEXTPC, LR, ZERO, 0, 3);
    out.op(JREG, SINK, target, ZERO, 3);
  }

  // ---- pointer authentication

  /// PACIA and AUTIA and their kin, XPACI: Xd, with Xn or SP as modifier where there is one.
  static Emitter pointer(Arm64Helper helper, int key) {
    return (w, out) -> out.helper(helper, w.target(RD), w.source(RD), w.row().has(RN) ? w.orSp(RN) : ZERO, 3, key);
  }

  /// The same in the hint space: of two registers that the word implies.
  static Emitter pointer(Arm64Helper helper, int key, int register, int modifier) {
    return (w, out) -> out.helper(helper, register, register, modifier, 3, key);
  }

  static void pacga(Arm64Word w, UopBuffer out) {
    out.helper(helper(Arm64PointerAuth::generic), w.target(RD), w.source(RN), w.orSp(RM), 3, 0);
  }

  /// Leaves in T0 what a branch goes to.
  private static void authenticate(int pointer, int modifier, int key, UopBuffer out) {
    out.helper(helper(Arm64PointerAuth::authenticate), T0, pointer, modifier, 3, key);
  }

  private static int modifier(Arm64Word w) {
    return w.row().has(RM) ? w.orSp(RM) : ZERO;
  }

  /// BRAA and its kin.
  static Emitter authenticatedBr(int key) {
    return (w, out) -> {
      authenticate(w.source(RN), modifier(w), key, out);
      jumpAt(w, T0, out);
    };
  }

  /// BLRAA and its kin.
  static Emitter authenticatedBlr(int key) {
    return (w, out) -> {
      authenticate(w.source(RN), modifier(w), key, out);
      callAt(w, T0, out);
    };
  }

  static Emitter authenticatedRet(int key) {
    return (w, out) -> {
      authenticate(LR, Arm64Core.SP, key, out);
      out.op(JREG, SINK, T0, ZERO, 3);
    };
  }

  static Emitter authenticatedEret(int key) {
    return (w, out) -> out.helper(helper(Arm64PointerAuth::eret), SINK, ZERO, ZERO, 3, key);
  }

  // ---- exceptions

  static void undefined(Arm64Word w, UopBuffer out) {
    undefined(out);
  }

  /// Appends the micro-op that raises Undefined.
  static void undefined(UopBuffer out) {
    out.opi(FAULT, SINK, ZERO, Arm64Syndrome.UNDEFINED, 3);
  }

  static void brk(Arm64Word w, UopBuffer out) {
    out.opi(FAULT, SINK, ZERO, Arm64Syndrome.of(Arm64Syndrome.BRK, w.get(IMM16)), 3);
  }

  /// SVC, HVC: the helper gets the 16-bit immediate.
  static Emitter call(Arm64Helper helper) {
    return (w, out) -> out.helper(helper, SINK, ZERO, ZERO, 3, w.get(IMM16));
  }

  // ---- barriers, hints, maintenance

  /// Nothing to do beyond the cost: hints, and barriers that one-at-a-time execution makes true by itself.
  static void nothing(Arm64Word w, UopBuffer out) {
    out.op(NOP, SINK, ZERO, ZERO, 3);
  }

  /// An instruction without operands that is a helper.
  static Emitter simple(Arm64Helper helper) {
    return (w, out) -> out.helper(helper, SINK, ZERO, ZERO, 3, 0);
  }

  static void dsb(Arm64Word w, UopBuffer out) {
    out.helper(helper(Arm64Helpers::dsb), SINK, ZERO, ZERO, 3, w.get(CRM));
  }

  static void dmb(Arm64Word w, UopBuffer out) {
    out.helper(helper(Arm64Helpers::dmb), SINK, ZERO, ZERO, 3, w.get(CRM));
  }

  /// DSB nXS: of loads and stores, in the domain of `imm2`.
  static void dsbWithoutXs(Arm64Word w, UopBuffer out) {
    out.helper(helper(Arm64Helpers::dsb), SINK, ZERO, ZERO, 3, w.get(IMM2) << 2 | 3);
  }

  /// DC, IC, TLBI, AT by address: the helper gets Xt, and as immediate `how` with bits 23:0 of the word above it.
  static Emitter maintain(Arm64Helper helper, long how) {
    return (w, out) -> out.helper(helper, SINK, w.source(RT), ZERO, 3, how | (w.bits() & 0xff_ffffL) << 8);
  }

  /// IC, TLBI without an address.
  static Emitter maintainAll(Arm64Helper helper, long how) {
    return (w, out) -> out.helper(helper, SINK, ZERO, ZERO, 3, how);
  }

  // ---- system registers

  /// MSR (immediate) to the PSTATE field `field`.
  static Emitter msrImmediate(int field) {
    return (w, out) -> out.helper(helper(Arm64Helpers::msrImmediate), SINK, ZERO, ZERO, 3, field << 4 | w.get(CRM));
  }

  static void mrs(Arm64Word w, UopBuffer out) {
    Arm64SystemRegister register = Arm64SystemRegister.find(encoding(w));
    if (register != null && register.readable()) {
      out.helper(helper(Arm64Helpers::readSystem), w.target(RT), ZERO, ZERO, 3, register.ordinal());
    } else {
      undefined(out);
    }
  }

  static void msr(Arm64Word w, UopBuffer out) {
    Arm64SystemRegister register = Arm64SystemRegister.find(encoding(w));
    if (register != null && register.writable()) {
      out.helper(helper(Arm64Helpers::writeSystem), SINK, w.source(RT), ZERO, 3, register.ordinal());
    } else {
      undefined(out);
    }
  }

  /// Bits 20:5, which name a register.
  private static int encoding(Arm64Word w) {
    return w.bits() >>> 5 & 0xffff;
  }
}
