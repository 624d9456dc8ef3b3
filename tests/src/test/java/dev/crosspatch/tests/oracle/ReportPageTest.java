package dev.crosspatch.tests.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.sim.cli.Main;
import dev.crosspatch.sim.run.RunFiles;
import dev.crosspatch.sim.scenario.ScenarioReader;
import dev.crosspatch.sim.scenario.Verdict;
import dev.crosspatch.tests.scenario.FinishedRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `report.html` as Chromium shows it, in windows 400 and 1,400 pixels wide and in dark colours: no script, nothing
/// loaded, no message on the console, no scrolling sideways, every drawing has a size and labels that can be read.
final class ReportPageTest {
  private static final List<Integer> WIDTHS = List.of(400, 1400);
  private static final String ANY = "\nexpect: {verdict: pass, windows: []}";
  /// A window that is asked for and that nobody can meet, as sync B is there.
  private static final String UNLUCKY =
      """
      description: "A <b>description</b> & %s <script>alert(1)</script>"
      isa: x86-64
      cpus: 8
      staleness: adversarial
      protocol: int3-batch
      sync: serialize
      keys: 2
      sites: [{count: 8, key: 0, length: 5, place: line 61}, {count: 8, key: 1, length: 5, place: page 2}]
      flips: {total: 40, interval: 3000}
      trace: {protocol: pt}
      expect: {verdict: inconclusive, windows: [tail+head]}
      """.formatted("long".repeat(60));

  @TempDir static Path dir = Path.of("");

  private static final Map<String, String> pages = new LinkedHashMap<>();
  private static Map<String, List<String>> seen = Map.of();

  @BeforeAll
  static void show() throws IOException {
    Oracles.require("chromium", "chromium");
    for (String name : List.of("x86-straddling", "x86-straddling-without-sync-b", "arm64-adversarial-without-kick")) {
      pages.put(name, page(FinishedRun.of(name).directory().path()));
    }
    FinishedRun unlucky = FinishedRun.of(ScenarioReader.parse("unlucky", "unlucky.yaml", UNLUCKY),
        dir.resolve("unlucky"));
    assertEquals(Verdict.INCONCLUSIVE, unlucky.verdict());
    pages.put("unlucky", page(dir.resolve("unlucky")));
    pages.put("bare", page(run("bare", "flips: {total: 8}", "--no-truth")));
    pages.put("gaps", page(run("gaps", "flips: {total: 8}\ntrace: {fifo_bytes: 256, drain_bytes: 1}")));
    pages.put("alone", page(run("alone", "cpus: 1\nflips: {total: 8}" + ANY)));
    pages.put("crowd", page(run("crowd", "cpus: 64\nflips: {total: 4}" + ANY)));
    pages.put("plot", plot());
    Browser browser = new Browser(dir);
    pages.forEach((name, html) -> WIDTHS.forEach(width -> browser.add(name + "-" + width, html, width)));
    seen = browser.look(false);
  }

  private static String page(Path run) throws IOException {
    return Files.readString(run.resolve(RunFiles.REPORT));
  }

  /// Where a scenario lies that stands on one that ships.
  private static Path run(String name, String changes, String... options) throws IOException {
    Path file = Files.writeString(dir.resolve(name + ".yaml"), "base: " + Path.of("..", "scenarios").toAbsolutePath()
        + "/x86-straddling.yaml\n" + changes + "\n");
    List<String> command = new ArrayList<>(List.of("run", file.toString(), "--out", dir.resolve(name).toString()));
    command.addAll(List.of(options));
    assertEquals(0, Main.execute(command.toArray(String[]::new)));
    return dir.resolve(name);
  }

  /// The drawing that a sweep leaves, in a page.
  private static String plot() throws IOException {
    run("swept", "flips: {total: 8}" + ANY, "--set", "cpus=1,2,4", "--plot",
        dir.resolve("plot.svg").toString());
    return "<!doctype html><title>plot</title><body style=\"background:#fff\"><h2>Plot</h2><div>"
        + Files.readString(dir.resolve("plot.svg")).replace("width=\"760\"", "width=\"100%\"") + "</div>";
  }

  /// What is wrong with pages.
  private static String wrong(Map<String, List<String>> found) {
    StringBuilder all = new StringBuilder();
    found.forEach((name, lines) -> lines.stream().filter(line -> !line.startsWith("="))
        .forEach(line -> all.append(name).append(": ").append(line).append('\n')));
    return all.toString();
  }

  @Test
  void nothingIsWrongAtAnyWidth() {
    assertEquals("", wrong(seen));
    assertEquals(pages.size() * WIDTHS.size() + 1, seen.size());
    seen.forEach((name, lines) -> assertTrue(name.equals("console") || lines.size() == 3, name + lines));
  }

  @Test
  void nothingIsWrongInDarkColours() throws IOException {
    Browser browser = new Browser(dir);
    pages.forEach((name, html) -> browser.add(name, html, 400));
    Map<String, List<String>> dark = browser.look(true);
    assertEquals("", wrong(dark));
    assertNotEquals(dark.get("unlucky"), seen.get("unlucky-400"), "other colours have another contrast");
  }

  private static String there(String name, String what) {
    return seen.getOrDefault(name, List.of()).stream().filter(line -> line.startsWith("= ") && line.contains(what))
        .findFirst().orElse("nothing");
  }

  /// Two pokes where something failed, one where nothing did, none where no truth was kept; and three plots.
  @Test
  void pokesAreDrawn() {
    for (int width : WIDTHS) {
      assertTrue(there("x86-straddling-without-sync-b-" + width, "drawings").startsWith("= 5 drawings"));
      String once = there("arm64-adversarial-without-kick-" + width, "drawings");
      assertTrue(once.startsWith("= 5 drawings"), once);
      assertTrue(there("x86-straddling-" + width, "drawings").startsWith("= 4 drawings"));
      assertTrue(there("unlucky-" + width, "drawings").startsWith("= 4 drawings"));
      assertTrue(there("bare-" + width, "drawings").startsWith("= 3 drawings"));
    }
  }

  @Test
  void evidenceAndFailureComeFirst() {
    assertTrue(there("x86-straddling-without-sync-b-400", "headings").startsWith(
        "= headings: Evidence: who came by while text was patched; The first failure; "));
  }

  /// The twins: each page has one thing wrong, which is found.
  @Test
  void aBadPageIsFound() throws IOException {
    String good = pages.getOrDefault("x86-straddling", "");
    Browser browser = new Browser(dir);
    browser.add("wide", good.replace("<footer>", "<p style=\"width:600px\">wide</p><footer>"), 400);
    browser.add("outside", good.replaceFirst("(<text class=\"lane\"[^>]* x=\")2\"", "$1-20\""), 1400);
    browser.add("over", good.replaceAll("(<text class=\"lane\"[^>]* y=\")[\\d.]+\"", "$199\""), 1400);
    browser.add("flat", good.replace("height: auto;", "height: 1px;"), 400);
    browser.add("pale", good.replace("--muted: #55606d", "--muted: #aaa"), 400);
    browser.add("script", good.replaceFirst("<meta http-equiv[^>]*>", "")
        .replace("<footer>", "<script>noSuchThing()</script><footer>"), 400);
    browser.add("loads", good.replace("<footer>", "<img src=\"https://localhost/x.png\"><footer>"), 400);
    Map<String, List<String>> found = browser.look(false);
    String all = wrong(found);
    for (String what : List.of("wide: wider than its window: 6", "outside: label 'CPU 0' leaves its drawing",
        "over: labels 'CPU 0' and 'CPU 1' lie on each other", "flat: drawing typical-n-t typical-n-d has no size: ",
        "pale: ", "script: has a script", "noSuchThing is not defined", "Content Security Policy")) {
      assertTrue(all.contains(what), what + " in\n" + all);
    }
  }
}
