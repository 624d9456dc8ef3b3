package dev.crosspatch.sim.cli;

import dev.crosspatch.core.machine.RunResult;
import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.guest.Mark;
import dev.crosspatch.sim.run.OutputDirectory;
import dev.crosspatch.sim.run.Run;
import dev.crosspatch.sim.run.RunConfig;
import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.run.RunFiles;
import dev.crosspatch.sim.scenario.Scenario;
import dev.crosspatch.sim.scenario.ScenarioReader;
import dev.crosspatch.sim.scenario.Verdict;
import dev.crosspatch.sim.verify.FlowFiles;
import dev.crosspatch.sim.verify.Report;
import dev.crosspatch.sim.verify.Summary;
import dev.crosspatch.sim.verify.Verification;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Boots, patches, traces, decodes, verifies.
@Command(
    name = "run",
    description = "Boots a scenario, lets it patch itself under trace, decodes the trace from the written files and compares it with what ran.",
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  @Parameters(paramLabel = "SCENARIO.yaml", description = "The scenario; 'crosspatch scenarios' lists those that ship.")
  private @Nullable Path file;

  @Option(names = {"-o", "--out"}, paramLabel = "DIR", description = "Output directory (default: out/SCENARIO). An earlier output there is replaced.")
  private @Nullable Path out;

  @Option(names = "--seed", paramLabel = "N", description = "Seed instead of the scenario's.")
  private @Nullable Long seed;

  @Option(names = "--flow", description = "Also write truth/cpuN.flow and decoded/cpuN.flow, one line per instruction.")
  private boolean flow;

  @CommandLine.Spec private CommandLine.Model.@Nullable CommandSpec spec;

  @Override
  public Integer call() {
    Scenario scenario = ScenarioReader.read(Arguments.present(file, "SCENARIO.yaml"));
    if (seed != null && seed < 0) {
      throw new BadInput("--seed: " + seed + " is not within 0.." + Long.MAX_VALUE);
    }
    if (seed != null) {
      scenario = scenario.withSeed(seed);
    }
    Path target = out == null ? Path.of("out", scenario.name()) : out;
    PrintWriter print = Arguments.present(spec, "command").commandLine().getOut();
    try (OutputDirectory directory = new OutputDirectory(target, RunFiles.SUMMARY); Progress progress = new Progress()) {
      Summary summary = run(scenario, directory, progress);
      directory.commit();
      progress.clear();
      print(print, summary, target);
      return summary.verdict() == Verdict.PASS ? 0 : 1;
    }
  }

  private Summary run(Scenario scenario, OutputDirectory directory, Progress progress) {
    progress.show("booting");
    Run run = new Run(scenario).execute(r -> progress.show(how(r)));
    run.write(directory);
    RunDirectory finished = new RunDirectory(directory.work(), RunConfig.of(scenario, run.machine().timing()));
    Verification verification = new Verification(finished, cpu -> progress.show("decoding CPU " + cpu));
    if (flow) {
      FlowFiles.write(finished, directory::file);
    }
    Summary summary = Summary.of(run, verification, Main.VERSION);
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
    summary.firstFailure().ifPresent(f -> out.println("first failure: " + f));
    boolean expected = summary.verdict() == run.scenario().expect();
    out.printf("verdict: %s%s; output in %s%n", summary.verdict(), expected ? " (as expected)" : " (expected " + run.scenario().expect() + ")", target);
    out.flush();
  }
}
