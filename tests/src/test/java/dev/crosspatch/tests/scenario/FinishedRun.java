package dev.crosspatch.tests.scenario;

import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.scenario.Scenario;
import dev.crosspatch.sim.scenario.Verdict;
import dev.crosspatch.sim.verify.Failure;
import dev.crosspatch.sim.verify.FlowComparison;
import dev.crosspatch.sim.verify.Summary;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// A scenario that ran, and what our decoder made of its files. It holds numbers only, so that many can be kept.
///
/// @param directory what it left
/// @param verdict   how it ended
/// @param expected  whether that is what the scenario expects
/// @param failure   its first failure
/// @param pokes     in the log
/// @param cycles    of the CPU that is furthest
/// @param cpus      in order
public record FinishedRun(RunDirectory directory, Verdict verdict, boolean expected, Optional<Failure> failure,
    int pokes, long cycles, List<Cpu> cpus) {
  private static final Path RUNS = Path.of("target", "runs");
  private static final Map<String, FinishedRun> DONE = new ConcurrentHashMap<>(1024);

  /// One CPU: instructions that retired; and of our decode, instructions, rows lost in gaps, gaps, and wrong or missed
  /// rows.
  public record Cpu(int cpu, long retired, long decoded, long lost, int gaps, long mismatches) {}

  /// A scenario that ships, run when first asked for; all tests share that run.
  public static FinishedRun of(String name) {
    return DONE.computeIfAbsent(name, n -> of(Scenarios.read(n), RUNS.resolve(n)));
  }

  /// Runs a scenario to `out`.
  public static FinishedRun of(Scenario scenario, Path out) {
    Summary summary = Scenarios.run(scenario, out);
    List<Cpu> cpus = summary.verification().cpus().stream().map(cpu -> {
      FlowComparison c = cpu.comparison();
      return new Cpu(cpu.cpu(), summary.run().cpus().get(cpu.cpu()).counters().retired(), c.decoded(), c.lost(),
          c.gaps(), c.mismatches());
    }).toList();
    return new FinishedRun(RunDirectory.open(out), summary.verdict(), summary.asExpected(), summary.firstFailure(),
        summary.verification().pokes(), summary.run().cycles(), cpus);
  }
}
