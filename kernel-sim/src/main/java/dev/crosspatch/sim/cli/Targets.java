package dev.crosspatch.sim.cli;

import dev.crosspatch.sim.sweep.Case;
import dev.crosspatch.sim.sweep.Plan;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Where outputs of runs go.
///
/// @param out  the directory that was asked for; null: none was
/// @param plan all runs
record Targets(@Nullable Path out, Plan plan) {

  /// Where that of a run goes.
  Path of(Case run) {
    String name = run.scenario().name();
    Path whole = out == null ? Path.of("out", name) : plan.scenarios() == 1 ? out : out.resolve(name);
    return plan.isSweep() ? whole.resolve(run.label()) : whole;
  }
}
