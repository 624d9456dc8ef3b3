package dev.crosspatch.sim.cli;

import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.IoReason;
import dev.crosspatch.sim.run.MadeDirectories;
import dev.crosspatch.sim.sweep.Case;
import dev.crosspatch.sim.sweep.Plan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Where outputs of runs go.
///
/// @param out  the directory that was asked for; null: none was
/// @param plan all runs
record Targets(@Nullable Path out, Plan plan) {

  /// Makes the directories that they are in: runs that end at the same time would remove them from each other.
  ///
  /// @return to be closed when all are done
  /// @throws BadInput if one cannot be made
  MadeDirectories make() {
    MadeDirectories made = new MadeDirectories();
    for (Case run : plan.groups()) {
      Path whole = of(run).toAbsolutePath().normalize();
      try {
        made.make(Optional.ofNullable(whole.getParent()).orElse(whole));
      } catch (IOException e) {
        throw new BadInput(of(run) + ": cannot create the output directory: " + IoReason.of(e));
      }
    }
    return made;
  }

  /// Where that of a run goes.
  Path of(Case run) {
    String name = run.scenario().name();
    Path whole = out == null ? Path.of("out", name) : plan.scenarios() == 1 ? out : out.resolve(name);
    return plan.isSweep() ? whole.resolve(run.label()) : whole;
  }
}
