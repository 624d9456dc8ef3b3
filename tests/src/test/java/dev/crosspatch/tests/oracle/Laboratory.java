package dev.crosspatch.tests.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.scenario.Scenario;
import dev.crosspatch.sim.scenario.ScenarioReader;
import dev.crosspatch.sim.scenario.Verdict;
import dev.crosspatch.tests.scenario.FinishedRun;
import dev.crosspatch.tests.scenario.Scenarios;
import dev.crosspatch.tracer.export.PerfBundle;
import dev.crosspatch.tracer.flow.RawTrace;
import dev.crosspatch.tracer.pt.PtConfig;
import java.util.List;
import java.util.stream.IntStream;

/// Runs the scenarios that ship, each once, for strangers to decode what they leave.
final class Laboratory {
  private Laboratory() {}

  /// Names of the scenarios under this trace protocol that must pass, in alphabetical order.
  static List<String> positive(String protocol) {
    return Scenarios.files().stream().map(ScenarioReader::read)
        .filter(s -> s.expect().verdict() == Verdict.PASS && s.trace().protocol().equals(protocol))
        .map(Scenario::name).toList();
  }

  /// A scenario that ships and must pass, run when first asked for.
  static FinishedRun run(String name) {
    FinishedRun run = FinishedRun.of(name);
    assertEquals(Verdict.PASS, run.verdict(), name);
    return run;
  }

  /// What a traced run gives to decoders of Intel PT.
  static PerfBundle.Input input(RunDirectory run) {
    List<RawTrace> traces = IntStream.range(0, run.config().cpus()).mapToObj(run::trace).toList();
    return new PerfBundle.Input(run.image(), run.pokes(), traces, (PtConfig) run.config().trace());
  }
}
