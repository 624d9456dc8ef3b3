package dev.crosspatch.sim.verify;

import dev.crosspatch.sim.run.RunConfig;
import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.run.Truth;
import dev.crosspatch.sim.truth.TruthReader;
import dev.crosspatch.tracer.flow.FlowDecoder;
import dev.crosspatch.tracer.flow.TraceSource;
import dev.crosspatch.tracer.text.TextTimeline;

/// One CPU of a finished directory, decoded and compared.
///
/// @param cpu        its number
/// @param comparison the result
public record CpuVerification(int cpu, FlowComparison comparison) {

  /// Decodes the CPU's trace and compares it with its truth, if that was kept.
  static CpuVerification of(RunDirectory run, TextTimeline text, int cpu) {
    if (run.kept() != Truth.WHOLE) {
      return of(run, text, cpu, FlowComparison.withoutTruth(run.config()::cycles));
    }
    try (TruthReader truth = run.truth(cpu)) {
      return of(run, text, cpu, new FlowComparison(truth, run.config()::cycles));
    }
  }

  private static CpuVerification of(RunDirectory run, TextTimeline text, int cpu, FlowComparison comparison) {
    RunConfig config = run.config();
    try (TraceSource trace = run.trace(cpu).open()) {
      new FlowDecoder(config.trace(), text, comparison)
          .decode(config.trace().reader(trace, config.isa().modes()));
    }
    comparison.finish();
    return new CpuVerification(cpu, comparison);
  }

  /// Whether the decoded flow is the truth, everywhere where the trace does not itself admit a gap.
  public boolean clean() {
    return comparison.mismatches() == 0 && comparison.problems().isEmpty();
  }
}
