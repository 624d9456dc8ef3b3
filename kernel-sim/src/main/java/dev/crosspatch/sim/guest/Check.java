package dev.crosspatch.sim.guest;

/// Checks of configurations: what is wrong is an [IllegalArgumentException] `field: what`.
final class Check {
  private Check() {}

  static void range(String field, long value, long min, long max) {
    that(value >= min && value <= max, field, value + " is not within " + min + ".." + max);
  }

  static void that(boolean ok, String field, String what) {
    if (!ok) {
      throw new IllegalArgumentException(field + ": " + what);
    }
  }
}
