package dev.crosspatch.sim.cli;

import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.fields.Setting;
import dev.crosspatch.sim.run.MadeDirectories;
import dev.crosspatch.sim.run.OutputDirectory;
import dev.crosspatch.sim.sweep.Axis;
import dev.crosspatch.sim.sweep.Case;
import dev.crosspatch.sim.sweep.Plan;
import dev.crosspatch.sim.sweep.Row;
import dev.crosspatch.sim.sweep.Seeds;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Boots, patches, traces, decodes, verifies: once, or in many ways.
@Command(
    name = "run",
    description = {
      "Boots a scenario, lets it patch itself under trace, decodes the trace from the written files and compares it "
          + "with what ran. With --seeds, or --set KEY=VALUE,VALUE, once in each way, a line each.",
      Main.STATUS + " Of several runs, the worst."
    },
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  @Parameters(
      arity = "1..*",
      paramLabel = "SCENARIO.yaml",
      description = "The scenarios; 'crosspatch scenarios' lists those that ship.")
  private List<Path> files = List.of();

  @Option(
      names = {"-o", "--out"},
      paramLabel = "DIR",
      description =
          "Output directory (default: out/SCENARIO), of several scenarios one directory each in it. An earlier output "
              + "there is replaced. Of a scenario that is run in many ways, the outputs of the runs that do not end as "
              + "expected are left in it, as DIR/KEY=VALUE,seed-N.")
  private @Nullable Path out;

  @Option(names = "--set", paramLabel = "KEY=VALUE[,VALUE]", converter = AxisConverter.class,
      description = "What the scenario says under this key shall be this, in YAML: --set cpus=8, --set flips.total=2. "
          + "With several values, once with each: --set cpus=1,2,4,8; commas within brackets, braces and quotes belong "
          + "to a value. May be repeated: all combinations are run.")
  private List<Axis> axes = List.of();

  @Option(names = "--seed", paramLabel = "N", converter = Arguments.WholeNumber.class,
      description = "Seed instead of the scenario's.")
  private @Nullable Long seed;

  @Option(names = "--seeds", paramLabel = "A..B", converter = SeedsConverter.class,
      description = "Once with each of these seeds.")
  private @Nullable Seeds seeds;

  @Option(names = "--stop-at-first", description = "The first run that does not end as expected is the last.")
  private boolean stopAtFirst;

  @CommandLine.Mixin private JobsOption jobs = new JobsOption();

  @CommandLine.Mixin private ResultOptions results = new ResultOptions();

  @Option(names = "--shrink", paramLabel = "FILE",
      description = "Find the smallest scenario that still fails the same way, with fewer CPUs, sites and flips, and "
          + "write it to this file; the seeds tried are the scenario's and 1..12, or those of --seeds.")
  private @Nullable Path shrink;

  @Option(names = "--flow", description = "Also write truth/cpuN.flow and decoded/cpuN.flow, one line per instruction.")
  private boolean flow;

  @Option(
      names = "--no-truth",
      description =
          "Keep no truth, which takes a byte per instruction: what was checked without it is said, and is in "
              + "summary.json.")
  private boolean noTruth;

  @CommandLine.Mixin private CourseOptions course = new CourseOptions();

  @CommandLine.Spec private CommandLine.Model.@Nullable CommandSpec spec;

  @Override
  public Integer call() {
    StandardOutput.goOnWhenClosed();
    if (seed != null && seed < 0) {
      throw new BadInput("--seed: " + seed + " is not within 0.." + Long.MAX_VALUE);
    }
    if (seeds != null && seed != null) {
      throw new BadInput("--seed, --seeds: one of them is enough");
    }
    course.check(shrink == null ? files.size() : 2);
    if (shrink != null) {
      return shrink(shrink);
    }
    Plan plan = new Plan(files, axes, seeds, seed);
    course.check((int) Math.min(2, plan.size()));
    if (stopAtFirst && plan.size() == 1) {
      throw new BadInput("--stop-at-first: ends a number of runs, and this is one");
    }
    return run(plan);
  }

  private int run(Plan plan) {
    Targets targets = new Targets(out, plan);
    try (MadeDirectories _ = targets.make()) {
      results.check(plan, plan.isSweep() ? List.of() : plan.groups().stream().map(targets::of).toList());
      for (Case group : plan.groups()) {
        course.checkPlaces(group.file(), targets.of(group));
      }
      return run(plan, new Batch(plan, progress -> new Trial(course, !noTruth, flow, progress), targets::of,
          this::repeat, stopAtFirst, true), jobs.count());
    }
  }

  private int run(Plan plan, Batch batch, int atATime) {
    CommandLine line = Arguments.present(spec, "command").commandLine();
    boolean quiet = results.takeStandardOutput(plan);
    Teller teller = new Teller(plan, quiet ? new PrintWriter(Writer.nullWriter()) : line.getOut(), line);
    List<Row> rows = new ArrayList<>();
    try (Progress progress = new Progress()) {
      batch.run(atATime, progress, told -> {
        teller.tell(told);
        if (results.any()) {
          rows.add(told.row());
        }
      });
    }
    if (!OutputDirectory.isEnded()) {
      teller.end();
      results.write(plan, rows, line.getOut());
    }
    return teller.status();
  }

  private int shrink(Path to) {
    if (files.size() > 1 || flow || noTruth || stopAtFirst || results.any() || jobs.isGiven()
        || axes.stream().anyMatch(Axis::isSwept)) {
      throw new BadInput("--shrink: takes one scenario with one value for each key, and neither --flow, --no-truth, "
          + "--stop-at-first, --jobs, --json, --csv, --junit nor --plot");
    }
    if (seed != null) {
      seeds = new Seeds(seed, seed);
    }
    Path file = files.getFirst();
    PrintWriter print = Arguments.present(spec, "command").commandLine().getOut();
    try (Progress progress = new Progress()) {
      Path work = out == null ? Path.of("out", String.valueOf(file.getFileName())) : out;
      List<Setting> settings = axes.stream().map(a -> a.values().getFirst()).toList();
      new Shrink(file, settings, seeds, new Trial(course, true, false, progress), work).to(to, print);
    }
    return Main.AS_EXPECTED;
  }

  /// The command that repeats a run, to be pasted into a shell in the same directory.
  private String repeat(Case run) {
    String path = run.file().toString().startsWith("-") ? "./" + run.file() : run.file().toString();
    String set = run.settings().stream().filter(s -> !s.key().equals("seed"))
        .map(s -> " --set " + quoted(s.toString())).collect(Collectors.joining());
    return quoted(System.getProperty("crosspatch.command", "crosspatch")) + " run " + quoted(path) + set + " --seed "
        + run.seed() + course.repeat() + (flow ? " --flow" : "") + (noTruth ? " --no-truth" : "");
  }

  private static String quoted(String word) {
    return word.matches("[\\w./+,:@%=-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }

  /// Called by picocli.
  static final class AxisConverter implements CommandLine.ITypeConverter<Axis> {
    @Override
    public Axis convert(String text) {
      try {
        return Axis.of(text);
      } catch (BadInput e) {
        throw new CommandLine.TypeConversionException(e.line());
      }
    }
  }
}
