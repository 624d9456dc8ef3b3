package dev.crosspatch.sim.cli;

import dev.crosspatch.core.machine.RunResult;
import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.guest.Mark;
import dev.crosspatch.sim.run.OutputDirectory;
import dev.crosspatch.sim.run.OutputKind;
import dev.crosspatch.sim.run.Run;
import dev.crosspatch.sim.run.RunConfig;
import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.run.RunFiles;
import dev.crosspatch.sim.run.RunLogs;
import dev.crosspatch.sim.scenario.Scenario;
import dev.crosspatch.sim.scenario.ScenarioReader;
import dev.crosspatch.sim.scenario.Verdict;
import dev.crosspatch.sim.verify.FlowFiles;
import dev.crosspatch.sim.verify.Report;
import dev.crosspatch.sim.verify.Summary;
import dev.crosspatch.sim.verify.Verification;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Boots, patches, traces, decodes, verifies.
@Command(
    name = "run",
    description = "Boots a scenario, lets it patch itself under trace, decodes the trace from the written files and compares it with what ran. Several run one after the other.",
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  @Parameters(
      arity = "1..*",
      paramLabel = "SCENARIO.yaml",
      description = "The scenarios; 'crosspatch scenarios' lists those that ship. The exit status is 0 if all verdicts are pass.")
  private List<Path> files = List.of();

  @Option(
      names = {"-o", "--out"},
      paramLabel = "DIR",
      description = "Output directory (default: out/SCENARIO), of several scenarios one directory each in it. An earlier output there is replaced.")
  private @Nullable Path out;

  @Option(names = "--seed", paramLabel = "N", description = "Seed instead of the scenario's.")
  private @Nullable Long seed;

  @Option(names = "--flow", description = "Also write truth/cpuN.flow and decoded/cpuN.flow, one line per instruction.")
  private boolean flow;

  @Option(
      names = "--no-truth",
      description = "Keep no truth, which takes a byte per instruction: what was checked without it is said, and is in summary.json.")
  private boolean noTruth;

  @CommandLine.Spec private CommandLine.Model.@Nullable CommandSpec spec;

  @Override
  public Integer call() {
    StandardOutput.goOnWhenClosed();
    if (seed != null && seed < 0) {
      throw new BadInput("--seed: " + seed + " is not within 0.." + Long.MAX_VALUE);
    }
    int status = 0;
    for (Scenario scenario : scenarios()) {
      status = Math.max(status, run(scenario) == Verdict.PASS ? 0 : 1);
    }
    return status;
  }

  /// All of them, before the first is run.
  private Collection<Scenario> scenarios() {
    Map<String, Scenario> scenarios = new LinkedHashMap<>();
    for (Path file : files) {
      Scenario scenario = ScenarioReader.read(file);
      if (scenarios.put(scenario.name(), seed == null ? scenario : scenario.withSeed(seed)) != null) {
        throw new BadInput(file + ": a second scenario of the name " + scenario.name() + "; their outputs would be in one place");
      }
    }
    return scenarios.values();
  }

  private Verdict run(Scenario scenario) {
    Path target = out == null ? Path.of("out", scenario.name()) : files.size() == 1 ? out : out.resolve(scenario.name());
    PrintWriter print = Arguments.present(spec, "command").commandLine().getOut();
    try (OutputDirectory directory = new OutputDirectory(target, OutputKind.RUN); Progress progress = new Progress()) {
      Summary summary = run(scenario, directory, progress);
      directory.commit();
      progress.clear();
      print(print, summary, target);
      return summary.verdict();
    }
  }

  private Summary run(Scenario scenario, OutputDirectory directory, Progress progress) {
    progress.show("booting");
    Run run;
    try (RunLogs logs = RunLogs.in(directory, !noTruth)) {
      run = new Run(scenario, logs).execute(r -> progress.show(how(r)));
    }
    run.writeImage(directory);
    RunDirectory finished = RunDirectory.fresh(directory, RunConfig.of(scenario, run.machine().timing()), !noTruth);
    Verification verification = new Verification(finished, cpu -> progress.show("decoding CPU " + cpu));
    if (flow) {
      FlowFiles.write(finished, directory::file);
    }
    Summary summary = Summary.of(run, verification, Main.VERSION);
    if (noTruth) {
      directory.remove(RunFiles.STALE);
      directory.remove(RunFiles.STORES);
      directory.remove(RunFiles.TRUTH);
    }
    directory.write(RunFiles.SUMMARY, summary.json());
    directory.write(RunFiles.REPORT, Report.html(summary));
    return summary;
  }

  private static String how(RunResult r) {
    return String.format("running: %,d instructions, %,d cycles", r.retired(), r.cycles());
  }

  private static void print(PrintWriter out, Summary summary, Path target) {
    Tables.cpus(out, summary.verification());
    Run run = summary.run();
    out.printf("pokes %d, flips p50 %,d p99 %,d cycles, guest: %s, %.2f s on the host%n", summary.verification().pokes(),
        summary.latency().of(Mark.FLIP_BEGIN).getValueAtPercentile(50),
        summary.latency().of(Mark.FLIP_BEGIN).getValueAtPercentile(99), run.ending(), run.hostSeconds());
    if (!summary.verification().checked().flow()) {
      out.println(summary.verification().checkedText());
    }
    summary.firstFailure().ifPresent(f -> out.println("first failure: " + f));
    boolean expected = summary.verdict() == run.scenario().expect();
    out.printf("verdict: %s%s; output in %s%n", summary.verdict(), expected ? " (as expected)" : " (expected " + run.scenario().expect() + ")", target);
    out.flush();
  }
}
