package dev.crosspatch.sim.cli;

import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.core.machine.RunResult;
import dev.crosspatch.sim.run.OutputDirectory;
import dev.crosspatch.sim.run.OutputKind;
import dev.crosspatch.sim.run.Run;
import dev.crosspatch.sim.run.RunLogs;
import dev.crosspatch.sim.run.RunOutcome;
import dev.crosspatch.sim.scenario.Scenario;
import dev.crosspatch.sim.verify.Summary;
import java.nio.file.Path;
import java.util.function.Predicate;

/// Runs scenarios, each into an output directory, and judges them.
///
/// @param course   how a run goes
/// @param truth    whether the truth is kept
/// @param flow     whether flow files are written, too
/// @param progress hears how far it is
record Trial(CourseOptions course, boolean truth, boolean flow, Progress progress) {

  /// Runs one.
  ///
  /// @param target where its output goes
  /// @param repeat the command that repeats it
  /// @param left   whether the output is left there
  Summary run(Scenario scenario, Path target, String repeat, Predicate<Summary> left) {
    try (OutputDirectory directory = new OutputDirectory(target, OutputKind.RUN)) {
      Summary summary = Summary.of(run(scenario, directory), directory, truth, Main.VERSION, repeat,
          cpu -> decoding(scenario, cpu));
      if (left.test(summary)) {
        summary.finish(directory, truth, flow);
        directory.commit();
      }
      return summary;
    }
  }

  private RunOutcome run(Scenario scenario, OutputDirectory directory) {
    progress.show("booting");
    Run run;
    try (RunLogs logs = RunLogs.in(directory, truth)) {
      run = course.course(scenario, how -> {
        Run booted = new Run(scenario, logs, how);
        return booted.execute(r -> progress.show(Progress.RUNNING, share(booted, r), how(booted, r)));
      });
    }
    run.writeImage(directory);
    return run.outcome();
  }

  private void decoding(Scenario scenario, int cpu) {
    int cpus = scenario.machine().cpus();
    progress.show(Progress.DECODING, (double) cpu / cpus, "CPU " + cpu + " of 0.." + (cpus - 1));
  }

  /// What is done of what is known to end the run: flips, or a limit that it comes to before.
  private static double share(Run run, RunResult r) {
    RunLimits limits = run.scenario().limits();
    double limit = Math.max((double) r.cycles() / limits.cycles(), (double) r.retired() / limits.retired());
    long flips = run.scenario().guest().flips().total();
    return flips == 0 ? limit : Math.max(limit, (double) run.latency().flips() / flips);
  }

  private static String how(Run run, RunResult r) {
    long flips = run.scenario().guest().flips().total();
    return (flips == 0 ? "" : String.format("%,d of %,d flips, ", run.latency().flips(), flips))
        + String.format("%,d instructions, %,d cycles", r.retired(), r.cycles());
  }
}
