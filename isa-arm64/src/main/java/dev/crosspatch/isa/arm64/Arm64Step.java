package dev.crosspatch.isa.arm64;

import static dev.crosspatch.isa.arm64.Arm64SystemRegister.MDSCR_EL1;
import static dev.crosspatch.isa.arm64.Arm64SystemRegister.OSLSR_EL1;

/// Software step: behind an exception return with SPSR_EL1.SS, one instruction and then an exception; without that bit,
/// the exception at once. Source: DDI0487 D2.12, AArch64.GenerateDebugExceptionsFrom, DebugExceptionReturnSS.
final class Arm64Step {
  private static final long MDSCR_SS = 1;
  /// Debug exceptions within EL1, while PSTATE.D is clear.
  private static final long MDSCR_KDE = 1 << 13;
  private static final long OSLSR_OSLK = 1 << 1;

  private final Arm64Core core;
  /// PSTATE.SS: the instruction is still to come.
  boolean armed;
  /// The instruction has been a load exclusive.
  boolean exclusive;
  /// What is being executed is the instruction.
  private boolean active;

  Arm64Step(Arm64Core core) {
    this.core = core;
  }

  /// Whether debug exceptions are enabled at the current level. They are the OS's, so the OS lock holds them back.
  boolean isEnabled() {
    boolean here = core.privilege == 0
        || ((core.system.get(MDSCR_EL1) & MDSCR_KDE) != 0 && (core.daif() & Arm64Core.DAIF_D) == 0);
    return here && (core.system.get(OSLSR_EL1) & OSLSR_OSLK) == 0;
  }

  /// Whether instructions of the current level are stepped.
  boolean isOn() {
    return (core.system.get(MDSCR_EL1) & MDSCR_SS) != 0 && isEnabled();
  }

  /// An exception return to the present level has been made.
  ///
  /// @param asked     SPSR_EL1.SS
  /// @param debugging debug exceptions were enabled where it was made
  void returned(boolean asked, boolean debugging) {
    armed = asked && !debugging && isOn();
  }

  /// Before an instruction: false with the exception recorded if its turn has come already.
  boolean before() {
    active = isOn();
    exclusive = false;
    if (active && !armed) {
      core.fault(Arm64Syndrome.of(Arm64Syndrome.STEP, Arm64Syndrome.DEBUG), 0);
    }
    return !active || armed;
  }

  /// Behind it: true with the exception recorded if it was the one.
  ///
  /// @param done it has been executed, and raised nothing
  boolean after(boolean done) {
    boolean was = active && done;
    active = false;
    if (!was) {
      return false;
    }
    armed = false;
    if (isOn()) {
      core.fault(Arm64Syndrome.of(Arm64Syndrome.STEP, Arm64Syndrome.DEBUG | Arm64Syndrome.STEPPED
          | (exclusive ? Arm64Syndrome.STEPPED_EXCLUSIVE : 0)), 0);
      return true;
    }
    return false;
  }
}
