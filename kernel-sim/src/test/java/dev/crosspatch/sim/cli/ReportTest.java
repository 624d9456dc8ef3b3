package dev.crosspatch.sim.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `report.html` says what the other files of the run and the other commands say. (How it looks: `ReportPageTest`.)
final class ReportTest {
  private static final Path SHIPPED = Path.of("../scenarios").toAbsolutePath();

  @TempDir static Path dir = Path.of("");

  @BeforeAll
  static void runs() throws IOException {
    Files.writeString(dir.resolve("torn.yaml"),
        "base: " + SHIPPED.resolve("x86-straddling-without-sync-b.yaml") + "\n");
    Files.writeString(dir.resolve("arm.yaml"), "base: " + SHIPPED.resolve("arm64-adversarial.yaml")
        + "\nflips: {total: 12, interval: 3000}\n");
    Files.writeString(dir.resolve("many.yaml"), "base: " + SHIPPED.resolve("arm64-jump-label.yaml")
        + "\ncpus: 2\nflips: {total: 2, interval: 3000}\n");
    assertEquals(0, Said.of(dir, "run", "DIR/torn.yaml", "-o", "DIR/torn").status);
    assertEquals(0, Said.of(dir, "run", "DIR/many.yaml", "-o", "DIR/many").status);
    assertEquals(0, Said.of(dir, "run", "DIR/arm.yaml", "-o", "DIR/arm").status);
  }

  private static String report(String run) throws IOException {
    return Files.readString(dir.resolve(run).resolve("report.html"));
  }

  /// Rows of the table with this caption, the text of their cells.
  private static List<List<String>> table(String report, String caption) {
    int at = report.indexOf("<caption>" + caption);
    assertTrue(at >= 0, caption);
    String body = report.substring(report.indexOf("<tbody>", at), report.indexOf("</tbody>", at));
    List<List<String>> rows = new ArrayList<>();
    for (String row : body.split("<tr>", -1)) {
      List<String> cells = new ArrayList<>();
      Matcher cell = Pattern.compile("<t[dh][^>]*>(.*?)</t[dh]>", Pattern.DOTALL).matcher(row);
      while (cell.find()) {
        cells.add(cell.group(1).replaceAll("<[^>]*>", "").replace("\n", "").replaceAll("(?<=\\d),(?=\\d{3})", ""));
      }
      if (!cells.isEmpty()) {
        rows.add(cells);
      }
    }
    return rows;
  }

  @Test
  void windowsAreThoseThatVerifyFinds() throws IOException {
    List<String> told = Said.of(dir, "verify", "DIR/arm").out.lines().toList();
    int head = told.indexOf(told.stream().filter(line -> line.startsWith("window ")).findFirst().orElseThrow());
    List<List<String>> rows = table(report("arm"), "Executions of a site by other CPUs");
    assertEquals(3, rows.size());
    for (int i = 0; i < rows.size(); i++) {
      assertEquals(told.get(head + 1 + i).replaceAll(" +", ""), String.join("", rows.get(i)).replaceAll(" +", ""));
    }
  }

  @Test
  void theFailureIsToldMomentByMomentAsTheTimelineTellsIt() throws IOException {
    List<String> moments = table(report("torn"), "What happened around the poke").stream()
        .map(row -> String.join(" ", row)).toList();
    assertEquals(Said.of(dir, "timeline", "DIR/torn").out.lines().filter(line -> line.matches(" +\\d+ +\\+\\d+ .*"))
        .map(line -> line.strip().replaceAll(" +", " ")).toList(), moments);
  }

  @Test
  void whatTheScenarioStandsOnIsTold() throws IOException {
    String report = report("torn");
    assertTrue(report.contains("without-sync-b.yaml</code> and changes nothing of it; without <b>sync-b</b>; "
        + "that stands on <code>x86-straddling.yaml</code>."), report);
    String summary = Files.readString(dir.resolve("torn/summary.json")).replaceAll("\\s+", " ");
    assertTrue(summary.contains(
        "{ \"file\" : \"x86-straddling.yaml\", \"changed\" : [ \"leave-out\", \"seed\", \"expect\" ] }"),
        summary);
    assertTrue(report("arm").contains("/arm64-adversarial.yaml</code> and says anew: flips."));
  }

  @Test
  void theFirstViolationsAreThere() throws IOException {
    List<String> lines = Files.readAllLines(dir.resolve("torn/violations.jsonl"));
    List<List<String>> rows = table(report("torn"), "All " + lines.size());
    assertEquals(lines.stream().map(line -> line.replaceAll("\"[a-z]+\":|[{}\"]", "").replace(",", " ")).toList(),
        rows.stream().map(row -> String.join(" ", row)).toList());
  }

  /// A poke with its duration, from the first store to the last, and whether another CPU ran the site meanwhile.
  private record Poke(int number, long duration, boolean met) {}

  private static Poke poke(int number) {
    long first = -1;
    long last = -1;
    long met = Long.MAX_VALUE;
    Matcher m = Pattern.compile("(?m)^ *(\\d+) +\\+\\d+ +CPU (\\d+) +(.*)$")
        .matcher(Said.of(dir, "timeline", "DIR/many", "--poke", String.valueOf(number)).out);
    while (m.find()) {
      long cycle = Long.parseLong(m.group(1));
      if (m.group(3).startsWith("stores ")) {
        first = first < 0 ? cycle : first;
        last = cycle;
      } else if (!m.group(2).equals("0") && m.group(3).matches("runs (trap|old).*")) {
        met = Math.min(met, cycle);
      }
    }
    return new Poke(number, last - first, met <= last);
  }

  /// Chosen again from the timelines of all.
  @Test
  void theTypicalPokeIsThatOfMedianDurationAmongThoseThatWereMet() throws IOException {
    int pokes = Files.readAllLines(dir.resolve("many/pokes.jsonl")).size();
    List<Poke> met = new ArrayList<>();
    for (int number = 1; number <= pokes; number++) {
      Poke poke = poke(number);
      if (poke.met()) {
        met.add(poke);
      }
    }
    assertTrue(met.size() > 3 && met.size() < pokes, met.size() + " of " + pokes);
    met.sort(Comparator.comparingLong(Poke::duration));
    Poke typical = met.get((met.size() - 1) / 2);
    assertTrue(report("many").contains("<b>Poke " + typical.number() + ": site_"), typical + " of " + met);
  }
}
