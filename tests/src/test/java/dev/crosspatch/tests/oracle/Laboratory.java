package dev.crosspatch.tests.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.scenario.Scenario;
import dev.crosspatch.sim.scenario.ScenarioReader;
import dev.crosspatch.sim.scenario.Verdict;
import dev.crosspatch.tests.scenario.Scenarios;
import dev.crosspatch.tracer.export.PerfBundle;
import dev.crosspatch.tracer.pt.PtOptions;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;

/// Runs the scenarios that ship, each once, for strangers to decode what they leave.
final class Laboratory {
  private static final Path RUNS = Path.of("target", "runs");
  /// A run with more takes minutes in decoders that print every instruction.
  private static final long MOST_POKES = 10_000;
  private static final Map<String, RunDirectory> DONE = new HashMap<>();

  private Laboratory() {}

  /// Names of the scenarios under this trace protocol that must pass, in alphabetical order.
  static List<String> positive(String protocol) {
    return Scenarios.files().stream().map(ScenarioReader::read)
        .filter(s -> s.expect() == Verdict.PASS && s.trace().protocol().equals(protocol)).map(Scenario::name).toList();
  }

  /// The output of a scenario, run when first asked for. The calling test is skipped if it is a storm.
  static synchronized RunDirectory run(String name) {
    return DONE.computeIfAbsent(name, Laboratory::execute);
  }

  private static RunDirectory execute(String name) {
    Scenario scenario = Scenarios.read(name);
    long pokes = scenario.guest().pokes();
    Assumptions.assumeTrue(pokes <= MOST_POKES, () -> "skipped: " + pokes + " pokes are too many for decoders that print every instruction");
    Path target = RUNS.resolve(name);
    assertEquals(Verdict.PASS, Scenarios.run(scenario, target).verdict(), name);
    return RunDirectory.open(target);
  }

  /// What a traced run gives to decoders of Intel PT.
  static PerfBundle.Input input(RunDirectory run) {
    List<byte[]> traces = IntStream.range(0, run.config().cpus()).mapToObj(run::trace).toList();
    return new PerfBundle.Input(run.image(), run.pokes(), traces, PtOptions.of(run.config().options()));
  }
}
