package dev.crosspatch.tests.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.crosspatch.sim.cli.Main;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// `docs/experiments.md` has tables of what commands come to. A cell is the command above its table with what the row
/// and the column say in backticks as further `--set`; a column without any is a figure of the first seed.
final class ExperimentsDocumentTest {
  private static final Path DOCUMENT = Path.of("../docs/experiments.md");
  private static final String COMMAND = "    $ ./crosspatch run ";
  private static final Pattern WORD = Pattern.compile("'([^']*)'|(\\S+)");
  private static final Pattern SET = Pattern.compile("`([^`]+)`");
  private static final Pattern BAR = Pattern.compile("\\|");
  private static final Pattern COMMA = Pattern.compile(",(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)");
  private static final String SEEDS = "--seeds";

  /// What columns without a setting are called in `--csv`.
  private static final Map<String, String> FIGURES = Map.of("flip", "flip.p50_cycles", "stolen",
      "stolen_per_flip.p50_cycles", "wrong", "violations");

  @TempDir
  private Path out;

  /// A table.
  ///
  /// @param experiment heading that it stands under
  /// @param command    arguments that all cells share
  record Table(String experiment, List<String> command, List<String> header, List<List<String>> rows) {

    @Override
    public String toString() {
      return experiment + ": " + String.join(" ", command);
    }
  }

  private static List<String> cells(String line) {
    return BAR.splitAsStream(line.substring(1, line.length() - 1)).map(String::strip).toList();
  }

  private static List<String> words(String command) {
    return WORD.matcher(command).results().map(w -> w.group(1) == null ? w.group(2) : w.group(1)).toList();
  }

  static List<Table> tables() {
    List<Table> tables = new ArrayList<>();
    String experiment = "";
    String command = "";
    boolean within = false;
    try {
      for (String line : Files.readAllLines(DOCUMENT)) {
        if (line.startsWith("## ")) {
          experiment = line.substring(3, 5);
          command = "";
        } else if (line.startsWith(COMMAND) && line.contains(SEEDS)) {
          command = line.substring(COMMAND.length());
        } else if (line.startsWith("|") && within) {
          if (!line.startsWith("|--")) {
            tables.getLast().rows().add(cells(line));
          }
        } else if (line.startsWith("|") && !command.isEmpty()) {
          tables.add(new Table(experiment, words(command), cells(line), new ArrayList<>()));
          command = "";
          within = true;
        }
        within &= line.startsWith("|");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return tables;
  }

  /// A line for each seed, by the names of `--csv`.
  private List<Map<String, String>> run(Table table, String seeds, List<String> row, int column) throws IOException {
    List<String> args = new ArrayList<>(List.of("run", "--out", out.resolve("runs").toString()));
    args.addAll(table.command());
    args.set(3, "../" + args.get(3));
    args.set(args.indexOf(SEEDS) + 1, seeds);
    for (String settings : List.of(row.getFirst(), table.header().get(column))) {
      SET.matcher(settings).results().map((MatchResult s) -> s.group(1))
          .forEach(s -> Collections.addAll(args, "--set", s));
    }
    Path csv = out.resolve("runs.csv");
    Collections.addAll(args, "--csv", csv.toString());
    PrintStream before = System.out;
    ByteArrayOutputStream heard = new ByteArrayOutputStream();
    System.setOut(new PrintStream(heard, true, StandardCharsets.UTF_8));
    try {
      assertTrue(Main.execute(args.toArray(String[]::new)) <= 1, args::toString);
    } finally {
      System.setOut(before);
    }
    List<String> lines = Files.readAllLines(csv);
    List<String> names = List.of(COMMA.split(lines.getFirst(), -1));
    return lines.stream().skip(1).map(l -> COMMA.split(l, -1)).map(v -> {
      Map<String, String> values = new HashMap<>();
      IntStream.range(0, v.length).forEach(i -> values.put(names.get(i), v[i]));
      return values;
    }).toList();
  }

  private static String end(Map<String, String> run) {
    String kind = run.getOrDefault("first_failure.kind", "");
    return kind.isEmpty() ? run.getOrDefault("verdict", "") : kind;
  }

  /// How the runs ended, the most frequent first: `torn 2, race 1`.
  private static String ends(List<Map<String, String>> runs) {
    Map<String, Long> counts = runs.stream()
        .collect(Collectors.groupingBy(ExperimentsDocumentTest::end, TreeMap::new, Collectors.counting()));
    return counts.entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey()))
        .map(e -> e.getKey() + " " + e.getValue()).collect(Collectors.joining(", "));
  }

  private static boolean isFigure(Table table, int column) {
    return SET.matcher(table.header().get(column)).results().findAny().isEmpty();
  }

  @Test
  void everyExperimentHasATable() {
    assertEquals(Set.of("E1", "E2", "E3", "E4", "E5", "E6"),
        tables().stream().map(Table::experiment).collect(Collectors.toCollection(TreeSet::new)));
  }

  /// The first table of every experiment.
  static List<Table> firstTables() {
    Set<String> seen = new TreeSet<>();
    return tables().stream().filter(t -> seen.add(t.experiment())).toList();
  }

  /// The last row's first cell, and of it the first seed.
  @ParameterizedTest
  @MethodSource("firstTables")
  void theLastRowEndsSo(Table table) throws IOException {
    List<String> row = table.rows().getLast();
    String first = table.command().get(table.command().indexOf(SEEDS) + 1).replaceFirst("\\.\\..*", "");
    String end = end(run(table, first + ".." + first, row, 1).getFirst());
    assertTrue((" " + row.get(1)).contains(" " + end + " "), () -> row + ": " + end);
  }

  @ParameterizedTest
  @MethodSource("tables")
  void everyRowEndsSo(Table table) throws IOException {
    assumeTrue(Boolean.getBoolean("crosspatch.full"), "takes minutes: -Pfull");
    String seeds = table.command().get(table.command().indexOf(SEEDS) + 1);
    List<List<String>> rows = new ArrayList<>();
    for (List<String> row : table.rows()) {
      List<String> cells = new ArrayList<>(List.of(row.getFirst()));
      for (int column = 1; column < row.size(); column++) {
        String figure = FIGURES.getOrDefault(table.header().get(column), "");
        if (!isFigure(table, column)) {
          cells.add(ends(run(table, seeds, row, column)));
        } else {
          cells.add(figure.isEmpty() ? row.get(column)
              : figure(run(table, seeds, row, column).getFirst(), figure));
        }
      }
      rows.add(cells);
    }
    Document.holds(DOCUMENT, lines(table.rows()), lines(rows));
  }

  private static String figure(Map<String, String> run, String name) {
    return String.format("%,d", Long.parseLong(run.getOrDefault(name, "0")));
  }

  private static String lines(List<List<String>> rows) {
    return rows.stream().map(r -> "| " + String.join(" | ", r) + " |\n").collect(Collectors.joining());
  }
}
