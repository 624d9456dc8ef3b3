package dev.crosspatch.sim.mechanism;

import java.util.Set;

/// A step of a protocol that a scenario can leave out, or do wrongly, to see what breaks. A step left out is not
/// assembled into the kernel at all (symbol `FAULT_` and its name is 1), so the rest keeps its timing.
///
/// @param name      as scenarios say it, e.g. `sync-a`
/// @param protocols names of the protocols that have it
/// @param fault     whether it is done wrongly instead of left out
/// @param what      what is left out, or how it goes wrong, for people
/// @param excludes  names of steps that go with it: neither can be left out besides it
public record Step(String name, Set<String> protocols, boolean fault, String what, Set<String> excludes) {
  /// Copies both sets.
  public Step {
    protocols = Set.copyOf(protocols);
    excludes = Set.copyOf(excludes);
  }
}
