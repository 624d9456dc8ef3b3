package dev.crosspatch.tracer.unit;

/// What fields of registers can hold.
final class Hardware {
  private Hardware() {}

  /// Checks that a value is 0 or a power of two within `least..most`.
  ///
  /// @throws IllegalArgumentException naming the option if it is neither
  static void checkPower(String protocol, String option, long value, long least, long most) {
    if (value != 0 && (value < least || value > most || Long.bitCount(value) != 1)) {
      throw new IllegalArgumentException(protocol + " option " + option + ": " + value
          + " is neither 0 nor a power of two within " + least + ".." + most + ", which is what hardware has");
    }
  }
}
