package dev.crosspatch.sim.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.sim.fields.Fields;
import dev.crosspatch.sim.fields.JsonText;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/// Verdicts, expectations and exit statuses of `run` and `verify`: what a run says, its directory says again, unless
/// somebody changed it.
class VerdictTest {
  private static final String SMALL =
      """
      isa: x86-64
      cpus: 2
      protocol: int3-batch
      sites: [{count: 3}]
      flips: {total: 3, interval: 100}
      trace: {protocol: pt}
      """;

  /// Adversarial cores, straddling sites; each variant leaves something out or ends early.
  private static final String HARD = "base: " + Path.of("../scenarios/x86-straddling.yaml").toAbsolutePath()
      + "\nseed: 4\nflips: {total: 40}\n";

  @TempDir static Path dir = Path.of("");

  private static Said say(String... args) {
    return Said.of(dir, args);
  }

  private static Said run(String name, String scenario) throws IOException {
    Files.writeString(dir.resolve(name + ".yaml"), scenario);
    return say("run", "DIR/" + name + ".yaml", "--out", "DIR/" + name);
  }

  @BeforeAll
  static void runs() throws IOException {
    assertEquals(0, run("pass", SMALL).status);
    assertEquals(0, run("torn", HARD + "leave-out: [sync-b]\nexpect: {verdict: fail, kind: torn}\n").status);
    assertEquals(0, run("trap",
        HARD + "leave-out: [sync-c]\nexpect: {verdict: fail, kind: unowned-trap, guest: unowned-trap}\n").status);
  }

  /// What is torn is the cause, also where the CPU waited long for its second line since it ran the instruction before;
  /// and with seed 1, where a torn jump goes back in a loop and an interrupt comes there: the trace says where, not in
  /// which turn, so the decoder puts it into the first, before anything was torn.
  @ParameterizedTest
  @ValueSource(ints = {1, 15, 24, 69})
  void theRowThatDiffersMayBeTheCause(int seed) {
    Said said = say("run", Path.of("../scenarios/x86-straddling-without-sync-b.yaml").toAbsolutePath().toString(),
        "--seed", String.valueOf(seed), "-o", "DIR/wait");
    assertEquals(0, said.status, said.out);
    assertTrue(said.line("first failure: ").startsWith("torn: CPU "), said.out);
  }

  /// An expectation of what the run without sync B met, with its site, CPU and end of the guest in place of the words.
  private static String where(String text) throws IOException {
    Fields summary = JsonText.parse("summary.json", Files.readString(dir.resolve("torn/summary.json")));
    Fields failure = summary.map("first_failure");
    return text.replace("SITE", failure.text("symbol", null)).replace("CPU", failure.text("cpu", null))
        .replace("END", summary.map("guest_end").text("kind", null));
  }

  private static List<String> files(String run) throws IOException {
    try (Stream<Path> walk = Files.walk(dir.resolve(run))) {
      return walk.filter(Files::isRegularFile).map(p -> dir.resolve(run).relativize(p).toString()).sorted().toList();
    }
  }

  /// What ran into a breakpoint ran the breakpoint, also where the head was stored before its handler looked.
  @Test
  void whoTrappedRanTheTrap() {
    String kick = Path.of("../scenarios/arm64-adversarial-without-kick.yaml").toAbsolutePath().toString();
    Said said = say("run", kick, "--seed", "1", "-o", "DIR/kick");
    assertEquals(0, said.status, said.out);
    String failure = said.line("first failure: ");
    assertTrue(failure.startsWith("unowned-trap: CPU 1, ") && failure.contains(": executed 000220d4, memory held "
        + "0a000014: breakpoint nobody owns at 0xffff8000100019bc; memory held it when "),
        said.out);
  }

  /// What the trace cannot tell comes of a race before it, and of all races the earliest is told.
  @Test
  void aRaceComesBeforeWhatTheTraceCannotTell() throws IOException {
    Said said = run("raced", "base: " + Path.of("../scenarios/x86-inline.yaml").toAbsolutePath() + """

        preset: zen4
        staleness: typical
        flips: {total: 45}
        leave-out: [report-before-sync-a]
        expect: {verdict: fail, kind: race}
        """);
    assertEquals(0, said.status, said.out);
    assertTrue(said.line("contract: ").startsWith("kept, ")
        && said.line("decode: ").startsWith("the trace cannot tell: "), said.out);
    List<Long> races = new ArrayList<>();
    for (String line : Files.readAllLines(dir.resolve("raced/races.jsonl"))) {
      races.add(JsonText.parse("race", line).number("cycle", 0, 0, Long.MAX_VALUE));
    }
    assertTrue(said.line("first failure: ").matches("race: CPU \\d, cycle " + Collections.min(races) + ", .*"),
        said.out);
  }

  /// Where no flow was kept nobody says that it was found.
  @Test
  void whatWasNotComparedIsNotToldOf() {
    String torn = Path.of("../scenarios/x86-straddling-without-sync-b.yaml").toAbsolutePath().toString();
    String failure = say("run", torn, "-o", "DIR/bare", "--no-truth").line("first failure: ");
    assertTrue(failure.startsWith("torn: CPU 2, ") && failure.endsWith("never the text of the site"), failure);
    assertEquals(failure, say("verify", "DIR/bare").line("first failure: "));
  }

  /// However a guest ends, its files say what the run said.
  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "leave-out: [sync-b]          | torn",
      "leave-out: [sync-c]          | unowned-trap",
      "leave-out: [trap]            | torn",
      "leave-out: [sync-a]          | old-after-event",
      "leave-out: [report]          | unreported",
      "limits: {retired: 5000}      | limit",
      "limits: {cycles: 50000}      | limit",
      "trace: {timeless: true}      | ambiguous",
  })
  void verifySaysWhatRunSaid(String variant, String kind) throws IOException {
    Said ran = run("hard", HARD + variant + "\n");
    assertEquals(1, ran.status, ran.out);
    assertTrue(ran.line("first failure: ").startsWith(kind + ": "), ran.out);
    Said verified = say("verify", "DIR/hard");
    assertEquals(1, verified.status, verified.err);
    assertEquals("verdict: FAIL (expected PASS)", verified.out.lines().toList().getLast());
    for (String line : List.of("first failure: ", "contract: ", "decode: ")) {
      assertEquals(ran.line(line), verified.line(line));
    }
    assertFalse(verified.out.contains("stored"), verified.out);
  }

  /// A trace that is full says where it stopped: what ran behind is lost, not wrong. Its twin goes wrong before.
  @ParameterizedTest
  @CsvSource({"x86-jump-label, pt, max_bytes: 3000", "arm64-jump-label, etm, max_bytes: 3000",
      "arm64-jump-label-ete, ete, max_bytes: 3000"})
  void whatAFullTraceCannotTellIsLost(String scenario, String protocol, String options) throws IOException {
    String full = "base: " + Path.of("../scenarios").toAbsolutePath() + "/%s.yaml\ntrace: {protocol: " + protocol + ", "
        + options + "}\n";
    Said ran = run("full", full.formatted(scenario) + "flips: {total: 8}\nexpect: pass\n");
    assertEquals(0, ran.status, ran.out);
    Fields summary = JsonText.parse("summary.json", Files.readString(dir.resolve("full/summary.json")));
    long lost = 0;
    for (Fields cpu : summary.maps("cpus")) {
      assertEquals(0, cpu.number("mismatches", -1, 0, Long.MAX_VALUE), ran.out);
      assertTrue(cpu.number("gaps", -1, 0, Long.MAX_VALUE) > 0, ran.out);
      lost += cpu.number("lost", -1, 0, Long.MAX_VALUE);
    }
    assertTrue(lost > 100_000, ran.out);
    // by what the run's summary says of protocol and registers: of all that an ETM is, nothing is assumed
    Said packets = say("packets", "DIR/full/trace/cpu0." + (protocol.equals("pt") ? "pt" : "etm"));
    assertEquals(0, packets.status, packets.err);
    assertTrue(packets.out.lines().toList().getLast().endsWith(protocol.equals("pt")
        ? "tip.pgd 0: ????????????????" : "Discard"), packets.out);
    Said wrong = run("full",
        full.formatted(scenario.replace("-ete", "") + "-without-poke-log").replace("3000", "100000")
        + "flips: {total: 8}\nexpect: fail\n");
    assertEquals(0, wrong.status, wrong.out);
    assertTrue(wrong.line("decode: ").matches("the trace cannot tell: [1-9].* mismatches.*"), wrong.out);
  }

  /// The same failure, stated in many ways.
  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "fail                                          | 0",
      "{verdict: fail}                               | 0",
      "{verdict: fail, kind: torn}                   | 0",
      "{kind: torn}                                  | 0",
      "{kind: [old-after-event, torn]}               | 0",
      "{kind: contract}                              | 0",
      "{kind: torn, site: SITE, cpu: CPU}            | 0",
      "{verdict: fail, guest: END}                   | 0",
      "{verdict: fail, kind: torn, guest: good}      | 1",
      "{verdict: fail, kind: flow}                   | 1",
      "{verdict: fail, kind: trace}                  | 1",
      "{kind: old_after_event}                       | 1",
      "{kind: torn, site: site_5}                    | 1",
      "{kind: torn, cpu: 0}                          | 1",
      "pass                                          | 1",
      "inconclusive                                  | 1",
      "{verdict: inconclusive}                       | 1",
      "{verdict: fail, kind: broken}                 | 2",
      "{verdict: pass, kind: torn}                   | 2",
      "{verdict: fail, cpu: 4}                       | 2",
      "{verdict: fail, guest: happy}                 | 2",
      "{verdict: fail, knd: torn}                    | 2",
      "{}                                            | 2",
      "[fail]                                        | 2",
      "perhaps                                       | 2",
  })
  void theExitStatusIsThatOfTheExpectation(String expect, int status) throws IOException {
    Said ran = run("stated", HARD + "leave-out: [sync-b]\nexpect: " + where(expect) + "\n");
    assertEquals(status, ran.status, ran.err);
    if (status == 2) {
      assertTrue(ran.err.startsWith("crosspatch: DIR/stated.yaml:5: expect") && ran.err.lines().count() == 1, ran.err);
    } else {
      assertEquals(status, say("verify", "DIR/stated").status);
    }
  }

  /// A function of the kernel is a place, too; what the kernel has not is known only when it is built.
  @Test
  void aPlaceThatIsExpectedMustExist() throws IOException {
    assertEquals(1, run("place", SMALL + "expect: {kind: torn, site: work_0}\n").status);
    for (String site : List.of("work_7", "site_x", "site_0+0x1", "site_00000000000000")) {
      Said said = run("place", SMALL + "expect: {kind: torn, site: " + site + "}\n");
      assertEquals(2, said.status);
      assertTrue(said.err.startsWith("crosspatch: DIR/place.yaml:7: expect: there is no " + site + ": "), said.err);
    }
  }

  @Test
  void aTwinStatesItsExpectationWhole() throws IOException {
    Files.writeString(dir.resolve("first.yaml"),
        HARD + "leave-out: [sync-b]\nexpect: " + where("{verdict: fail, kind: torn, cpu: CPU, site: SITE}\n"));
    assertEquals(0, run("second", "base: first.yaml\n").status, "inherited");
    assertEquals(0, run("second", "base: first.yaml\nleave-out: [sync-c]\nexpect: {kind: unowned-trap}\n").status,
        "elsewhere, and not merged");
    assertEquals(0, run("second", "base: first.yaml\nleave-out: []\nexpect: pass\n").status);
  }

  /// Files of a passing and of two failing runs, changed at random: never is the answer yes.
  @ParameterizedTest
  @ValueSource(strings = {"pass", "torn", "trap"})
  void whateverIsChangedVerifyNeverPasses(String name) throws IOException {
    long seed = Long.getLong("crosspatch.seed", 7);
    SplittableRandom random = new SplittableRandom(seed);
    for (String file : files(name)) {
      Path path = dir.resolve(name).resolve(file);
      byte[] whole = Files.readAllBytes(path);
      for (int change = 0; change < 4; change++) {
        damage(path, whole, change, random);
        Said said = say("verify", "DIR/" + name);
        Files.write(path, whole);
        String what = "seed " + seed + " " + file + " change " + change + "\n" + said.out + said.err;
        assertNotEquals(0, said.status, what);
        assertFalse(said.out.contains("PASS ("), what);
        assertTrue(said.err.startsWith("crosspatch: DIR/" + name), what);
        // a flipped checksum in it speaks of another file, too
        assertTrue(said.err.lines().count() == 1 || file.equals("summary.json"), what);
      }
    }
    assertEquals(0, say("verify", "DIR/" + name).status, "untouched again");
  }

  /// Flips a bit, cuts the end, appends, deletes. An empty file has nothing to flip or cut.
  private static void damage(Path path, byte[] whole, int change, SplittableRandom random) throws IOException {
    byte[] longer = Arrays.copyOf(whole, whole.length + 1 + random.nextInt(9));
    byte[] flipped = whole.clone();
    if (whole.length > 0) {
      flipped[random.nextInt(whole.length)] ^= (byte) (1 << random.nextInt(7));
    }
    switch (change) {
      case 0 -> Files.write(path, whole.length == 0 ? longer : flipped);
      case 1 -> Files.write(path, whole.length == 0 ? longer : Arrays.copyOf(whole, random.nextInt(whole.length)));
      case 2 -> Files.write(path, longer);
      default -> Files.delete(path);
    }
  }

  @Test
  void aFileTooManyIsNamed() throws IOException {
    for (String file : List.of("trace/cpu7.pt", "truth/notes", "image/vmlinux.old")) {
      Path path = Files.writeString(dir.resolve("pass").resolve(file), "x");
      Said said = say("verify", "DIR/pass");
      Files.delete(path);
      assertEquals("crosspatch: DIR/pass/" + file + ": not of this run, which left no such file\n", said.err);
      assertEquals(2, said.status);
    }
    Path beside = Files.writeString(dir.resolve("pass/notes.txt"), "seen by me");
    assertEquals(0, say("verify", "DIR/pass").status, "what lies beside belongs to the user");
    Files.delete(beside);
  }

  /// Even if whoever flips the verdict makes the checksums true again, the files say otherwise.
  @ParameterizedTest
  @CsvSource({"trap, fail, pass, true", "trap, fail, pass, false", "torn, fail, pass, true", "pass, pass, fail, true",
      "pass, pass, fail, false",
      "trap, fail, inconclusive, true"})
  void aVerdictThatWasChangedIsRefuted(String name, String is, String claimed, boolean resealed) throws IOException {
    Path summary = dir.resolve(name).resolve("summary.json");
    String whole = Files.readString(summary);
    Files.writeString(summary, whole.replace("\"verdict\" : \"" + is + "\",\n  \"expected",
        "\"verdict\" : \"" + claimed + "\",\n  \"expected"));
    assertNotEquals(whole, Files.readString(summary));
    if (resealed) {
      Reseal.directory(dir.resolve(name));
    }
    Said said = say("verify", "DIR/" + name);
    Files.writeString(summary, whole);
    assertEquals(1, said.status, said.err);
    assertTrue(said.out.contains("the stored verdict is " + claimed + ", the files say " + is + "\n"), said.out);
    assertEquals(!resealed, said.err.contains("summary.json: changed since the run"), said.err);
    assertTrue(resealed || !said.out.contains("PASS ("), said.out);
  }

  /// Torn text that memory itself holds, on cores that run nothing stale: its cause is not the panic or the wrong flow
  /// behind it. Its twin leaves nothing out.
  @ParameterizedTest
  @CsvSource({"trap, torn, 0", "trap, panic, 1", "tail, torn, 0", "tail, unowned-trap, 1"})
  void tornMemoryIsTheCause(String step, String kind, int status) throws IOException {
    String typical = SMALL + "staleness: typical\n";
    Said ran = run("memory", typical + "leave-out: [" + step + "]\nexpect: {verdict: fail, kind: " + kind + "}\n");
    assertEquals(status, ran.status, ran.out);
    assertTrue(ran.line("first failure: ").startsWith("torn: "), ran.out);
    assertTrue(ran.line("contract: ").contains("of what memory held: torn "), ran.out);
    assertTrue(Files.readString(dir.resolve("memory/violations.jsonl")).startsWith("{\"kind\":\"torn\""));
    Said verified = say("verify", "DIR/memory");
    assertEquals(status, verified.status, verified.out);
    assertEquals(ran.line("first failure: "), verified.line("first failure: "));
    assertEquals(0, run("memory", typical).status);
  }

  /// Whoever knows how to make the checksums true again is found out by whatever can be found again from the files.
  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
      "pass | trace/cpu0.pt <=> trace/cpu1.pt                     | 1 | the stored verdict is pass, the files say fail",
      "pass | truth/cpu0.log <=> truth/cpu1.log                   | 1 | the stored verdict is pass, the files say fail",
      "torn | cut violations.jsonl                                | 1 | the stored violations (violations.jsonl) are "
          + "not those that the files say",
      "torn | cut truth/stale.jsonl                               | 2 | stale executions, but the run met ",
      "torn | \"violations\" => \"violations\" : 9, \"was\"   | 1 | the stored number of violations is 9",
      "torn | \"kind\" : \"torn\" => \"kind\" : \"flow\"  | 1 | the stored first failure is flow on CPU ",
      "pass | \"mismatches\" : 0 => \"mismatches\" : 5        | 1 | the stored count is CPU 0: ",
      "pass | \"decoded\" => \"decoded\" : 9, \"was\"         | 1 | the stored count is CPU 0: 9 decoded, ",
      "pass | \"as_expected\" : true => \"as_expected\" : false | 1 | the stored answer to whether it ended as "
          + "expected is no, the files say yes",
      "pass | \"expected\" : \"pass\" => \"expected\" : \"fail\" | 2 | expected: is not the verdict of 'expect'",
      "pass | \"kind\" : \"exit\" => \"kind\" : \"limit\" | 1 | the stored verdict is pass, the files say fail",
      "trap | \"kind\" : \"unowned-trap\" => \"kind\" : \"exit\" | 1 | the stored first failure is unowned-trap",
      "pass | \"cpus\" : [ => \"cpus\" : [ {},                | 1 | the stored number of CPUs is 3, the files say 2",
      "torn | \"cpus\" : 4 => \"cpus\" : 2                    | 2 | , and the run has 2",
  })
  void whatCanBeFoundAgainIs(String name, String change, int status, String says) throws IOException {
    Path run = dir.resolve("tampered");
    copy(dir.resolve(name), run);
    tamper(run, change);
    Reseal.directory(run);
    Said said = say("verify", "DIR/tampered");
    assertEquals(status, said.status, said.err + said.out);
    assertTrue((said.out + said.err).contains(says), said.out + said.err);
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> walk = Files.walk(from)) {
      for (Path file : walk.filter(Files::isRegularFile).toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        Files.createDirectories(target.getParent());
        Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  /// `a <=> b` swaps two files, `cut file` takes its first line away, `a => b` changes the first place in the summary.
  private static void tamper(Path run, String change) throws IOException {
    String[] sides = change.split(" <?=> ", -1);
    if (change.startsWith("cut ")) {
      Path file = run.resolve(change.substring(4));
      Files.write(file, Files.readAllLines(file).stream().skip(1).toList());
    } else if (change.contains(" <=> ")) {
      byte[] first = Files.readAllBytes(run.resolve(sides[0]));
      Files.write(run.resolve(sides[0]), Files.readAllBytes(run.resolve(sides[1])));
      Files.write(run.resolve(sides[1]), first);
    } else {
      String summary = Files.readString(run.resolve("summary.json"));
      assertTrue(summary.contains(sides[0]), sides[0]);
      Files.writeString(run.resolve("summary.json"),
          summary.replaceFirst(Pattern.quote(sides[0]), Matcher.quoteReplacement(sides[1])));
    }
  }

  @Test
  void ofSeveralScenariosTheWorstCounts() throws IOException {
    // which is found out when it is run
    Files.writeString(dir.resolve("nowhere.yaml"), SMALL + "expect: {kind: torn, site: work_7}\n");
    Files.writeString(dir.resolve("no.yaml"), SMALL + "leave-out: [report]\n");
    assertEquals(0, say("run", "DIR/pass.yaml", "DIR/torn.yaml", "-o", "DIR/some").status);
    assertEquals(1, say("run", "DIR/no.yaml", "DIR/pass.yaml", "-o", "DIR/some").status);
    Said said = say("run", "DIR/no.yaml", "DIR/nowhere.yaml", "DIR/pass.yaml", "-o", "DIR/some");
    assertEquals(2, said.status, said.err);
    assertTrue(said.out.contains("output in DIR/some/pass"), "what follows runs all the same");
  }

  @Test
  void anInternalErrorIsOneLineAndItsTrace() {
    for (Throwable fault : List.of(new IllegalStateException("two\nlines"), new StackOverflowError())) {
      StringWriter err = new StringWriter();
      CommandLine line = new CommandLine(new Main()).setErr(new PrintWriter(err, true));
      assertEquals(3, Main.complain(line, fault));
      List<String> lines = err.toString().lines().toList();
      assertTrue(lines.getFirst().startsWith("crosspatch: internal error: " + fault.getClass().getName()),
          err::toString);
      assertEquals(fault.toString().lines().findFirst().orElseThrow(), lines.get(1), "the stack trace");
    }
  }

  @Test
  void withoutAFlipThereIsNoLatency() throws IOException {
    Said said = run("still", SMALL + "limits: {retired: 3000}\nexpect: {kind: limit}\n");
    assertEquals(0, said.status, said.out + said.err);
    assertTrue(said.out.contains("pokes 0, flips p50 - p99 - cycles, guest: "), said.out + said.err);
    assertEquals("limit: limit of 3000 instructions reached", said.line("first failure: "),
        "it has no place, so it names none");
    assertEquals(said.line("first failure: "), say("verify", "DIR/still").line("first failure: "));
    String summary = Files.readString(dir.resolve("still/summary.json"));
    assertTrue(summary.contains("\"count\" : 0,\n      \"p50_cycles\" : null"), summary);
    assertTrue(Files.readString(dir.resolve("still/report.html")).contains("No flip ended."));
  }

  @Test
  void theCommandThatIsPrintedRepeatsTheRun() throws IOException {
    Files.writeString(dir.resolve("it's a test.yaml"), HARD + "leave-out: [sync-b]\n");
    Said said = say("run", "DIR/it's a test.yaml", "--seed", "5", "--out", "DIR/repeated");
    String command = said.line("seed 5; repeat with: ");
    assertEquals("crosspatch run 'DIR/it'\\''s a test.yaml' --seed 5", command);
    assertEquals(command, say("verify", "DIR/repeated").line("repeat with: "));
    Said again = say("run", "DIR/it's a test.yaml", "--seed", "5", "--out", "DIR/again");
    assertEquals(said.line("first failure: "), again.line("first failure: "));
    assertEquals(Files.readString(dir.resolve("repeated/pokes.jsonl")),
        Files.readString(dir.resolve("again/pokes.jsonl")));
    assertTrue(Files.readString(dir.resolve("repeated/report.html")).contains("--seed 5</code>"));
  }

  /// As a shell reads it: see the launcher's test for what the property is.
  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
      "./crosspatch            | ./crosspatch run DIR/pass.yaml --seed 1",
      "../a tree/crosspatch    | '../a tree/crosspatch' run DIR/pass.yaml --seed 1",
      "it's/crosspatch --flow  | 'it'\\''s/crosspatch' run DIR/pass.yaml --seed 1 --flow",
      "c --no-truth            | c run DIR/pass.yaml --seed 1 --no-truth",
      "c --flow --no-truth     | c run DIR/pass.yaml --seed 1 --flow --no-truth",
  })
  void theCommandBeginsWithWhatWasTyped(String typed, String command) {
    String[] words = typed.split(" (?=--)", -1);
    List<String> args = new ArrayList<>(List.of("run", "DIR/pass.yaml", "--out", "DIR/typed"));
    args.addAll(Arrays.asList(words).subList(1, words.length));
    System.setProperty("crosspatch.command", words[0]);
    try {
      assertEquals(command, say(args.toArray(String[]::new)).line("seed 1; repeat with: "));
    } finally {
      System.clearProperty("crosspatch.command");
    }
  }

  /// The bytes of one of the lines that show what a site may have been.
  private static byte[] bytes(String out, String what) {
    Matcher line = Pattern.compile("(?m)^ *" + what + " +([0-9a-f]+) ").matcher(out);
    assertTrue(line.find(), out);
    return HexFormat.of().parseHex(line.group(1));
  }

  /// The text that ran is that of the site's old tail behind part of its new text: see the scenario's
  /// description of a torn instruction.
  @Test
  void aFirstFailureShowsWhatStoodAroundIt() throws IOException {
    Said said = say("verify", "DIR/torn");
    String out = said.out;
    byte[] old = bytes(out, "old");
    byte[] now = bytes(out, "new");
    byte[] mixed = bytes(out, "ran");
    assertFalse(Arrays.equals(mixed, old) || Arrays.equals(mixed, now), out);
    for (int i = 0; i < mixed.length; i++) {
      assertTrue(mixed[i] == old[i] || mixed[i] == now[i], out);
    }
    assertTrue(out.contains("=> ffffffff"), out);
    HexFormat hex = HexFormat.of();
    assertTrue(out.indexOf("CPU 0  " + hex.toHexDigits(now[1]) + " at 0x")
        < out.lastIndexOf("CPU 0  " + hex.toHexDigits(now[0]) + " at 0x"),
        "tail, then first byte, in the order of the stores");
    String report = Files.readString(dir.resolve("torn/report.html"));
    for (String part : List.of("ran    " + hex.formatHex(mixed), "A CPU broke the contract",
        "Executions that broke the contract", "=&gt; ffffffff")) {
      assertTrue(report.contains(part), part);
    }
    List<String> violations = Files.readAllLines(dir.resolve("torn/violations.jsonl"));
    assertTrue(violations.getFirst().startsWith(where("{\"kind\":\"torn\",\"cpu\":CPU,")), violations.getFirst());
    assertTrue(Files.readString(dir.resolve("torn/summary.json"))
        .contains("\"violations\" : " + violations.size() + ",\n"));
  }

  /// No address but those of the site, its flow and its own writes: bytes of another site's versions stood here once.
  @Test
  void aFirstFailureQuotesNoOtherSite() throws IOException {
    Said said = run("early",
        HARD + "leave-out: [report-before-sync-a]\nlimits: {retired: 300000}\nexpect: {kind: old-after-event}\n");
    String failure = said.line("first failure: ");
    assertTrue(failure.contains("executed 0f1f440000"), failure);
    assertFalse(failure.contains("6690") || failure.contains("eb15"), failure);
    assertTrue(said.line("contract: ").startsWith("a CPU broke the contract, "), said.out);
    assertTrue(said.line("decode: ").startsWith("the trace cannot tell: "), said.out);
  }
}
