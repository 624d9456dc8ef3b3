package dev.crosspatch.sim.guest;

import java.util.List;

/// Who copies the text of new mappings and acknowledges it, and how long the kernel waits for them.
///
/// @param latencies of each observer, in ticks of the trace clock from an announcement, or the copy before, to its
///                  copy; [#NEVER] for one that is dead
/// @param patience  ticks that the kernel waits for an acknowledgement at most
/// @param panics    whether it then gives up, instead of going on without that observer
public record Observers(List<Long> latencies, long patience, boolean panics) {
  /// Latency of an observer that is dead.
  public static final long NEVER = -1;
  /// Most observers.
  public static final int MOST = 8;
  /// Ticks from an announcement to a copy unless it is said.
  public static final long USUAL_LATENCY = 1000;
  /// Ticks that a kernel waits at most unless it is said.
  public static final long USUAL_PATIENCE = 1_000_000;

  /// One that is neither slow nor dead.
  public static final Observers USUAL = new Observers(List.of(USUAL_LATENCY), USUAL_PATIENCE, false);

  /// Checks every range.
  ///
  /// @throws IllegalArgumentException `field: what is wrong`
  public Observers {
    latencies = List.copyOf(latencies);
    Check.range("observer", latencies.size(), 1, MOST);
    for (long latency : latencies) {
      Check.range("latency", latency, NEVER, Long.MAX_VALUE);
    }
    Check.range("timeout", patience, 1, Long.MAX_VALUE);
  }
}
