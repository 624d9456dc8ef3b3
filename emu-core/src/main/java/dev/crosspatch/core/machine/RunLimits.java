package dev.crosspatch.core.machine;

/// When a run ends at the latest.
///
/// @param cycles  no core starts an instruction at or after this time, in cycles; others may be behind by the slack
/// @param retired the run ends once all cores together have retired this many instructions since the machine was made
/// @param slack   cycles a core may run ahead of the slowest before they change places; 0 is exact, more is faster and
///                still deterministic
public record RunLimits(long cycles, long retired, int slack) {
  /// No limit.
  public static final RunLimits NONE = new RunLimits(Long.MAX_VALUE, Long.MAX_VALUE, 0);

  /// Checks ranges.
  public RunLimits {
    if (cycles < 0 || retired < 0 || slack < 0) {
      throw new IllegalArgumentException("limits must not be negative: " + cycles + " cycles, " + retired
          + " retired, slack " + slack);
    }
  }

  /// Ends after this many cycles.
  public static RunLimits ofCycles(long cycles) {
    return new RunLimits(cycles, Long.MAX_VALUE, 0);
  }

  /// Ends after this many instructions.
  public static RunLimits ofRetired(long retired) {
    return new RunLimits(Long.MAX_VALUE, retired, 0);
  }
}
