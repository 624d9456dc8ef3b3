package dev.crosspatch.sim.cli;

import dev.crosspatch.core.machine.RunResult;
import dev.crosspatch.sim.run.OutputDirectory;
import dev.crosspatch.sim.run.OutputKind;
import dev.crosspatch.sim.run.Run;
import dev.crosspatch.sim.run.RunLogs;
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
      progress.show("booting");
      Run run;
      try (RunLogs logs = RunLogs.in(directory, truth)) {
        run = course.course(scenario, how -> new Run(scenario, logs, how).execute(r -> progress.show(how(r))));
      }
      run.writeImage(directory);
      Summary summary = Summary.of(run, directory, truth, Main.VERSION, repeat,
          cpu -> progress.show("decoding CPU " + cpu));
      if (left.test(summary)) {
        summary.finish(directory, truth, flow);
        directory.commit();
      }
      return summary;
    }
  }

  private static String how(RunResult r) {
    return String.format("running: %,d instructions, %,d cycles", r.retired(), r.cycles());
  }
}
