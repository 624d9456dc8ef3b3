package dev.crosspatch.tests.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.crosspatch.sim.cli.Main;
import dev.crosspatch.sim.mechanism.Mechanisms;
import dev.crosspatch.sim.scenario.Scenario;
import dev.crosspatch.sim.sweep.StepTable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// `docs/steps.md` has what `crosspatch steps` prints of a scenario of every mechanism on every ISA it is there for,
/// and says of each step that nothing shows why.
final class StepsDocumentTest {
  private static final Path DOCUMENT = Path.of("../docs/steps.md");
  private static final String COMMAND = "    $ ./crosspatch steps scenarios/";
  private static final Pattern ROW = Pattern.compile("    (\\S+) +(\\d+) +\\d+ +\\d+ +\\S+  .*");
  private static final Pattern REASON = Pattern.compile("\\* (`[a-z0-9-]+`(?:, `[a-z0-9-]+`)*): .*");

  /// What stands of one scenario.
  ///
  /// @param output  what the command prints
  /// @param reasons steps that a reason is given for
  record Section(String scenario, List<String> output, Set<String> reasons) {

    @Override
    public String toString() {
      return scenario;
    }

    /// Steps, as they stand, with the number of runs that failed.
    List<Matcher> rows() {
      return output.stream().map(ROW::matcher).filter(Matcher::matches).toList();
    }

    Scenario read() {
      return Scenarios.read(scenario);
    }
  }

  static List<Section> sections() {
    List<Section> sections = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(DOCUMENT)) {
        if (line.startsWith(COMMAND)) {
          String name = line.substring(COMMAND.length()).replace(".yaml", "");
          sections.add(new Section(name, new ArrayList<>(), new TreeSet<>()));
        } else if (line.startsWith("    ")) {
          sections.getLast().output().add(line);
        } else if (REASON.matcher(line).matches()) {
          String steps = REASON.matcher(line).replaceFirst("$1").replace("`", "");
          sections.getLast().reasons().addAll(List.of(steps.split(", ")));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return sections;
  }

  @Test
  void everyMechanismIsThereOnEveryIsa() {
    Set<String> there = sections().stream().map(s -> s.read().guest().patching())
        .map(p -> p.mechanism() + " " + p.protocol().isa()).collect(Collectors.toCollection(TreeSet::new));
    Set<String> all = Mechanisms.names().stream().map(Mechanisms::shipped)
        .flatMap(m -> m.variants().keySet().stream().map(isa -> m + " " + isa))
        .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(all, there);
  }

  @ParameterizedTest
  @MethodSource("sections")
  void everyStepIsThereAndIfNothingShowsItTheReason(Section section) {
    List<String> expected = StepTable.values(section.read()).stream().map(v -> v.value().replaceAll("[\\[\\]]", ""))
        .map(s -> s.isEmpty() ? "-" : s).toList();
    assertEquals(expected, section.rows().stream().map(row -> row.group(1)).toList());
    Set<String> unseen = section.rows().stream().filter(row -> row.group(2).equals("0") && !row.group(1).equals("-"))
        .map(row -> row.group(1)).collect(Collectors.toCollection(TreeSet::new));
    assertEquals(unseen, section.reasons());
  }

  /// The figures are those of today.
  @ParameterizedTest
  @MethodSource("sections")
  void theCommandPrintsThat(Section section) throws IOException {
    assumeTrue(Boolean.getBoolean("crosspatch.full"), "takes a minute each: -Pfull");
    PrintStream out = System.out;
    ByteArrayOutputStream heard = new ByteArrayOutputStream();
    System.setOut(new PrintStream(heard, true, StandardCharsets.UTF_8));
    try {
      assertEquals(0, Main.execute("steps", "../scenarios/" + section.scenario() + ".yaml"));
    } finally {
      System.setOut(out);
    }
    List<String> now = heard.toString(StandardCharsets.UTF_8).lines().map(line -> "    " + line).toList();
    Document.holds(DOCUMENT, String.join("\n", section.output()), String.join("\n", now));
  }
}
