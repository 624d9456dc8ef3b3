package dev.crosspatch.isa.x86;

import java.util.Arrays;

/// The x87 registers as FXSAVE and XSAVE keep them, and what FNINIT makes of them (SDM vol. 1 8.1).
final class X86FloatState {
  private static final int CONTROL_RESET = 0x37f;

  int control = CONTROL_RESET;
  int status;
  /// A bit per register that is not empty, as FXSAVE has it.
  int tags;
  int lastOpcode;
  long lastInstruction;
  long lastOperand;
  /// ST0 to ST7: 64 bits of significand, and sign and exponent.
  final long[] significand = new long[8];

  final int[] exponent = new int[8];

  /// As at reset, to XSAVE.
  boolean isReset() {
    boolean values = false;
    for (int i = 0; i < 8; i++) {
      values |= significand[i] != 0 || exponent[i] != 0;
    }
    return !values && control == CONTROL_RESET && status == 0 && tags == 0 && lastOpcode == 0 && lastInstruction == 0
        && lastOperand == 0;
  }

  void reset() {
    init();
    Arrays.fill(significand, 0);
    Arrays.fill(exponent, 0);
  }

  /// FNINIT: the registers keep their values, but all are empty.
  void init() {
    control = CONTROL_RESET;
    status = 0;
    tags = 0;
    lastOpcode = 0;
    lastInstruction = 0;
    lastOperand = 0;
  }
}
