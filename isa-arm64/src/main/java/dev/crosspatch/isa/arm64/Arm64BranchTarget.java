package dev.crosspatch.isa.arm64;

import static dev.crosspatch.core.uop.Uop.a;

import dev.crosspatch.core.cpu.Outcome;

/// Branch target identification (FEAT_BTI): where an indirect branch comes to a guarded page, a landing pad must be
/// that admits its type, PSTATE.BTYPE. Source: DDI0487 D8.4.5, BranchTargetCheck, BTypeCompatible_BTI,
/// BTypeCompatible_PACIXSP, and BR, BLR, RET in C6.2. On cores without it no type is ever set and no page is guarded.
///
/// The type is that of one instruction, the next, so it is kept with that one's number: what executes need not clear
/// it. An exception that is taken behind its instruction (SVC) therefore finds none, as ConstrainUnpredictableBool of
/// Unpredictable_ZEROBTYPE lets it.
final class Arm64BranchTarget {
  /// PSTATE.BTYPE, behind a branch by X16, X17 or from a page that is not guarded; a call; another branch.
  static final int OPEN_JUMP = 1;

  static final int CALL = 2;
  static final int JUMP = 3;

  /// SCTLR_EL1: PACIASP and PACIBSP do not admit [#JUMP], at EL0 and at EL1.
  static final long SCTLR_BT0 = 1L << 35;

  static final long SCTLR_BT1 = 1L << 36;
  private static final long NEVER = -1;

  // ---- landing pads
  private static final int PACIASP = 0xd503_233f;
  private static final int PACIBSP = 0xd503_237f;
  private static final int BTI_C = 0xd503_245f;
  private static final int BTI_J = 0xd503_249f;
  private static final int BTI_JC = 0xd503_24df;
  private static final int IMMEDIATE = 0xffff << 5;
  private static final int BRK = 0xd420_0000;
  private static final int HLT = 0xd440_0000;

  private final Arm64Core core;
  private int type;
  /// How many instructions have retired before the one whose type it is.
  private long before = NEVER;

  Arm64BranchTarget(Arm64Core core) {
    this.core = core;
  }

  /// PSTATE.BTYPE, 0..3.
  int type() {
    return before == core.retired() ? type : 0;
  }

  /// The next instruction has none: an exception is entered, or the core is put elsewhere.
  void clear() {
    before = NEVER;
  }

  /// Sets it for the instruction behind the one that is being executed.
  void next(int value) {
    if (core.preset.has(Arm64Feature.BTI)) {
      type = value;
      before = core.retired() + 1;
    }
  }

  /// Whether an instruction of a guarded page may be executed now; else a Branch Target exception is recorded.
  boolean admits(int word) {
    int now = type();
    boolean admitted = now == 0 || admits(word, now);
    if (!admitted) {
      core.fault(Arm64Syndrome.of(Arm64Syndrome.BRANCH_TARGET, now), 0);
    }
    return admitted;
  }

  private boolean admits(int word, int type) {
    return switch (word) {
      case PACIASP, PACIBSP -> type != JUMP || !core.system.is(core.privilege == 0 ? SCTLR_BT0 : SCTLR_BT1);
      case BTI_C -> type != JUMP;
      case BTI_J -> type != CALL;
      case BTI_JC -> true;
      default -> (word & ~IMMEDIATE) == BRK || (word & ~IMMEDIATE) == HLT;
    };
  }

  // ---- helpers, before the branch to what `a` holds

  /// BR and its kin. The immediate is 1 if it is by X16 or X17.
  static int jump(Arm64Core core, long word, long imm) {
    return branch(core, word, imm != 0 || !core.isGuarded() ? OPEN_JUMP : JUMP);
  }

  /// BLR and its kin.
  static int call(Arm64Core core, long word, long imm) {
    return branch(core, word, CALL);
  }

  private static int branch(Arm64Core core, long word, int type) {
    core.target.next(type);
    core.enters(core.mmu.branchAddress(core.r[a(word)]));
    return Outcome.OK;
  }
}
