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
  TICKS,
  /// NMIs taken; on AArch64 pseudo-NMIs. This and what follows only kernels count that need it ([#reported]).
  NMIS,
  /// Passes of the sites of [SitePath#TICK], and their checksum.
  PATH_TICK,
  /// Of [SitePath#CALL].
  PATH_CALL,
  /// Of [SitePath#NMI].
  PATH_NMI,
  /// Of [SitePath#PATCHER].
  PATH_PATCHER,
  /// Of [SitePath#TRAP].
  PATH_TRAP,
  /// Of [SitePath#TRAP_OUTER].
  PATH_TRAP_OUTER;

  /// How many of them, from the first on, a kernel reports.
  static int reported(GuestConfig config) {
    Counter last = config.work().nmis() ? NMIS : TICKS;
    for (SiteSpec site : config.sites().list()) {
      Counter counter = site.path().counter().orElse(last);
      last = counter.compareTo(last) > 0 ? counter : last;
    }
    return last.ordinal() + 1;
  }
}
