package dev.crosspatch.sim.perfetto;

/// A part of a run.
///
/// @param from first cycle
/// @param to   first cycle behind it, [Long#MAX_VALUE] for the end of the run
public record Cycles(long from, long to) {

  /// Whether a cycle lies in it.
  boolean contains(long cycle) {
    return cycle >= from && cycle < to;
  }

  /// The cycle of it that is nearest to another.
  long nearest(long cycle) {
    return Math.clamp(cycle, from, to);
  }
}
