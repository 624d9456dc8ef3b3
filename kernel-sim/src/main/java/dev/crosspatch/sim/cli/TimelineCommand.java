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
          + "new text. Without an option it is the poke of the first failure (of what nobody reported the stores) or, "
          + "if nothing failed, the first.",
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
    Path path = Arguments.present(directory, "DIR");
    RunDirectory run = RunDirectory.open(path);
    PatchTimeline timeline = poke != null ? PatchTimeline.of(run, poke) : ofFailure(run);
    PrintWriter out = Arguments.present(spec, "command").commandLine().getOut();
    Poke of = timeline.poke();
    out.printf("%s at %s, patched by CPU %d: %s becomes %s%s%n%n", of.site(), Json.address(of.address()), of.cpu(),
        Json.hex(of.before()), Json.hex(of.after()), timeline.number() == 0 ? ", which nobody reported" : "");
    out.printf("%12s %8s%n", "cycle", "from");
    timeline.table().forEach(out::println);
    out.println();
    timeline.drawing(WIDTH).forEach(out::println);
    out.println(PatchTimeline.legend());
    out.flush();
    return Main.AS_EXPECTED;
  }

  private PatchTimeline ofFailure(RunDirectory run) {
    Path file = run.path().resolve(RunFiles.SUMMARY);
    Fields found = RunDirectory.summary(file, Inputs.text(file, Inputs.MOST_YAML)).whole("first_failure");
    if (found == null && failure) {
      throw new BadInput("--failure: nothing failed in " + run.path());
    }
    return found == null ? PatchTimeline.of(run, 1)
        : PatchTimeline.at(run, Long.parseUnsignedLong(found.text("address", "0x0").substring(2), 16),
            found.number("cycle", 0, -1, Long.MAX_VALUE));
  }
}
