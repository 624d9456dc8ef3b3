package dev.crosspatch.core.machine;

/// When a run ends at the latest, and how far its cores may be apart.
///
/// What came first is told twice, by the order in which the host lets cores do things and by their clocks. With `ahead`
/// the two agree wherever cores meet; with `slack` they need not.
///
/// @param cycles  no core starts an instruction at or after this time, in cycles; others may be behind by the slack
/// @param retired the run ends once all cores together have retired this many instructions since the machine was made
/// @param slack   cycles a core may run ahead of the slowest before they change places, whatever it does meanwhile: by
///                so much clocks disagree about what came first; or 0
/// @param ahead   cycles a core may run ahead of the slowest as long as nothing is seen before its cause
///                ([dev.crosspatch.core.cpu.Core#meet]); 0 lets cores take turns at each instruction; up to
///                [dev.crosspatch.core.time.TimingModel#lookahead] no core has to wait for it at a cache miss
public record RunLimits(long cycles, long retired, int slack, int ahead) {
  /// No limit; cores take turns at each instruction.
  public static final RunLimits NONE = new RunLimits(Long.MAX_VALUE, Long.MAX_VALUE, 0);

  /// Checks ranges.
  public RunLimits {
    if (cycles < 0 || retired < 0 || slack < 0 || ahead < 0) {
      throw new IllegalArgumentException("limits must not be negative: " + cycles + " cycles, " + retired
          + " retired, slack " + slack + ", ahead " + ahead);
    }
    if (slack > 0 && ahead > 0) {
      throw new IllegalArgumentException("slack " + slack + " takes the place of ahead " + ahead + ", one must be 0");
    }
  }

  /// Cores take turns at each instruction, but for the slack.
  public RunLimits(long cycles, long retired, int slack) {
    this(cycles, retired, slack, 0);
  }

  /// Ends after this many cycles.
  public static RunLimits ofCycles(long cycles) {
    return new RunLimits(cycles, Long.MAX_VALUE, 0);
  }

  /// Ends after this many instructions.
  public static RunLimits ofRetired(long retired) {
    return new RunLimits(Long.MAX_VALUE, retired, 0);
  }

  /// The same up to another time.
  public RunLimits until(long otherCycles) {
    return new RunLimits(otherCycles, retired, slack, ahead);
  }
}
