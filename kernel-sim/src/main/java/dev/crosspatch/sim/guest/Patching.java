package dev.crosspatch.sim.guest;

import dev.crosspatch.sim.mechanism.GuestLibrary;
import dev.crosspatch.sim.mechanism.Mechanism;
import dev.crosspatch.sim.mechanism.Protocol;
import dev.crosspatch.sim.mechanism.Variant;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// How a guest kernel patches.
///
/// @param mechanism  what patches
/// @param protocol   which of its ways
/// @param leftOut    names of its steps that are left out or done wrongly
/// @param cpus       the CPUs that flip keys, besides their work; the first ends the run
/// @param batchLimit most sites per batch, 1..256; 1 patches sites one by one
/// @param alias      mapping that text is written through
/// @param sync       serializing instruction of a sync, empty where there is no choice
public record Patching(
    Mechanism mechanism, Protocol protocol, Set<String> leftOut, List<Integer> cpus, int batchLimit, Alias alias,
    String sync) {
  /// Records a site vector holds: one page, as in Linux.
  public static final int BATCH_MAX = 256;

  /// Checks every range and relation.
  ///
  /// @throws IllegalArgumentException `field: what is wrong`
  public Patching {
    Check.range("batchLimit", batchLimit, 1, BATCH_MAX);
    leftOut = Collections.unmodifiableSet(new TreeSet<>(leftOut));
    cpus = List.copyOf(cpus);
    Check.that(!cpus.isEmpty() && cpus.stream().distinct().count() == cpus.size(), "patchingCpus",
        cpus + " is no list of different CPUs");
    GuestLibrary library = GuestLibrary.of(protocol.isa());
    for (String step : leftOut) {
      Check.that(mechanism.hasStep(protocol, step) || library.bringing(step) != null, "leftOut",
          "protocol " + protocol.name() + " has no step " + step);
    }
    Check.that(library.syncs().isEmpty() ? sync.isEmpty() : library.syncs().contains(sync), "sync",
        "'" + sync + "' is none of " + String.join(", ", library.syncs()));
  }

  /// The first of the CPUs that flip keys, which ends the run.
  public int cpu() {
    return cpus.getFirst();
  }

  /// What the mechanism is on the protocol's ISA.
  public Variant variant() {
    return mechanism.on(protocol.isa());
  }

  /// The library it stands on.
  public GuestLibrary library() {
    return GuestLibrary.of(protocol.isa());
  }
}
