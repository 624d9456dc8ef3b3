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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a timeline tells is what the other files of the run say.
final class TimelineCommandTest {
  private static final Path SHIPPED = Path.of("../scenarios").toAbsolutePath();

  @TempDir static Path dir = Path.of("");

  @BeforeAll
  static void runs() throws IOException {
    Files.writeString(dir.resolve("torn.yaml"),
        "base: " + SHIPPED.resolve("x86-straddling-without-sync-b.yaml") + "\n");
    Files.writeString(dir.resolve("arm.yaml"),
        "base: " + SHIPPED.resolve("arm64-jump-label.yaml") + "\nflips: {total: 2, interval: 3000}\n");
    assertEquals(0, Said.of(dir, "run", "DIR/torn.yaml", "-o", "DIR/torn").status);
    assertEquals(0, Said.of(dir, "run", "DIR/arm.yaml", "-o", "DIR/arm").status);
    assertEquals(0, Said.of(dir, "run", "DIR/arm.yaml", "-o", "DIR/bare", "--no-truth").status);
    assertEquals(1, Said.of(dir, "run", "DIR/arm.yaml", "-o", "DIR/short", "--set", "limits.cycles=100000").status);
    assertEquals(0, Said.of(dir, "run", "DIR/arm.yaml", "-o", "DIR/unheard", "--no-truth", "--set",
        "leave-out=[report]",
        "--set", "expect=fail", "--set", "flips.total=5").status);
  }

  /// Whatever fits a pattern in what a timeline says: cycle and CPU of each.
  private static List<String> moments(String out, String what) {
    List<String> found = new ArrayList<>();
    Matcher m = Pattern.compile("(?m)^ *(\\d+) +\\+\\d+ +CPU (\\d+) +" + what + "$").matcher(out);
    while (m.find()) {
      found.add(m.group(1) + " " + m.group(2));
    }
    return found;
  }

  private static String field(String line, String name) {
    return line.replaceFirst(".*\"" + name + "\":\"?([^,\"}]*).*", "$1");
  }

  @Test
  void theFirstFailureIsOneOfItsMoments() throws IOException {
    Said said = Said.of(dir, "timeline", "DIR/torn", "--failure");
    assertEquals(0, said.status, said.err);
    List<String> violations = Files.readAllLines(dir.resolve("torn/violations.jsonl"));
    String torn = violations.stream().filter(v -> field(v, "kind").equals("torn")).findFirst().orElseThrow();
    assertEquals(List.of(field(torn, "cycle") + " " + field(torn, "cpu")), moments(said.out, "runs new\\+old, stale"));
    assertEquals(List.of(field(torn, "cycle") + " " + field(torn, "cpu")), moments(said.out, "fails: torn"));
    assertEquals(List.of(), moments(Said.of(dir, "timeline", "DIR/torn", "--poke", "1").out, "fails: .*"), "another");
    assertTrue(said.out.startsWith(field(torn, "symbol") + " at " + field(torn, "address") + ", patched by CPU 0: "),
        said.out);
    assertEquals(said.out, Said.of(dir, "timeline", "DIR/torn").out, "without an option it is the failure");
    assertTrue(said.out.matches("(?s).*\\nCPU " + field(torn, "cpu") + " +[.a-zA-Z]*#[.a-zA-Z]*\\n.*"), said.out);
  }

  /// A store across lines is told in two parts at one time, of which the second may change nothing.
  @Test
  void aStoreAcrossLinesIsThereWhole() {
    Said run = Said.of(dir, "run", SHIPPED.resolve("x86-straddling-one-store.yaml").toString(), "-o", "DIR/across",
        "--set", "keys=1", "--set", "sites=[{length: 5, place: line 60}]", "--set", "flips.total=2", "--set",
        "expect=fail");
    assertEquals(0, run.status, run.err);
    Said said = Said.of(dir, "timeline", "DIR/across", "--poke", "1");
    assertEquals(0, said.status, said.err);
    List<String> stores = moments(said.out, "stores [0-9a-f]+ at 0x[0-9a-f]+ \\(text\\)");
    assertEquals(2, stores.size(), said.out);
    assertEquals(stores.getFirst(), stores.getLast());
  }

  /// The report stands at the poke's tick, the CPU that it names does it, and every CPU comes to the new text behind
  /// the last store.
  @ParameterizedTest
  @CsvSource({"1", "7", "20"})
  void aPokeIsToldFromItsFirstStoreToTheNewText(int number) throws IOException {
    Said said = Said.of(dir, "timeline", "DIR/arm", "--poke", String.valueOf(number));
    assertEquals(0, said.status, said.err);
    String poke = Files.readAllLines(dir.resolve("arm/pokes.jsonl")).get(number - 1);
    assertTrue(said.out.startsWith(field(poke, "site") + " at " + field(poke, "address") + ", patched by CPU "
        + field(poke, "cpu") + ": " + field(poke, "old") + " becomes " + field(poke, "new")), said.out);
    List<String> stores = moments(said.out, "stores [0-9a-f]{8} at 0x[0-9a-f]+ \\((trap|head)\\)");
    List<String> reports = moments(said.out, "reports the poke");
    assertEquals(2, stores.size(), said.out);
    assertEquals(1, reports.size(), said.out);
    assertTrue(cycle(stores.getFirst()) < cycle(reports.getFirst()) && cycle(reports.getFirst()) < cycle(
        stores.getLast()), said.out);
    for (String ran : moments(said.out, "first runs new")) {
      assertTrue(cycle(ran) > cycle(stores.getLast()), said.out);
    }
    assertEquals(2, moments(said.out, "interrupts CPU 1, 2, 3").size(), said.out);
  }

  /// Written byte by byte without a breakpoint, some bytes over the same: all of them are of one patch, and the report
  /// is its own.
  @Test
  void textThatIsWrittenByteByByteIsOnePatch() throws IOException {
    Said ran = Said.of(dir, "run", SHIPPED.resolve("x86-stop-machine.yaml").toString(), "--set", "flips.total=8",
        "-o", "DIR/whole");
    assertEquals(0, ran.status, ran.err);
    List<String> pokes = Files.readAllLines(dir.resolve("whole/pokes.jsonl"));
    for (int number = 1; number <= pokes.size(); number++) {
      String poke = pokes.get(number - 1);
      String out = Said.of(dir, "timeline", "DIR/whole", "--poke", String.valueOf(number)).out;
      assertEquals(field(poke, "new").length() / 2, moments(out, "stores [0-9a-f]{2} at .* \\(text\\)").size(), out);
      assertEquals(List.of(field(poke, "time") + " " + field(poke, "cpu")), moments(out, "reports the poke"), out);
    }
    Matcher text = Pattern.compile("(?m)^text +[a-z ]+? +(\\d+) +(\\d+) ").matcher(ran.out);
    int patches = 0;
    while (text.find()) {
      patches += Integer.parseInt(text.group(1));
      assertEquals(3 * Integer.parseInt(text.group(1)), Integer.parseInt(text.group(2)), ran.out);
    }
    assertEquals(pokes.size(), patches, ran.out);
  }

  /// Without a breakpoint the report comes before the store: it is that of this patch, not the next one's.
  @Test
  void aReportBeforeTheStoreIsTheBegin() throws IOException {
    Said ran = Said.of(dir, "run", SHIPPED.resolve("arm64-adversarial.yaml").toString(), "--set", "leave-out=[trap]",
        "--set", "flips.total=2", "-o", "DIR/early");
    assertEquals(1, ran.status, ran.err);
    String out = Said.of(dir, "timeline", "DIR/early").out;
    List<String> reports = moments(out, "reports the poke");
    List<String> stores = moments(out, "stores [0-9a-f]{8} at 0x[0-9a-f]+ \\(text\\)");
    assertEquals(1, reports.size(), out);
    assertEquals(1, stores.size(), out);
    List<String> fails = moments(out, "fails: old-after-event");
    assertEquals(1, fails.size(), out);
    assertTrue(cycle(reports.getFirst()) < cycle(stores.getFirst()) && cycle(reports.getFirst()) < cycle(
        fails.getFirst()), out);
  }

  /// Stale executions have a file of their own, and may come behind others: first is what was first.
  @Test
  void theFirstTimeIsTheFirst() throws IOException {
    int both = 0;
    for (int number = 1; number <= 3; number++) {
      String out = Said.of(dir, "timeline", "DIR/torn", "--poke", String.valueOf(number)).out;
      for (String some : moments(out, "runs trap \\(\\d+ times, \\d+ of them stale\\)")) {
        both++;
        assertTrue(moments(out, "runs trap for the last time").stream().anyMatch(
            last -> last.endsWith(some.replaceFirst(".* ", " ")) && cycle(last) > cycle(some)), out);
      }
    }
    assertTrue(both > 0, "nothing to look at");
  }

  private static long cycle(String moment) {
    return Long.parseLong(moment.replaceFirst(" .*", ""));
  }

  /// Without a poke log the failure's patch is found by its stores.
  @Test
  void whatNobodyReportedIsToldByItsStores() throws IOException {
    Files.writeString(dir.resolve("silent.yaml"), "base: " + SHIPPED.resolve("x86-jump-label-without-poke-log.yaml")
        + "\nflips: {total: 2, interval: 3000}\n");
    assertEquals(0, Said.of(dir, "run", "DIR/silent.yaml", "-o", "DIR/silent").status);
    String violation = Files.readAllLines(dir.resolve("silent/violations.jsonl")).stream()
        .min(Comparator.comparingLong(v -> Long.parseLong(field(v, "cycle")))).orElseThrow();
    Said said = Said.of(dir, "timeline", "DIR/silent");
    assertTrue(said.out.startsWith(field(violation, "symbol") + " at " + field(violation, "address")
        + ", patched by CPU 0: "), said.out);
    assertTrue(said.out.contains(" becomes " + field(violation, "executed") + ", which nobody reported\n"), said.out);
    assertTrue(moments(said.out, "first runs new").contains(field(violation, "cycle") + " " + field(violation, "cpu")),
        said.out);
    assertEquals(List.of(), moments(said.out, "reports the poke"));
    assertEquals(2, moments(said.out, "stores [0-9a-f]+ at .* \\((trap|head)\\)").size(), said.out);
    assertTrue(Files.readString(dir.resolve("silent/report.html")).contains(
        "<b>Unreported patch of " + field(violation, "symbol") + "</b>"));
  }

  /// Also if the run ends behind one byte of several, or at the second of them.
  @Test
  void whatNobodyReportedHasAName() {
    assertEquals(0, Said.of(dir, "run", SHIPPED.resolve("x86-nmi-direct.yaml").toString(), "-o", "DIR/byte").status);
    String out = Said.of(dir, "timeline", "DIR/byte").out;
    assertTrue(out.matches("(?s)site_\\d+ at 0x[0-9a-f]+, patched by CPU 0: 0f becomes e9, which nobody reported\\n.*"),
        out);
  }

  /// Of text that appears and goes away it tells what became of one instruction; the failure's is named after the text
  /// that is there, and shown with it.
  @Test
  void whatAppearsAndGoesAwayIsToldOfItsInstruction() throws IOException {
    Said ran = Said.of(dir, "run", SHIPPED.resolve("x86-modules-without-load-sync.yaml").toString(), "-o",
        "DIR/loaded");
    assertEquals(0, ran.status, ran.err);
    Matcher failed = Pattern.compile("first failure: old-after-event: CPU (\\d), cycle (\\d+), (0x[0-9a-f]+) "
        + "\\((module_[abc])\\)").matcher(ran.out);
    assertTrue(failed.find(), ran.out);
    assertTrue(Pattern.compile("(?m)^  => " + failed.group(3).substring(2) + "  f30f1efa +endbr64 +" + failed.group(4)
        + "\n .* +" + failed.group(4) + "\\+0x4$").matcher(ran.out).find(), ran.out);
    String out = Said.of(dir, "timeline", "DIR/loaded").out;
    assertTrue(out.matches("(?s)" + failed.group(4) + " at " + failed.group(3) + ", patched by CPU 0: cccccccc becomes "
        + "f30f1efa \\(of \\d+ bytes at " + failed.group(3) + " that appear\\)\n.*"), out);
    List<String> stores = moments(out, "stores (f3|0f|1e|fa) at 0x[0-9a-f]+ \\((head|text)\\)");
    assertEquals(4, stores.size(), out);
    List<String> reports = moments(out, "reports the poke");
    assertEquals(1, reports.size(), out);
    assertTrue(cycle(stores.getLast()) < cycle(reports.getFirst()), out);
    assertEquals(List.of(failed.group(2) + " " + failed.group(1)), moments(out, "fails: old-after-event"), out);
    assertEquals(List.of(failed.group(2) + " " + failed.group(1)), moments(out, "runs other, stale"), out);
    List<String> pokes = Files.readAllLines(dir.resolve("loaded/pokes.jsonl"));
    for (int number = 1; number <= pokes.size(); number++) {
      String poke = pokes.get(number - 1);
      out = Said.of(dir, "timeline", "DIR/loaded", "--poke", String.valueOf(number)).out;
      assertTrue(out.startsWith(field(poke, "site") + " at " + field(poke, "address") + ", patched by CPU 0: "), out);
      assertEquals(1, moments(out, "reports the poke").size(), out);
      boolean goes = field(poke, "new").isEmpty();
      assertEquals(goes, out.contains(" becomes cc") && out.contains(" that go away)"), out);
      assertEquals(field(poke, "old").isEmpty(), out.contains(": cc") && out.contains(" that appear)"), out);
      String stored = moments(out, "stores .*").getFirst();
      assertEquals(goes, cycle(moments(out, "reports the poke").getFirst()) < cycle(stored), out);
    }
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "DIR/arm --poke 0 | --poke: 0 is not within 1..32, the pokes of DIR/arm",
      "DIR/arm --poke 35 | --poke: 35 is not within 1..32, the pokes of DIR/arm",
      "DIR/arm --failure | --failure: nothing failed in DIR/arm",
      "DIR/arm --failure --poke 3 | --poke, --failure: one of them is enough",
      "DIR/unheard --poke 1 | DIR/unheard: the poke log is empty, so there is no timeline",
      "DIR/short | DIR/short: the first failure (limit) is at no address; --poke N shows a poke",
      "DIR/bare | DIR/bare: the truth was not kept (--no-truth), so there is no timeline",
      "DIR | DIR: not the output of a run (it has no readable summary.json)"
  })
  void whatItCannotTellIsALine(String args, String says) {
    Said said = Said.of(dir, ("timeline " + args).split(" ", -1));
    assertEquals(2, said.status, said.out);
    assertTrue(said.err.startsWith("crosspatch: " + says), said.err);
    assertEquals(1, said.err.lines().count(), said.err);
  }
}
