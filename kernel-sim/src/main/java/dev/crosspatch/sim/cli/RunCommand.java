package dev.crosspatch.sim.cli;

import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.fields.Setting;
import dev.crosspatch.sim.mechanism.Span;
import dev.crosspatch.sim.run.Latency;
import dev.crosspatch.sim.run.Run;
import dev.crosspatch.sim.run.RunFiles;
import dev.crosspatch.sim.scenario.Scenario;
import dev.crosspatch.sim.scenario.ScenarioReader;
import dev.crosspatch.sim.verify.Summary;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine;

/// Boots, patches, traces, decodes, verifies.
@Command(
    name = "run",
    description = {
      "Boots a scenario, lets it patch itself under trace, decodes the trace from the written files and compares it "
          + "with what ran. Several run one after the other.",
      Main.STATUS + " Of several scenarios, the worst."
    },
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  /// By status: how a scenario ended.
  private static final List<String> END =
      List.of("as expected", "NOT as expected", "could not be run", "internal error");

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
              + "there is replaced.")
  private @Nullable Path out;

  @Option(names = "--set", paramLabel = "KEY=VALUE", converter = SettingConverter.class,
      description = "What the scenario says under this key shall be this, in YAML: --set cpus=8, --set flips.total=2. "
          + "May be repeated.")
  private List<Setting> settings = List.of();

  @Option(names = "--seed", paramLabel = "N", converter = Arguments.WholeNumber.class,
      description = "Seed instead of the scenario's.")
  private @Nullable Long seed;

  @Option(names = "--seeds", paramLabel = "A..B", converter = Seeds.Converter.class,
      description =
          "Once with each of these seeds, a line each; of those that do not end as expected the output is left, "
          + "in DIR/seed-N.")
  private @Nullable Seeds seeds;

  @Option(names = "--stop-at-first", description = "With --seeds: end at the first seed that does not end as expected.")
  private boolean stopAtFirst;

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
    if (stopAtFirst && seeds == null) {
      throw new BadInput("--stop-at-first: ends a run with --seeds, and there is none");
    }
    course.check(seeds == null && shrink == null ? files.size() : 2);
    if (shrink != null) {
      return shrink(shrink);
    }
    Map<Path, Scenario> scenarios = scenarios();
    return seeds == null ? each(scenarios) : sweep(scenarios, seeds);
  }

  private int shrink(Path to) {
    if (files.size() > 1 || flow || noTruth || stopAtFirst) {
      throw new BadInput("--shrink: takes one scenario, and neither --flow, --no-truth nor --stop-at-first");
    }
    if (seed != null) {
      seeds = new Seeds(seed, seed);
    }
    Path file = files.getFirst();
    PrintWriter print = Arguments.present(spec, "command").commandLine().getOut();
    try (Progress progress = new Progress()) {
      Path work = out == null ? Path.of("out", String.valueOf(file.getFileName())) : out;
      new Shrink(file, settings, seeds, new Trial(course, true, false, progress), work).to(to, print);
    }
    return Main.AS_EXPECTED;
  }

  /// One after the other, and which ended how.
  private int each(Map<Path, Scenario> scenarios) {
    int status = Main.AS_EXPECTED;
    List<String> ends = new ArrayList<>();
    for (Map.Entry<Path, Scenario> scenario : scenarios.entrySet()) {
      int one = status(scenario.getKey(), scenario.getValue(), true);
      status = Math.max(status, one);
      ends.add(String.format("%-44s %s", scenario.getValue().name(), END.get(one)));
    }
    if (ends.size() > 1) {
      PrintWriter print = Arguments.present(spec, "command").commandLine().getOut();
      print.println();
      ends.forEach(print::println);
      print.flush();
    }
    return status;
  }

  private int sweep(Map<Path, Scenario> scenarios, Seeds of) {
    PrintWriter print = Arguments.present(spec, "command").commandLine().getOut();
    int status = Main.AS_EXPECTED;
    for (Map.Entry<Path, Scenario> scenario : scenarios.entrySet()) {
      long good = 0;
      List<String> bad = new ArrayList<>();
      print.println(Sweep.HEAD);
      for (long s = of.first(); s <= of.last() && !(stopAtFirst && status != Main.AS_EXPECTED); s++) {
        int one = status(scenario.getKey(), scenario.getValue().withSeed(s), false);
        status = Math.max(status, one);
        good += one == Main.AS_EXPECTED ? 1 : 0;
        if (one != Main.AS_EXPECTED) {
          bad.add(String.valueOf(s));
        }
      }
      print.println(Sweep.sum(scenario.getValue().name(), good, bad));
      print.flush();
    }
    return status;
  }

  /// All of them, before the first is run.
  private Map<Path, Scenario> scenarios() {
    Map<Path, Scenario> scenarios = new LinkedHashMap<>();
    Set<String> names = new HashSet<>();
    for (Path file : files) {
      Scenario scenario = ScenarioReader.read(file, settings);
      if (!names.add(scenario.name())) {
        throw new BadInput(file + ": a second scenario of the name " + scenario.name()
            + "; their outputs would be in one place");
      }
      scenarios.put(file, seed == null ? scenario : scenario.withSeed(seed));
    }
    return scenarios;
  }

  /// What is wrong with one scenario does not keep the others from running.
  private int status(Path file, Scenario scenario, boolean alone) {
    try {
      return run(file, scenario, alone) ? Main.AS_EXPECTED : Main.NOT_AS_EXPECTED;
    } catch (Run.NoKernel e) {
      return Main.complain(Arguments.present(spec, "command").commandLine(),
          ScenarioReader.bad(file, settings, "sites", "no kernel can be built with them: " + e.why()));
    } catch (Run.NoSite e) {
      return Main.complain(Arguments.present(spec, "command").commandLine(),
          ScenarioReader.bad(file, settings, "expect", e.why()));
    } catch (RuntimeException | Error e) {
      return Main.complain(Arguments.present(spec, "command").commandLine(), e);
    }
  }

  /// @param alone whether it is told in full, and its output left however it ends
  private boolean run(Path file, Scenario scenario, boolean alone) {
    Path whole = out == null ? Path.of("out", scenario.name()) : files.size() == 1
        ? out : out.resolve(scenario.name());
    Path target = alone ? whole : whole.resolve("seed-" + scenario.machine().seed());
    course.checkPlaces(file, target);
    PrintWriter print = Arguments.present(spec, "command").commandLine().getOut();
    try (Progress progress = new Progress()) {
      // What is left of an earlier run would be wrong.
      Summary summary = new Trial(course, !noTruth, flow, progress).run(scenario, target, repeat(file, scenario),
          s -> alone || !s.asExpected() || Files.exists(target));
      progress.clear();
      if (alone) {
        print(print, summary, target);
      } else {
        print.println(Sweep.line(summary));
        print.flush();
      }
      return summary.asExpected();
    }
  }

  /// The command that repeats a run, to be pasted into a shell in the same directory.
  private String repeat(Path file, Scenario scenario) {
    String path = file.toString().startsWith("-") ? "./" + file : file.toString();
    String set = settings.stream().map(s -> " --set " + quoted(s.toString())).collect(Collectors.joining());
    return quoted(System.getProperty("crosspatch.command", "crosspatch")) + " run " + quoted(path) + set + " --seed "
        + scenario.machine().seed()
        + course.repeat() + (flow ? " --flow" : "") + (noTruth ? " --no-truth" : "");
  }

  private static String quoted(String word) {
    return word.matches("[\\w./+,:@%=-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }

  /// Called by picocli.
  static final class SettingConverter implements CommandLine.ITypeConverter<Setting> {
    @Override
    public Setting convert(String text) {
      try {
        return Setting.of(text);
      } catch (BadInput e) {
        throw new CommandLine.TypeConversionException(e.line());
      }
    }
  }

  private static void print(PrintWriter out, Summary summary, Path target) {
    Tables.cpus(out, summary.verification());
    Run run = summary.run();
    Histogram flips = summary.latency().of(Span.FLIP);
    out.printf("pokes %d, flips p50 %s p99 %s cycles, guest: %s, %.2f s on the host%n", summary.verification().pokes(),
        Latency.shown(flips, 50),
        Latency.shown(flips, 99), run.end().line(), run.hostSeconds());
    Tables.findings(out, summary.verification(), summary.scene());
    out.println("seed " + run.scenario().machine().seed() + "; repeat with: " + summary.repeat());
    out.printf("%s; output in %s%n", Tables.verdict(summary.verification(), run.scenario().expect()), target);
    out.flush();
  }
}
