package dev.crosspatch.sim.verify;

import dev.crosspatch.core.event.Event.StaleExecution;
import org.jspecify.annotations.Nullable;

/// Looks among stale executions, as they go by, for that of one CPU at one address within a stretch of time.
final class StaleQuery {
  private final int cpu;
  private final long address;
  private final long from;
  private final long to;
  private final boolean last;
  private @Nullable StaleExecution found;

  /// @param last whether the last of several is meant, else the first
  StaleQuery(int cpu, long address, long from, long to, boolean last) {
    this.cpu = cpu;
    this.address = address;
    this.from = from;
    this.to = to;
    this.last = last;
  }

  void hear(StaleExecution s) {
    if (s.cpu() == cpu && s.address() == address && s.cycle() >= from && s.cycle() <= to && (last || found == null)) {
      found = s;
    }
  }

  /// What was found, or null.
  @Nullable StaleExecution found() {
    return found;
  }
}
