package dev.crosspatch.isa.arm64;

import static dev.crosspatch.isa.arm64.Arm64Field.*;

import dev.crosspatch.core.uop.CostClass;
import dev.crosspatch.core.uop.Uop;

/// An instruction word seen through the row that matched it.
///
/// @param row    names and places of the fields
/// @param bits   the word
/// @param preset of the core that is to execute it
record Arm64Word(Arm64Row row, int bits, Arm64Preset preset) {

  /// One that nobody is to execute.
  Arm64Word(Arm64Row row, int bits) {
    this(row, bits, Arm64Preset.MAX);
  }

  /// The field, unsigned.
  int get(Arm64Field field) {
    return bits >>> row.shift(field) & (1 << row.size(field)) - 1;
  }

  /// The field, sign-extended.
  long signed(Arm64Field field) {
    int unused = 64 - row.size(field);
    return (long) get(field) << unused >> unused;
  }

  /// Whether a field of one bit is set.
  boolean is(Arm64Field field) {
    return get(field) != 0;
  }

  /// The register a field names as a source; 31 is the zero register.
  int source(Arm64Field field) {
    int n = get(field);
    return n == 31 ? Uop.ZERO : n;
  }

  /// The register a field names as a destination; 31 discards the result.
  int target(Arm64Field field) {
    int n = get(field);
    return n == 31 ? Uop.SINK : n;
  }

  /// The register a field names where 31 is the stack pointer.
  int orSp(Arm64Field field) {
    return get(field);
  }

  /// Operand size by `sf`, which is bit 31 wherever there is one: 2 (32 bits) or 3 (64 bits).
  int width() {
    return 2 + (bits >>> 31);
  }

  /// Operand size in bits.
  int operandBits() {
    return 8 << width();
  }

  /// Timing class: the row's, but for forms that take the multi-cycle unit (Cortex-A72 Software Optimization Guide,
  /// 3.3 to 3.5): a shifted or extended operand, a product of 32 bits.
  CostClass cost() {
    boolean product32 = row.cost() == CostClass.MUL && !is(SF);
    return isShifted() || product32 ? CostClass.MULTI_CYCLE : row.cost();
  }

  /// Whether an operand that is a register is shifted, or extended.
  boolean isShifted() {
    boolean extended = row.has(OPTION) && row.has(IMM3);
    return extended || (row.has(IMM6) && row.has(SHIFT) && get(IMM6) != 0);
  }
}
