package dev.crosspatch.isa.arm64;

import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.cpu.Uncore;
import dev.crosspatch.core.fp.FloatRules;
import dev.crosspatch.core.fp.FloatUnit;
import dev.crosspatch.core.uop.Flags;
import dev.crosspatch.core.uop.Helper;
import dev.crosspatch.core.uop.Uop;

/// An AArch64 core with EL0 and EL1: general registers in [#r] (31 is the current SP), process state here, everything
/// else in the unit it belongs to.
final class Arm64Core extends Core {
  /// Words of a vector register in [#v]: V0 to V31, 128 bits each.
  static final int VECTOR_WORDS = 2;
  /// Register of the current stack pointer.
  static final int SP = 31;
  /// PSTATE.DAIF, in the positions MSR DAIF uses.
  static final int DAIF_D = 1 << 9;

  static final int DAIF_A = 1 << 8;
  static final int DAIF_I = 1 << 7;
  static final int DAIF_F = 1 << 6;
  static final int DAIF_ALL = DAIF_D | DAIF_A | DAIF_I | DAIF_F;

  /// SP_EL0 and SP_EL1, of which the one in use is stale: it lives in register 31.
  private final long[] banked = new long[2];
  private int stack = 1;

  /// PSTATE.DAIF.
  private int daif = DAIF_ALL;
  /// PSTATE.PAN, UAO, SSBS (which nothing here speculates by) and IL.
  boolean pan;

  boolean uao;
  boolean ssbs;
  boolean illegal;
  /// Event register of WFE and SEV.
  boolean eventRegister;
  /// Floating point: FPCR, and the exceptions in FPSR.
  final FloatUnit fp = new FloatUnit(FloatRules.ARM);
  /// FPCR.AHP.
  boolean alternativeHalf;
  /// FPSR.QC.
  boolean saturated;

  final Arm64Preset preset;
  final Arm64SystemRegisters system;
  final Arm64Mmu mmu;
  final Arm64Gic gic;
  final Arm64Timer timer;
  final Arm64Maintenance maintenance;
  final Arm64Step step = new Arm64Step(this);
  final Arm64BranchTarget target = new Arm64BranchTarget(this);

  Arm64Core(Uncore machine, int id) {
    super(machine, id, 32 * VECTOR_WORDS);
    privilege = 1;
    preset = Arm64Preset.named(machine.traits().preset());
    gic = new Arm64Gic(this);
    timer = new Arm64Timer(this);
    maintenance = new Arm64Maintenance(this);
    system = new Arm64SystemRegisters(this);
    mmu = new Arm64Mmu(this);
  }

  // ---- process state

  /// Writes PSTATE.DAIF; other bits are ignored.
  void setDaif(long value) {
    daif = (int) value & DAIF_ALL;
    maskChanged();
  }

  /// Interrupts are enabled if those of the usual priority come through both masks, PSTATE.I and ICC_PMR_EL1: a kernel
  /// that masks by priority lets pseudo-NMIs through.
  void maskChanged() {
    interruptsEnabled = (daif & DAIF_I) == 0 && gic.admits(Arm64Gic.PRIORITY);
  }

  int daif() {
    return daif;
  }

  /// Chooses the stack pointer: 0 for SP_EL0, 1 for SP_EL1.
  void selectStack(int which) {
    banked[stack] = r[SP];
    stack = which;
    r[SP] = banked[which];
  }

  /// The stack pointer in use: 0 for SP_EL0, 1 for SP_EL1.
  int stack() {
    return stack;
  }

  /// Reads SP_EL0 or SP_EL1, in use or not.
  long stackPointer(int which) {
    return which == stack ? r[SP] : banked[which];
  }

  /// Writes SP_EL0 or SP_EL1.
  void setStackPointer(int which, long value) {
    if (which == stack) {
      r[SP] = value;
    } else {
      banked[which] = value;
    }
  }

  /// NZCV in bits 31:28.
  long nzcv() {
    int f = flags.materialize();
    return ((f & Flags.SF) != 0 ? 1L << 31 : 0)
        | ((f & Flags.ZF) != 0 ? 1L << 30 : 0)
        | ((f & Flags.CF) != 0 ? 1L << 29 : 0)
        | ((f & Flags.OF) != 0 ? 1L << 28 : 0);
  }

  /// Sets NZCV from bits 31:28.
  void setNzcv(long value) {
    flags.set(
        ((value & 1L << 31) != 0 ? Flags.SF : 0)
            | ((value & 1L << 30) != 0 ? Flags.ZF : 0)
            | ((value & 1L << 29) != 0 ? Flags.CF : 0)
            | ((value & 1L << 28) != 0 ? Flags.OF : 0));
  }

  /// Writes PSTATE.PAN, if the core has it. Translations hold permissions, so a change forgets them.
  void setPan(boolean value) {
    boolean now = value && preset.has(Arm64Feature.PAN);
    if (now != pan) {
      pan = now;
      translations.flush(false);
    }
  }

  /// Writes PSTATE.UAO, if the core has it.
  void setUao(boolean value) {
    boolean now = value && preset.has(Arm64Feature.UAO);
    if (now != uao) {
      uao = now;
      translations.flush(false);
    }
  }

  /// Writes PSTATE.SSBS, if the core has it.
  void setSsbs(boolean value) {
    ssbs = value && preset.has(Arm64Feature.SSBS2);
  }

  // ---- what the engine asks

  @Override
  protected int helper(Helper helper, long word, long imm) {
    int flags = Uop.flags(word);
    if ((flags & Arm64Helper.VECTOR) != 0 && vectorsTrapped()) {
      return fault(Arm64Syndrome.of(Arm64Syndrome.VECTOR_TRAP, Arm64Syndrome.ALWAYS), 0);
    }
    if ((flags & Arm64Helper.ACCESS) != 0 && Uop.a(word) == SP && stackMisaligned()) {
      return stackFault();
    }
    return ((Arm64Helper) helper).run(this, word, imm);
  }

  /// CPACR_EL1.FPEN: 0b11 traps nothing, 0b01 EL0 alone, else both levels.
  boolean vectorsTrapped() {
    long fpen = system.get(Arm64SystemRegister.CPACR_EL1) & Arm64SystemRegisters.CPACR_FPEN;
    return fpen != Arm64SystemRegisters.CPACR_FPEN && (privilege == 0 || fpen != Arm64SystemRegisters.CPACR_FPEN_EL1);
  }

  @Override
  protected long walk(long va, int access, boolean user) {
    return mmu.walk(va, access, user);
  }

  @Override
  protected boolean userMode() {
    return privilege == 0;
  }

  @Override
  protected void deliver(int code, long address, byte[] text) {
    Arm64Exceptions.fault(this, code, address, text);
  }

  @Override
  protected boolean interruptReady() {
    return (daif & DAIF_I) == 0 && gic.signals();
  }

  @Override
  protected void interrupt() {
    Arm64Exceptions.irq(this);
  }

  /// PSTATE.IL: the instruction to be executed will not be. A software step comes before that (D1.3.5.5).
  @Override
  protected boolean steps() {
    return illegal || step.isOn();
  }

  @Override
  protected boolean beforeStep() {
    if (!step.before()) {
      return false;
    }
    if (illegal) {
      fault(Arm64Syndrome.of(Arm64Syndrome.ILLEGAL_STATE, 0), 0);
    }
    return !illegal;
  }

  @Override
  protected boolean afterStep(boolean done) {
    return step.after(done);
  }

  @Override
  protected boolean mayEnter(byte[] text) {
    return target.admits(Arm64Decoder.word(text, 0));
  }

  /// WFI ends whatever PSTATE.I says.
  @Override
  protected boolean wakes() {
    return gic.signals();
  }

  /// SCTLR_EL1.A (AArch64.CheckAlignment).
  @Override
  protected boolean watchesData() {
    return system.is(Arm64SystemRegisters.SCTLR_A);
  }

  @Override
  protected boolean accessing(long va, int width, int access, boolean user) {
    boolean aligned = (va & (1L << width) - 1) == 0 || !system.is(Arm64SystemRegisters.SCTLR_A);
    if (!aligned) {
      alignmentFault(va, access);
    }
    return aligned;
  }

  /// SCTLR_EL1.SA, SA0 (CheckSPAlignment).
  @Override
  protected long stackMask() {
    return system.is(privilege == 0 ? Arm64SystemRegisters.SCTLR_SA0 : Arm64SystemRegisters.SCTLR_SA) ? 15 : 0;
  }

  @Override
  protected int stackFault() {
    return fault(Arm64Syndrome.of(Arm64Syndrome.SP_ALIGNMENT, 0), 0);
  }

  @Override
  protected long branchAddress(long target) {
    return mmu.branchAddress(target);
  }

  @Override
  protected int alignmentFault(long va, int access) {
    int iss = Arm64Syndrome.ALIGNMENT | (access == WRITE ? Arm64Syndrome.WRITE : 0);
    return fault(Arm64Syndrome.of(Arm64Syndrome.DATA_ABORT, iss), va);
  }

  @Override
  protected int misalignedFetch() {
    return fault(Arm64Syndrome.of(Arm64Syndrome.PC_ALIGNMENT, 0), pc);
  }

  @Override
  protected void event(int kind, long value) {
    switch (kind) {
      case Arm64Timer.EVENT_VIRTUAL, Arm64Timer.EVENT_PHYSICAL -> timer.expired();
      default -> gic.event(kind, (int) value);
    }
  }

  /// A private interrupt, SGI or PPI, is made pending as by a write to GICR_ISPENDR0.
  @Override
  protected void raised(int number) {
    gic.own.latch(number);
  }

  @Override
  public boolean accepts(int number) {
    return (daif & DAIF_I) == 0 && gic.accepts(number);
  }

  @Override
  public boolean isRaised(int number) {
    return gic.own.isLatched(number);
  }

  // ---- for helpers

  /// Records an Undefined fault.
  int undefined() {
    return fault(Arm64Syndrome.UNDEFINED, 0);
  }

  /// Sets the destination register of a helper's micro-op.
  void result(long word, long value) {
    r[Uop.dst(word)] = value;
  }
}
