package dev.crosspatch.core.time;

/// The unit of local time: a fraction of a core cycle, because many instructions cost less than one. Every clock, cost
/// and event time of a machine counts in it; a `long` of them.
public final class ClockUnit {
  private ClockUnit() {}

  /// Units per cycle.
  public static final int PER_CYCLE = 16;

  /// Whole cycles of a time that is not negative.
  public static long cycles(long units) {
    return units / PER_CYCLE;
  }

  /// The first time of a cycle.
  public static long units(long cycles) {
    return cycles * PER_CYCLE;
  }
}
