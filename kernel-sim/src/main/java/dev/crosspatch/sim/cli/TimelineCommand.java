package dev.crosspatch.sim.cli;

import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.Inputs;
import dev.crosspatch.sim.Json;
import dev.crosspatch.sim.fields.Fields;
import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.run.RunFiles;
import dev.crosspatch.sim.window.PatchTimeline;
import dev.crosspatch.tracer.text.Poke;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Prints what happened around one poke.
@Command(
    name = "timeline",
    description = {
      "Prints what happened around one poke of a finished directory, on which CPU and in which order: stores, "
          + "synchronizations, the report, and when each CPU first and last ran the old text, the breakpoint, and the "
          + "new text. Of text that appears or goes away it is that of one instruction, the failing one or the first. "
          + "Without an option it is the poke of the first failure (of what nobody reported the stores) or, if nothing "
          + "failed, the first.",
      "Exit status: 0, 2 bad input."
    },
    mixinStandardHelpOptions = true)
final class TimelineCommand implements Callable<Integer> {
  private static final int WIDTH = 100;

  @Parameters(paramLabel = "DIR", description = "Output directory of a run.")
  private @Nullable Path directory;

  @Option(names = "--poke", paramLabel = "N", description = "The Nth line of pokes.jsonl, from 1.")
  private @Nullable Integer poke;

  @Option(names = "--failure", description = "The poke of the first failure.")
  private boolean failure;

  @CommandLine.Spec private CommandLine.Model.@Nullable CommandSpec spec;

  @Override
  public Integer call() {
    StandardOutput.goOnWhenClosed();
    if (poke != null && failure) {
      throw new BadInput("--poke, --failure: one of them is enough");
    }
    RunDirectory run = RunDirectory.open(Arguments.present(directory, "DIR"));
    Failed first = Failed.of(run);
    PatchTimeline timeline = timeline(run, first);
    PatchTimeline.Moment failed = first == null ? null : first.in(timeline);
    PrintWriter out = Arguments.present(spec, "command").commandLine().getOut();
    Poke of = timeline.poke();
    out.printf("%s at %s, patched by CPU %d: %s becomes %s%s%s%n%n", of.site(), Json.address(of.address()), of.cpu(),
        Json.hex(of.before()), Json.hex(of.after()), timeline.within(),
        timeline.number() == 0 ? ", which nobody reported" : "");
    out.printf("%12s %8s%n", "cycle", "from");
    timeline.table(failed).forEach(out::println);
    out.println();
    timeline.drawing(WIDTH, failed).forEach(out::println);
    out.println(PatchTimeline.legend());
    out.flush();
    return Main.AS_EXPECTED;
  }

  /// The poke that is asked for.
  private PatchTimeline timeline(RunDirectory run, @Nullable Failed failed) {
    if (poke != null) {
      return PatchTimeline.of(run, poke);
    }
    if (failed == null && failure) {
      throw new BadInput("--failure: nothing failed in " + run.path());
    }
    if (failed == null) {
      return PatchTimeline.of(run, 1);
    }
    if (failed.address() == 0) {
      throw new BadInput(run.path() + ": the first failure (" + failed.kind() + ") is at no address" + (run.pokes()
          .pokes().isEmpty() ? ", and the poke log is empty" : "; --poke N shows a poke"));
    }
    return PatchTimeline.at(run, failed.address(), failed.cycle());
  }

  /// The first failure, and number of its poke, 0 if it has none.
  private record Failed(String kind, int cpu, long address, long cycle, int poke) {
    static @Nullable Failed of(RunDirectory run) {
      Path file = run.path().resolve(RunFiles.SUMMARY);
      Fields found = RunDirectory.summary(file, Inputs.text(file, Inputs.MOST_YAML)).whole("first_failure");
      if (found == null) {
        return null;
      }
      long cycle = found.number("cycle", 0, -1, Long.MAX_VALUE);
      long address = Long.parseUnsignedLong(found.text("address", "0x0").substring(2), 16);
      return new Failed(found.text("kind", ""), (int) found.number("cpu", -1, -1, Integer.MAX_VALUE), address, cycle,
          PatchTimeline.nearest(run, run.pokes().pokes(), address, cycle));
    }

    /// To be told in the timeline of its poke.
    PatchTimeline.@Nullable Moment in(PatchTimeline timeline) {
      return timeline.number() != poke || cpu < 0 ? null : PatchTimeline.Moment.failure(cpu, cycle, kind);
    }
  }
}
