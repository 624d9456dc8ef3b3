package dev.crosspatch.sim.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// `crosspatch export perfetto`: which part of a run it shows, what of it a person looks for, and what it refuses. That
/// the file is what Perfetto reads is held in module `tests`.
final class PerfettoCommandTest {
  private static final Path SHIPPED = Path.of("../scenarios").toAbsolutePath();

  @TempDir static Path dir = Path.of("");

  @BeforeAll
  static void runs() throws IOException {
    run("torn", "base: " + SHIPPED.resolve("x86-straddling-without-sync-b.yaml") + "\n");
    run("arm", "base: " + SHIPPED.resolve("arm64-jump-label.yaml") + "\nflips: {total: 2, interval: 2000}\n");
    run("idle", "base: " + SHIPPED.resolve("x86-jump-label.yaml")
        + "\nflips: {total: 2, interval: 20000}\niterations: 5\nexpect: {verdict: pass, windows: []}\n");
    assertEquals(0, Said.of(dir, "run", "DIR/arm.yaml", "-o", "DIR/bare", "--no-truth").status);
  }

  private static void run(String name, String scenario) throws IOException {
    Files.writeString(dir.resolve(name + ".yaml"), scenario);
    Said said = Said.of(dir, "run", "DIR/" + name + ".yaml", "-o", "DIR/" + name);
    assertEquals(0, said.status, said.err + said.out);
  }

  private static List<String> export(String run, String... options) throws IOException {
    Said said = Said.of(dir, Stream.concat(
        Stream.of("export", "perfetto", "DIR/" + run, "-o", "DIR/trace.json"), Stream.of(options))
        .toArray(String[]::new));
    assertEquals(0, said.status, said.err);
    List<String> events = Files.readAllLines(dir.resolve("trace.json")).stream()
        .filter(l -> l.contains("\"ph\":") && !l.contains("\"ph\":\"M\"")).toList();
    assertTrue(said.out.startsWith(String.format("written to DIR/trace.json: %,d events", events.size())), said.out);
    return events;
  }

  private static long field(String event, String name) {
    Matcher m = Pattern.compile("\"" + name + "\":(\\d+)").matcher(event);
    assertTrue(m.find(), event);
    return Long.parseLong(m.group(1));
  }

  private static List<String> with(List<String> events, String what) {
    return events.stream().filter(e -> e.contains(what)).toList();
  }

  /// What lies on a CPU's track when an event comes, the innermost last.
  private static List<String> around(List<String> events, String event) {
    Deque<String> open = new ArrayDeque<>();
    for (String e : events) {
      if (e.equals(event)) {
        break;
      }
      if (field(e, "tid") == field(event, "tid") && e.contains("\"ph\":\"B\"")) {
        open.addLast(e.replaceFirst(".*\"name\":\"([^\"]*)\".*", "$1"));
      } else if (field(e, "tid") == field(event, "tid") && e.contains("\"ph\":\"E\"")) {
        open.removeLast();
      }
    }
    return new ArrayList<>(open);
  }

  /// The torn execution is there with its bytes, within the function that ran it; the patching CPU stores within the
  /// function that pokes, under that of the flip; the handler of a breakpoint lies on the function that met it.
  @Test
  void aFailureIsSeenWhereItHappened() throws IOException {
    List<String> events = export("torn");
    List<String> torn = with(events, "\"cat\":\"violation\"");
    assertEquals(1, torn.size(), torn::toString);
    String violation = Files.readString(dir.resolve("torn/violations.jsonl"));
    assertTrue(violation.contains("\"cycle\":" + field(torn.getFirst(), "cycle") + ","), torn::toString);
    assertTrue(torn.getFirst().contains("\"name\":\"torn\"") && torn.getFirst().contains("\"executed\":\"e915440000\"")
        && torn.getFirst().contains("\"memory\":\"e915000000\""), torn::toString);
    List<String> ran = around(events, torn.getFirst());
    assertTrue(ran.getLast().startsWith("work_"), ran::toString);
    assertEquals(1, with(events, "\"name\":\"stale new+old\"").size());
    String store = with(events, "\"name\":\"store trap site_0\"").getFirst();
    assertEquals("[mechanism_flip, poke_key, poke_finish, poke_batch, text_poke, copy_text]",
        around(events, store).subList(around(events, store).indexOf("mechanism_flip"), around(events, store).size())
            .toString());
    String trap = with(events, "\"name\":\"trap site_0\"").getFirst();
    assertTrue(around(events, trap).getLast().startsWith("work_"), around(events, trap)::toString);
    assertEquals(3, with(events, "\"name\":\"0f1f440000 -> e915000000\"").size(), "its key has three sites");
    String shown = String.format("written to torn.json: %,d events%n", events.size());
    assertTrue(Files.readString(Path.of("../README.md")).contains(shown), shown);
  }

  /// On AArch64 an interrupt's entry is the synchronization that answers it.
  @Test
  void exceptionEntryAnswers() throws IOException {
    List<String> events = export("arm");
    List<String> answers = with(events, "\"ph\":\"f\"");
    assertTrue(answers.size() > 6, answers::toString);
    for (String answer : answers) {
      String id = "\"id\":" + field(answer, "id");
      String taken = with(with(events, "\"ph\":\"t\""), id).stream().filter(e -> e.matches(".*" + id + "\\D.*"))
          .findFirst().orElseThrow();
      assertEquals(taken.replaceFirst(".*\"ts\":([0-9.]+).*", "$1"), answer.replaceFirst(".*\"ts\":([0-9.]+).*", "$1"));
    }
    assertEquals(32, with(events, "\"name\":\"report site_").size());
    assertTrue(with(events, "\"name\":\"clean line\"").size() >= 60);
    assertTrue(with(events, "\"name\":\"barrier\"").size() >= 64);
  }

  /// A CPU that sleeps takes the interrupt that wakes it.
  @Test
  void sleepIsIdle() throws IOException {
    List<String> events = export("idle");
    List<String> idle = with(events, "\"cat\":\"idle\"");
    assertTrue(idle.stream().map(e -> field(e, "tid")).distinct().count() >= 3, idle::toString);
    assertEquals(0, with(idle, "\"tid\":100,").size(), "CPU 0 patches");
    List<String> taken = with(events, "\"ph\":\"t\"");
    for (String arrow : taken) {
      assertTrue(around(events, arrow).getLast().startsWith("interrupt "), () -> arrow + around(events, arrow));
    }
    assertTrue(taken.size() > 10, taken::toString);
  }

  /// Of a part only what happens in it is there, and what had begun is open at its beginning.
  @ParameterizedTest
  @ValueSource(strings = {"torn", "idle", "arm"})
  void aPartIsWhatTheWholeHasThen(String run) throws IOException {
    List<String> whole = export(run);
    long end = with(whole, "\"cycle\"").stream().mapToLong(e -> field(e, "cycle")).max().orElseThrow();
    long from = end / 3;
    long to = 2 * end / 3;
    List<String> part = export(run, "--from-cycle", String.valueOf(from), "--to-cycle", String.valueOf(to));
    List<String> instants = new ArrayList<>(with(whole, "\"ph\":\"i\"").stream()
        .filter(e -> field(e, "cycle") >= from && field(e, "cycle") < to).toList());
    assertNotEquals(List.of(), instants);
    List<String> others = with(part, "\"ph\":\"i\"").stream().filter(e -> !instants.remove(e)).toList();
    assertEquals(List.of(), others, "in the part only");
    assertEquals(List.of(), instants, "not in the part");
    for (String event : part) {
      assertTrue(!event.contains("\"cycle\"") || (field(event, "cycle") >= from && field(event, "cycle") <= to), event);
    }
    assertEquals(with(part, "\"ph\":\"B\"").size(), with(part, "\"ph\":\"E\"").size());
    assertEquals(with(part, "\"ph\":\"s\"").size(), with(part, "\"ph\":\"f\"").size());
    String first = with(part, "\"ph\":\"B\"").getFirst();
    assertEquals(from, field(first, "cycle"));
    assertTrue(field(first, "began") < from, first);
  }

  @Test
  void tooMuchIsCutForAllCpusAndSaid() throws IOException {
    Said said = Said.of(dir, "export", "perfetto", "DIR/arm", "-o", "DIR/cut.json", "--limit", "3000");
    assertEquals(0, said.status, said.err);
    Matcher m = Pattern.compile("written to DIR/cut.json: ([\\d,]+) events, cycles 0 to ([\\d,]+) only: more would be "
        + "over --limit 3,000; --from-cycle and --to-cycle choose another part\n").matcher(said.out);
    assertTrue(m.matches(), said.out);
    assertTrue(number(m.group(1)) <= 3300, said.out);
    String text = Files.readString(dir.resolve("cut.json"));
    assertTrue(text.contains("\"to_cycle\":" + number(m.group(2)) + ",\"cut\":true}"), text.substring(0, 500));
    List<String> last = text.lines().filter(l -> l.contains("\"ph\":\"E\"")).toList();
    for (int cpu = 0; cpu < 4; cpu++) {
      String end = with(last, "\"tid\":" + (100 + cpu) + ",").getLast();
      assertTrue(with(last, end.substring(end.indexOf("\"ts\""))).size() >= 4, () -> end + ": all end together");
    }
  }

  private static long number(String text) {
    return Long.parseLong(text.replace(",", ""));
  }

  @Test
  void anEarlierExportIsReplacedAndNothingElse() throws IOException {
    export("torn");
    export("torn", "--to-cycle", "50000");
    Files.writeString(dir.resolve("precious"), "my only copy");
    refused("--out: DIR/precious is there and is no export for Perfetto; choose another name or remove it",
        "export perfetto DIR/torn -o DIR/precious");
    assertEquals("my only copy", Files.readString(dir.resolve("precious")));
  }

  @Test
  void aFullDiskIsNamed() throws IOException {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "no /dev/full");
    Path grows = dir.resolve(".full.json.partial-" + ProcessHandle.current().pid());
    Files.createSymbolicLink(grows, full);
    refused("DIR/full.json: cannot be written: No space left on device", "export perfetto DIR/torn -o DIR/full.json");
    assertFalse(Files.exists(grows, LinkOption.NOFOLLOW_LINKS));
    assertFalse(Files.exists(dir.resolve("full.json")));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "export perfetto DIR/bare -o DIR/new | DIR/bare: the truth was not kept (--no-truth), so there is nothing to "
          + "show",
      "export perfetto DIR -o DIR/new | DIR: not the output of a run (it has no readable summary.json)",
      "export perfetto DIR/torn -o DIR/torn/new | --out: DIR/torn/new is in the output directory DIR/torn, which "
          + "holds nothing but what every run leaves",
      "export perfetto DIR/torn -o DIR/none/new | DIR/none/new: cannot be written: there is no directory DIR/none",
      "export perfetto DIR/torn -o DIR | DIR: cannot be written: it is a directory",
      "export perfetto DIR/torn -o DIR/new --from-cycle -1 | --from-cycle: -1 is less than 0",
      "export perfetto DIR/torn -o DIR/new --to-cycle 0 | --to-cycle: 0 is not behind --from-cycle, 0",
      "export perfetto DIR/torn -o DIR/new --from-cycle 9 --to-cycle 9 | --to-cycle: 9 is not behind --from-cycle, 9",
      "export perfetto DIR/torn -o DIR/new --limit 0 | --limit: 0 is less than 1",
      "export perf DIR/torn -o DIR/new --limit 9 | --from-cycle, --to-cycle and --limit are for perfetto only"
  })
  void whatItCannotDoIsALine(String args, String says) {
    refused(says, args);
    assertFalse(Files.exists(dir.resolve("new")));
  }

  /// Nothing half-written is left where a file of the run is cut off.
  @ParameterizedTest
  @ValueSource(strings = {"truth/events.log", "truth/stores.log", "truth/text.log",
      "truth/stale.jsonl", "violations.jsonl", "pokes.jsonl", "summary.json", "image/vmlinux"})
  void aDamagedRunIsALine(String name) throws IOException {
    Path file = dir.resolve("torn").resolve(name);
    byte[] whole = Files.readAllBytes(file);
    try {
      Files.write(file, Arrays.copyOf(whole, whole.length - 3));
      Said said = Said.of(dir, "export", "perfetto", "DIR/torn", "-o", "DIR/new");
      assertTrue(said.err.matches("crosspatch: DIR/torn[:/][^\n]*\n"), said.err);
      assertEquals(2, said.status);
    } finally {
      Files.write(file, whole);
    }
    try (Stream<Path> left = Files.list(dir)) {
      assertEquals(List.of(), left.filter(f -> f.toString().contains("new")).toList());
    }
  }

  private static void refused(String says, String args) {
    Said said = Said.of(dir, args.split(" "));
    assertEquals("crosspatch: " + says + "\n", said.err);
    assertEquals(2, said.status);
  }
}
