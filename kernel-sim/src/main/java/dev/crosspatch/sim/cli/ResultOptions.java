package dev.crosspatch.sim.cli;

import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.IoReason;
import dev.crosspatch.sim.WholeFile;
import dev.crosspatch.sim.sweep.Case;
import dev.crosspatch.sim.sweep.JUnitFile;
import dev.crosspatch.sim.sweep.LatencyPlot;
import dev.crosspatch.sim.sweep.Plan;
import dev.crosspatch.sim.sweep.Results;
import dev.crosspatch.sim.sweep.Row;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options of `run` that name files for what came of all runs.
final class ResultOptions {
  /// More than this are not kept until they are written.
  private static final long MOST_ROWS = 1_000_000;
  private static final Path STANDARD_OUTPUT = Path.of("-");

  @Option(names = "--json", paramLabel = "FILE",
      description = "What came of every run, as JSON. Of --json, --csv, --junit and --plot one FILE may be -, which is "
          + "standard output; the tables are not printed then.")
  private @Nullable Path json;

  @Option(names = "--csv", paramLabel = "FILE", description = "What came of every run, as CSV: a line each.")
  private @Nullable Path csv;

  @Option(names = "--junit", paramLabel = "FILE",
      description = "What came of every run, as CI systems read it, in the XML of JUnit: a test each.")
  private @Nullable Path junit;

  @Option(names = "--plot", paramLabel = "FILE.svg",
      description = "Draw how long flips took (p50, p99, the longest) over the first key that --set gives several "
          + "values; of several seeds the medians.")
  private @Nullable Path plot;

  /// A file that is wanted, and what is to be in it.
  private record Wanted(OwnFile file, Function<List<Row>, String> text) {
    boolean isStandardOutput() {
      return file.file().equals(STANDARD_OUTPUT);
    }
  }

  private List<Wanted> wanted(Plan plan) {
    List<Wanted> all = new ArrayList<>();
    add(all, "--json", json, Results.JSON_BEGINS, "JSON of runs", rows -> Results.json(rows, Main.VERSION));
    if (csv != null) {
      all.add(new Wanted(new OwnFile("--csv", csv, Results.CSV_BEGINS, "CSV of runs"), Results::csv));
    }
    add(all, "--junit", junit, JUnitFile.BEGINS, "JUnit file of runs", JUnitFile::text);
    add(all, "--plot", plot, LatencyPlot.BEGINS, "plot of runs",
        rows -> LatencyPlot.svg(plan.plotted().orElseThrow(), rows));
    return all;
  }

  private static void add(List<Wanted> all, String option, @Nullable Path file, String begins, String what,
      Function<List<Row>, String> text) {
    if (file != null) {
      all.add(new Wanted(new OwnFile(option, file, begins, what), text));
    }
  }

  /// Whether any file is wanted.
  boolean any() {
    return json != null || csv != null || junit != null || plot != null;
  }

  /// Whether one of them is standard output.
  boolean takeStandardOutput(Plan plan) {
    return wanted(plan).stream().anyMatch(Wanted::isStandardOutput);
  }

  /// Checks, before anything runs, that all can be written and take the place of nothing that is needed.
  ///
  /// @param plan    what will run
  /// @param targets where outputs of runs go, of which nothing else may be a part
  /// @throws BadInput if one cannot, or does
  void check(Plan plan, List<Path> targets) {
    if (plot != null && plan.plotted().isEmpty()) {
      throw new BadInput("--plot: draws over the values of a key, and there is no --set KEY=VALUE,VALUE");
    }
    if (any() && plan.size() > MOST_ROWS) {
      throw new BadInput(String.format("--json, --csv, --junit, --plot: are for %,d runs at most, and these are %,d",
          MOST_ROWS, plan.size()));
    }
    List<Wanted> all = wanted(plan);
    if (all.stream().filter(Wanted::isStandardOutput).count() > 1) {
      throw new BadInput("--json, --csv, --junit, --plot: only one of them can be standard output");
    }
    try {
      for (Wanted one : all) {
        check(one, all, plan, targets);
      }
    } catch (IOException e) {
      throw new BadInput(IoReason.of(e));
    }
  }

  private static void check(Wanted one, List<Wanted> all, Plan plan, List<Path> targets) throws IOException {
    if (one.isStandardOutput()) {
      return;
    }
    for (Path scenario : plan.groups().stream().map(Case::file).distinct().toList()) {
      one.file().checkOther(scenario, "a scenario, which would be lost");
    }
    for (Path target : targets) {
      one.file().checkOutside(target);
    }
    for (Wanted other : all.subList(0, all.indexOf(one))) {
      if (!other.isStandardOutput()) {
        one.file().checkOther(other.file().file(), "the file of " + other.file().option() + ", too");
      }
    }
    one.file().check();
  }

  /// Writes them.
  ///
  /// @param print standard output
  /// @throws BadInput if one cannot be written; the others are, if they can
  void write(Plan plan, List<Row> rows, PrintWriter print) {
    List<BadInput> bad = new ArrayList<>();
    for (Wanted one : wanted(plan)) {
      String text = one.text().apply(rows);
      if (one.isStandardOutput()) {
        print.print(text);
        print.flush();
        continue;
      }
      try {
        WholeFile.write(one.file().file(), out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
      } catch (BadInput e) {
        bad.add(e);
      }
    }
    if (!bad.isEmpty()) {
      throw bad.getFirst();
    }
  }
}
