package dev.crosspatch.core.code;

/// Execution mode: how a core reads the bytes of its text. The same bytes are other instructions in another mode, so
/// whoever decodes says which; what is decoded is kept by mode.
///
/// | mode | x86 (SDM Vol. 3A 3.4.5, the code segment's flags) | Arm (DDI0487 B1.3, PSTATE.nRW and PSTATE.T) |
/// |---|---|---|
/// | `CODE_64` | CS.L = 1 in IA-32e mode: 64-bit mode | A64: AArch64 state |
/// | `CODE_32` | CS.L = 0, CS.D = 1: protected or compatibility mode of 32 bits | A32: AArch32 state, T = 0 |
/// | `CODE_16` | CS.L = 0, CS.D = 0: real, virtual-8086, protected or compatibility mode of 16 bits | T32: AArch32 state, T = 1 (instructions of 16 and 32 bits) |
///
/// Which of them an instruction set has is told by [InstructionSet#modes()].
public enum Mode {
  CODE_64, CODE_32, CODE_16;

  private static final Mode[] ALL = values();

  /// How many there are.
  public static final int COUNT = ALL.length;

  /// The mode with this ordinal.
  public static Mode of(int ordinal) {
    return ALL[ordinal];
  }
}
