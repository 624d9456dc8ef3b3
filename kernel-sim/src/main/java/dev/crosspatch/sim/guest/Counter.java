package dev.crosspatch.sim.guest;

/// What each CPU of a guest kernel counts. The kernel reports all counters of all CPUs just before it ends.
public enum Counter {
  /// Work iterations done.
  ITERATIONS,
  /// Sites passed on the path behind the NOP.
  SITES_OFF,
  /// Sites passed on the path behind the jump.
  SITES_ON,
  /// Sum of (site number + 1) over all sites passed, whichever path was taken.
  CHECKSUM,
  /// Breakpoints taken and emulated.
  TRAPS,
  /// Function-call interrupts (syncs, kicks) answered.
  IPIS,
  /// Timer ticks.
  TICKS
}
