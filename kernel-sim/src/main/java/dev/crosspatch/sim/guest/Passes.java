package dev.crosspatch.sim.guest;

import java.util.Optional;

/// What the CPUs of a guest kernel counted as they passed its sites, held against what that must add up to: a site that
/// is never passed, that counts nothing or whose text does something else shows, even if every CPU ran what was
/// written.
final class Passes {
  private Passes() {}

  /// Reads counters as the kernel reported them.
  interface Counters {
    long of(int cpu, Counter counter);
  }

  /// What is wrong, for people; empty if nothing is.
  static Optional<String> wrong(GuestConfig config, Counters counters) {
    boolean passed = config.sites().on(SitePath.WORK).isEmpty();
    boolean worked = false;
    for (int cpu = 0; cpu < config.work().cpus(); cpu++) {
      long iterations = counters.of(cpu, Counter.ITERATIONS);
      long expected = GuestKernel.expectedChecksum(config, iterations);
      long counted = counters.of(cpu, Counter.CHECKSUM);
      if (counted != expected && !isInPath(config, counted)) {
        return Optional.of("what SITE adds up on CPU " + cpu + " is " + counted + " and not " + expected + " after "
            + iterations + " iterations");
      }
      for (SitePath path : SitePath.values()) {
        if (path.counter().isPresent()) {
          long ofPath = counters.of(cpu, path.counter().get());
          if (!GuestKernel.isWhole(config, path, ofPath)) {
            return Optional.of("what SITE adds up on CPU " + cpu + " in path " + path.label() + " is "
                + ofPath % SitePath.PASS + " after " + ofPath / SitePath.PASS + " passes");
          }
        }
      }
      worked |= iterations > 0;
      passed |= counters.of(cpu, Counter.SITES_OFF) != 0 || counters.of(cpu, Counter.SITES_ON) != 0;
    }
    return worked && !passed ? Optional.of("SITE counted no pass, neither on nor off") : Optional.empty();
  }

  /// Whether it is what a CPU has while it is in a path, of which the counters were read in the middle.
  private static boolean isInPath(GuestConfig config, long counted) {
    for (SitePath path : SitePath.values()) {
      if (path != SitePath.WORK && counted >= 0 && counted < config.sites().checksum(path)) {
        return true;
      }
    }
    return false;
  }
}
