package dev.crosspatch.sim.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/// Verdicts, expectations and exit statuses of `run` and `verify`: what a run says, its directory says again, unless somebody changed it.
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
  private static final String HARD = "base: " + Path.of("../scenarios/x86-straddling.yaml").toAbsolutePath() + "\nflips: {total: 40}\n";

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
    assertEquals(0, run("trap", HARD + "leave-out: [sync-c]\nexpect: {verdict: fail, kind: unowned-trap, guest: unowned-trap}\n").status);
  }

  private static List<String> files(String run) throws IOException {
    try (Stream<Path> walk = Files.walk(dir.resolve(run))) {
      return walk.filter(Files::isRegularFile).map(p -> dir.resolve(run).relativize(p).toString()).sorted().toList();
    }
  }

  /// However a guest ends, its files say what the run said.
  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "leave-out: [sync-b]          | torn",
      "leave-out: [sync-c]          | unowned trap",
      "leave-out: [trap]            | torn",
      "leave-out: [sync-a]          | old after event",
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

  /// The same failure, stated in many ways.
  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "fail                                          | 0",
      "{verdict: fail}                               | 0",
      "{verdict: fail, kind: torn}                   | 0",
      "{kind: torn}                                  | 0",
      "{kind: [old-after-event, torn]}               | 0",
      "{kind: contract}                              | 0",
      "{kind: torn, site: site_6, cpu: 3}            | 0",
      "{verdict: fail, guest: unowned-trap}          | 0",
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
    Said ran = run("stated", HARD + "leave-out: [sync-b]\nexpect: " + expect + "\n");
    assertEquals(status, ran.status, ran.err);
    if (status == 2) {
      assertTrue(ran.err.startsWith("crosspatch: DIR/stated.yaml:4: expect") && ran.err.lines().count() == 1, ran.err);
    } else {
      assertEquals(status, say("verify", "DIR/stated").status);
    }
  }

  @Test
  void aTwinStatesItsExpectationWhole() throws IOException {
    Files.writeString(dir.resolve("first.yaml"), HARD + "leave-out: [sync-b]\nexpect: {verdict: fail, kind: torn, cpu: 3}\n");
    assertEquals(0, run("second", "base: first.yaml\n").status, "inherited");
    assertEquals(0, run("second", "base: first.yaml\nleave-out: [sync-c]\nexpect: {kind: unowned-trap}\n").status, "CPU 1, not merged");
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
        assertTrue(said.err.lines().count() == 1 || file.equals("summary.json"), what); // a flipped checksum in it speaks of another file, too
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
  @CsvSource({"trap, fail, pass, true", "trap, fail, pass, false", "torn, fail, pass, true", "pass, pass, fail, true", "pass, pass, fail, false",
      "trap, fail, inconclusive, true"})
  void aVerdictThatWasChangedIsRefuted(String name, String is, String claimed, boolean resealed) throws IOException {
    Path summary = dir.resolve(name).resolve("summary.json");
    String whole = Files.readString(summary);
    Files.writeString(summary, whole.replace("\"verdict\" : \"" + is + "\",\n  \"expected", "\"verdict\" : \"" + claimed + "\",\n  \"expected"));
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

  @Test
  void ofSeveralScenariosTheWorstCounts() throws IOException {
    Files.writeString(dir.resolve("huge.yaml"), SMALL.replace("count: 3", "count: 4096, place: page 0"));
    Files.writeString(dir.resolve("no.yaml"), SMALL + "leave-out: [report]\n");
    assertEquals(0, say("run", "DIR/pass.yaml", "DIR/torn.yaml", "-o", "DIR/some").status);
    assertEquals(1, say("run", "DIR/no.yaml", "DIR/pass.yaml", "-o", "DIR/some").status);
    Said said = say("run", "DIR/no.yaml", "DIR/huge.yaml", "DIR/pass.yaml", "-o", "DIR/some");
    assertEquals(2, said.status);
    assertTrue(said.out.contains("output in DIR/some/pass"), "what follows runs all the same");
  }

  @Test
  void anInternalErrorIsOneLineAndItsTrace() {
    for (Throwable fault : List.of(new IllegalStateException("two\nlines"), new StackOverflowError(), new OutOfMemoryError("heap"))) {
      StringWriter err = new StringWriter();
      CommandLine line = new CommandLine(new Main()).setErr(new PrintWriter(err, true));
      assertEquals(3, Main.complain(line, fault));
      List<String> lines = err.toString().lines().toList();
      assertTrue(lines.getFirst().startsWith("crosspatch: internal error: " + fault.getClass().getName()), err::toString);
      assertEquals(fault.toString().lines().findFirst().orElseThrow(), lines.get(1), "the stack trace");
    }
  }

  @Test
  void withoutAFlipThereIsNoLatency() throws IOException {
    Said said = run("still", SMALL + "limits: {retired: 3000}\nexpect: {kind: limit}\n");
    assertEquals(0, said.status, said.out + said.err);
    assertTrue(said.out.contains("pokes 0, flips p50 - p99 - cycles, guest: "), said.out + said.err);
    String summary = Files.readString(dir.resolve("still/summary.json"));
    assertTrue(summary.contains("\"count\" : 0,\n      \"p50_cycles\" : null"), summary);
    assertTrue(Files.readString(dir.resolve("still/report.html")).contains("<td>flip<td>0<td>-<td>-<td>-"));
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
    assertEquals(Files.readString(dir.resolve("repeated/pokes.jsonl")), Files.readString(dir.resolve("again/pokes.jsonl")));
    assertTrue(Files.readString(dir.resolve("repeated/report.html")).contains("--seed 5</code>"));
  }

  /// The text of `eb90` is that of the site's old tail behind its new first byte: see the scenario's description of a torn instruction.
  @Test
  void aFirstFailureShowsWhatStoodAroundIt() throws IOException {
    Said said = say("verify", "DIR/torn");
    String out = said.out;
    assertTrue(out.contains("old    6690                  nop\n"), out);
    assertTrue(out.contains("new    eb15                  jmp 0x"), out);
    assertTrue(out.contains("ran    eb90                  jmp 0x"), out);
    assertTrue(out.contains("=> ffffffff"), out);
    assertTrue(out.indexOf("CPU 0  15 at 0x") < out.lastIndexOf("CPU 0  eb at 0x"), "tail, then first byte, in the order of the stores");
    String report = Files.readString(dir.resolve("torn/report.html"));
    for (String part : List.of("ran    eb90", "a CPU broke the contract", "the first of each kind", "=&gt; ffffffff")) {
      assertTrue(report.contains(part), part);
    }
    List<String> violations = Files.readAllLines(dir.resolve("torn/violations.jsonl"));
    assertTrue(violations.getFirst().startsWith("{\"kind\":\"torn\",\"cpu\":3,"), violations.getFirst());
    assertTrue(Files.readString(dir.resolve("torn/summary.json")).contains("\"violations\" : " + violations.size() + ",\n"));
  }

  /// No address but those of the site, its flow and its own writes: bytes of another site's versions stood here once.
  @Test
  void aFirstFailureQuotesNoOtherSite() throws IOException {
    Said said = run("early", HARD + "leave-out: [report-before-sync-a]\nlimits: {retired: 300000}\nexpect: {kind: old-after-event}\n");
    String failure = said.line("first failure: ");
    assertTrue(failure.contains("executed 0f1f440000"), failure);
    assertFalse(failure.contains("6690") || failure.contains("eb15"), failure);
    assertTrue(said.line("contract: ").startsWith("a CPU broke the contract, "), said.out);
    assertTrue(said.line("decode: ").startsWith("the trace cannot tell: "), said.out);
  }
}
