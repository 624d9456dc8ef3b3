package dev.crosspatch.sim.cli;

import dev.crosspatch.core.asm.AssemblyException;
import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.IoReason;
import dev.crosspatch.sim.run.MadeDirectories;
import dev.crosspatch.sim.run.OutputDirectory;
import dev.crosspatch.sim.run.Run;
import dev.crosspatch.sim.scenario.ScenarioReader;
import dev.crosspatch.sim.sweep.Case;
import dev.crosspatch.sim.sweep.InOrder;
import dev.crosspatch.sim.sweep.InOrder.Turn;
import dev.crosspatch.sim.sweep.Plan;
import dev.crosspatch.sim.sweep.Row;
import dev.crosspatch.sim.verify.Summary;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/// Makes all runs of a plan, several at a time, and tells of each in the order of the plan. What is wrong with one does
/// not keep the others from running.
///
/// @param plan        the runs
/// @param how         takes who hears how far a run is, and gives what makes it
/// @param target      where the output of a run goes
/// @param repeat      the command that repeats a run
/// @param stopAtFirst whether the first that does not end as expected is the last
/// @param leaves      whether outputs are left: of one of many if it does not end as expected
record Batch(Plan plan, Function<Progress, Trial> how, Function<Case, Path> target, Function<Case, String> repeat,
    boolean stopAtFirst, boolean leaves) {

  /// What came of a run.
  ///
  /// @param row    in short
  /// @param text   in full, if it was not one of many
  /// @param thrown what kept it from a verdict; null if nothing did
  record Told(Row row, String text, @Nullable Throwable thrown) {}

  /// Makes all runs of a plan, of which no output is left.
  ///
  /// @param out   the directory to work in; null: where outputs would be
  /// @param jobs  how many at a time
  /// @param line  says what kept one from a verdict
  /// @param hears what came of each, in order
  /// @return the exit status for what kept one from a verdict
  static int told(Plan plan, @Nullable Path out, int jobs, CommandLine line, Consumer<Row> hears) {
    Targets targets = new Targets(out, plan);
    int[] worst = {Main.AS_EXPECTED};
    try (MadeDirectories _ = targets.make(); Progress progress = new Progress()) {
      new Batch(plan, p -> new Trial(new CourseOptions(), true, false, p), targets::of, _ -> "", false, false)
          .run(jobs, progress, told -> {
            hears.accept(told.row());
            if (told.thrown() != null) {
              worst[0] = Math.max(worst[0], Main.complain(line, told.thrown()));
            }
          });
    }
    return worst[0];
  }

  /// Makes them.
  ///
  /// @param jobs  how many at a time
  /// @param line  shows how far they are
  /// @param hears what came of each, in order
  void run(int jobs, Progress line, Consumer<Told> hears) {
    try (SweepProgress progress = new SweepProgress(line, plan.size())) {
      Iterator<InOrder.Work<Optional<Told>>> work = plan.cases()
          .<InOrder.Work<Optional<Told>>>map(c -> turn -> run(c, turn, line, progress)).iterator();
      new InOrder().each(work, (int) Math.min(jobs, plan.size()), told -> {
        progress.clear();
        told.ifPresent(hears);
        return told.isPresent() && (told.get().row().asExpected() || !stopAtFirst);
      });
    }
  }

  /// Nothing if nobody will hear of it.
  private Optional<Told> run(Case run, Turn turn, Progress line, SweepProgress progress) {
    if (turn.isStopped()) {
      return Optional.empty();
    }
    if (plan.size() == 1) {
      return run(run, turn, line);
    }
    try (Progress one = progress.one(turn)) {
      Optional<Told> told = run(run, turn, one);
      if (stopAtFirst && told.isPresent() && !told.get().row().asExpected()) {
        turn.isLast();
      }
      return told;
    }
  }

  private Optional<Told> run(Case run, Turn turn, Progress progress) {
    long begin = System.nanoTime();
    Path to = target.apply(run);
    Leaving leaving = new Leaving(to, turn);
    try {
      Summary summary = how.apply(progress).run(run.scenario(), to, repeat.apply(run), leaving);
      Row row = Row.of(run, summary, since(begin), leaving.left ? to.toString() : "");
      return Optional.of(new Told(row, plan.isSweep() ? "" : text(summary, to), null));
    } catch (SweepProgress.Abandoned e) {
      return Optional.empty();
    } catch (RuntimeException | Error e) {
      if (OutputDirectory.isEnded()) {
        return Optional.empty(); // its files were taken away
      }
      Throwable thrown = placed(run, e);
      return Optional.of(new Told(Row.bad(run, line(thrown), since(begin), repeat.apply(run)), "", thrown));
    }
  }

  private static double since(long begin) {
    return (System.nanoTime() - begin) / 1e9;
  }

  /// Decides whether the output of a run is left: of one of many only if it does not end as expected, or what an
  /// earlier run has left there would be wrong.
  private final class Leaving implements Predicate<Summary> {
    private final Path to;
    private final Turn turn;
    private boolean left;

    Leaving(Path to, Turn turn) {
      this.to = to;
      this.turn = turn;
    }

    @Override
    public boolean test(Summary summary) {
      left = leaves && (!plan.isSweep() || !summary.asExpected() || Files.exists(to)) && (!stopAtFirst || turn.await());
      return left;
    }
  }

  private static String text(Summary summary, Path target) {
    StringWriter text = new StringWriter();
    Tables.whole(new PrintWriter(text), summary, target);
    return text.toString();
  }

  /// Names the place in the scenario of what only its use has shown.
  private static Throwable placed(Case run, Throwable e) {
    return switch (e) {
      case Run.NoKernel bad -> ScenarioReader.bad(run.file(), run.settings(), "sites",
          "no kernel can be built with them: " + bad.why());
      case Run.NoSite bad -> ScenarioReader.bad(run.file(), run.settings(), "expect", bad.why());
      default -> e;
    };
  }

  private static String line(Throwable e) {
    return switch (e) {
      case BadInput bad -> bad.line();
      case AssemblyException bad -> new BadInput(String.valueOf(bad.getMessage())).line();
      case UncheckedIOException bad -> IoReason.of(bad);
      case IOException bad -> IoReason.of(bad);
      default -> new BadInput(e.toString()).line();
    };
  }
}
