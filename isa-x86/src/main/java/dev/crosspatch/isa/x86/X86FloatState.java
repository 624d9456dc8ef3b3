package dev.crosspatch.isa.x86;

import dev.crosspatch.core.fp.Extended;
import java.util.Arrays;

/// The x87 registers as FXSAVE and XSAVE keep them, and what FNINIT makes of them (SDM vol. 1 8.1).
final class X86FloatState {
  private static final int CONTROL_RESET = 0x37f;
  private static final int TOP = 7 << 11;
  private static final int EXCEPTIONS = 0x3f;
  /// ES and B: an exception that is not masked is pending.
  static final int PENDING = 0x8080;

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

  /// Of the status: which of the eight registers is ST0.
  private int top() {
    return status >> 11 & 7;
  }

  /// Brings ES and B up to date.
  void summarize() {
    status = (status & ~control & EXCEPTIONS) != 0 ? status | PENDING : status & ~PENDING;
  }

  // ---- ST(i)

  Extended get(int i) {
    return new Extended(exponent[i], significand[i]);
  }

  /// Gives ST(i) a value, so that it is not empty.
  void set(int i, Extended value) {
    exponent[i] = value.exponent();
    significand[i] = value.significand();
    tags |= 1 << (top() + i & 7);
  }

  boolean isEmpty(int i) {
    return (tags >> (top() + i & 7) & 1) == 0;
  }

  /// ST(i) becomes empty; what it holds stays.
  void free(int i) {
    tags &= ~(1 << (top() + i & 7));
  }

  /// ST(`by`) becomes ST0, and all others with it.
  void turn(int by) {
    setStatus((status & ~TOP) | (top() + by & 7) << 11);
  }

  /// Another status; registers stay where they are, whatever their names.
  void setStatus(int value) {
    int by = (value >> 11 & 7) - top();
    if (by == 0) {
      status = value;
      return;
    }
    long[] values = significand.clone();
    int[] signs = exponent.clone();
    for (int i = 0; i < 8; i++) {
      significand[i] = values[(i + by) & 7];
      exponent[i] = signs[(i + by) & 7];
    }
    status = value;
  }

  // ---- registers of MMX: the significands of R0 to R7, whatever ST0 is (SDM vol. 1 9.2.1, vol. 3 13.2)

  long mmx(int i) {
    return significand[(i - top()) & 7];
  }

  /// Gives a register of MMX a value, which no x87 instruction takes for a number.
  void setMmx(int i, long value) {
    significand[(i - top()) & 7] = value;
    exponent[(i - top()) & 7] = 0xffff;
  }

  /// R0 becomes ST0, as all instructions of MMX have it, and all registers are valid, or with EMMS empty.
  void enterMmx(boolean valid) {
    setStatus(status & ~TOP);
    tags = valid ? 0xff : 0;
  }

  /// Two bits per register, as FSTENV has them: valid, zero, special or empty (SDM vol. 1 8.1.7).
  int wideTags() {
    int wide = 0;
    for (int i = 0; i < 8; i++) {
      wide |= ((tags >> i & 1) == 0 ? 3 : kind((i - top()) & 7)) << (2 * i);
    }
    return wide;
  }

  private int kind(int st) {
    int e = exponent[st] & 0x7fff;
    if (e == 0 && significand[st] == 0) {
      return 1;
    }
    return e == 0 || e == 0x7fff || significand[st] >= 0 ? 2 : 0;
  }

  void setWideTags(int wide) {
    tags = 0;
    for (int i = 0; i < 8; i++) {
      tags |= (wide >> (2 * i) & 3) == 3 ? 0 : 1 << i;
    }
  }

  /// FNINIT: the registers keep their values, but all are empty.
  void init() {
    control = CONTROL_RESET;
    setStatus(0);
    tags = 0;
    lastOpcode = 0;
    lastInstruction = 0;
    lastOperand = 0;
  }
}
