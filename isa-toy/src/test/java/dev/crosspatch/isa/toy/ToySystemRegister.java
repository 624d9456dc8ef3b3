package dev.crosspatch.isa.toy;

import java.util.Locale;

/// System registers of the toy, by the number that MFS and MTS have as immediate.
enum ToySystemRegister {
  /// Number of this CPU; read only.
  CPU,
  /// The kernel's own: where its area is.
  AREA,
  /// Where exceptions go; interrupts go 64 bytes behind it.
  VECTOR,
  /// Of the exception or interrupt that is handled: where it came from, why, the address of a bad access.
  EPC, CAUSE, ADDRESS,
  /// Bit 0: interrupts are taken; bit 1: they were before the exception.
  STATUS,
  /// Ticks of the trace clock; read only.
  TIME;

  private static final ToySystemRegister[] ALL = values();

  static boolean is(int number) {
    return number >= 0 && number < ALL.length;
  }

  static ToySystemRegister of(int number) {
    return ALL[number];
  }

  String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
