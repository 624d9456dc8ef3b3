package dev.crosspatch.isa.arm64;

import static dev.crosspatch.isa.arm64.Arm64Field.*;

/// Field values that are unallocated although the bits around them match. Each method is the *allowed* case.
final class Arm64Guards {
  private Arm64Guards() {}

  /// Shift amount fits the operand size.
  static boolean amountFits(Arm64Word w) {
    return w.get(IMM6) < w.operandBits();
  }

  /// As above, and not ROR, which additions do not have.
  static boolean amountFitsNoRotate(Arm64Word w) {
    return w.get(SHIFT) != 3 && amountFits(w);
  }

  /// Extended registers shift by at most 4.
  static boolean extendAmount(Arm64Word w) {
    return w.get(IMM3) <= 4;
  }

  /// Register offsets extend from words or doublewords only.
  static boolean wideOffset(Arm64Word w) {
    return (w.get(OPTION) & 2) != 0;
  }

  /// Wide moves of 32 bits have two halves only.
  static boolean halfFits(Arm64Word w) {
    return w.is(SF) || w.get(HW) < 2;
  }

  /// N equals sf, and positions fit the operand size.
  static boolean bitfield(Arm64Word w) {
    return w.get(N) == w.get(SF) && w.get(IMMR) < w.operandBits() && w.get(IMMS) < w.operandBits();
  }

  /// As [#bitfield] for EXTR, which has no immr.
  static boolean extract(Arm64Word w) {
    return w.get(N) == w.get(SF) && w.get(IMMS) < w.operandBits();
  }

  /// The bitmask immediate decodes to something.
  static boolean bitmask(Arm64Word w) {
    return (w.is(SF) || !w.is(N)) && Arm64Bitmask.valid(w.get(N), w.get(IMMS));
  }

  /// CRC32X, and only it, is a 64-bit instruction.
  static boolean crcSize(Arm64Word w) {
    return w.is(SF) == (w.get(SZ) == 3);
  }

  /// Register pairs of CASP start at even registers.
  static boolean evenPairs(Arm64Word w) {
    return (w.get(RS) & 1) == 0 && (w.get(RT) & 1) == 0;
  }
}
