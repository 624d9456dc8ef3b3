package dev.crosspatch.sim.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A pass that never met the window that it is about says so.
final class WindowsCommandTest {
  /// No CPU is asked to synchronize between tail and head. In batches, every CPU happens to: it runs into a breakpoint
  /// and returns.
  private static final String UNLUCKY =
      """
      isa: x86-64
      cpus: 8
      preset: skylake
      staleness: adversarial
      protocol: int3-batch
      sync: serialize
      keys: 2
      sites: [{count: 8, key: 0, length: 5, place: line 61}, {count: 8, key: 1, length: 5, place: page 2}]
      flips: {total: 40, interval: 3000}
      trace: {protocol: pt}
      leave-out: [sync-b]
      """;
  /// The same with all its steps.
  private static final String RIGHT = UNLUCKY.replace("leave-out: [sync-b]\n", "");

  @TempDir Path dir = Path.of("");

  private Said run(String scenario) throws IOException {
    Files.writeString(dir.resolve("x.yaml"), scenario);
    return Said.of(dir, "run", "DIR/x.yaml", "-o", "DIR/out");
  }

  @Test
  void aWindowThatNobodyMetMakesAPassInconclusive() throws IOException {
    Said ran = run(RIGHT + "expect: {verdict: inconclusive, windows: [tail+head]}\n");
    assertEquals(0, ran.status, ran.out + ran.err);
    assertEquals("not met: tail+head, 0 executions of 0 patches", ran.line("windows: "));
    Said verified = Said.of(dir, "verify", "DIR/out");
    assertEquals(0, verified.status, verified.out + verified.err);
    assertEquals("INCONCLUSIVE (as expected)", verified.line("verdict: "));
  }

  /// That nobody met it is luck, and there is a race all the same.
  @Test
  void whoMightHaveMetItIsFound() throws IOException {
    Said ran = run(UNLUCKY + "expect: {kind: race}\n");
    assertEquals(0, ran.status, ran.out + ran.err);
    assertEquals("not met: tail+head, 0 executions of 320 patches", ran.line("windows: "));
    assertTrue(ran.out.matches("(?s).*\\ntail\\+head +across lines +160 +\\d+ +0 +0 *\\n.*"), ran.out);
    assertTrue(ran.line("contract: ").startsWith("kept, "), ran.out);
    assertTrue(ran.line("race: ").contains("parts of two texts may be run as one instruction"), ran.out);
    Said verified = Said.of(dir, "verify", "DIR/out");
    assertEquals(0, verified.status, verified.out + verified.err);
    assertEquals(ran.line("first failure: "), verified.line("first failure: "));
  }

  @Test
  void whoeverMeetsItFails() throws IOException {
    Said ran = run(UNLUCKY + "batch: 1\nexpect: {kind: torn}\n");
    assertEquals(0, ran.status, ran.out + ran.err);
    assertTrue(ran.out.matches("(?s).*\\ntail\\+head +across pages .*new\\+old [1-9].*"), ran.out);
  }

  @Test
  void aScenarioSaysWhichItAsksFor() throws IOException {
    Said ran = run(RIGHT + "expect: {windows: [trap, tail, head]}\n");
    assertEquals(0, ran.status, ran.out + ran.err);
    assertEquals("PASS (as expected); output in DIR/out", ran.line("verdict: "));
    assertEquals(0, Said.of(dir, "verify", "DIR/out").status);
  }

  @Test
  void withoutTheTruthNothingIsKnown() throws IOException {
    Files.writeString(dir.resolve("x.yaml"), RIGHT);
    Said ran = Said.of(dir, "run", "DIR/x.yaml", "-o", "DIR/out", "--no-truth");
    assertEquals("not looked at, the truth was not kept", ran.line("windows: "));
    Files.writeString(dir.resolve("x.yaml"), RIGHT + "expect: {verdict: inconclusive, windows: [tail]}\n");
    ran = Said.of(dir, "run", "DIR/x.yaml", "-o", "DIR/out", "--no-truth");
    assertEquals("INCONCLUSIVE (as expected); output in DIR/out", ran.line("verdict: "), "asked for, and not known");
  }

  /// Nobody else can meet a patch of a machine with one CPU.
  @Test
  void oneCpuHasNone() throws IOException {
    Said ran = run("""
        isa: aarch64
        cpus: 1
        protocol: brk
        sites: [{count: 3}]
        flips: {total: 3, interval: 100}
        trace: {protocol: etm}
        """);
    assertEquals(0, ran.status, ran.out + ran.err);
    assertEquals("none, no other CPU could meet a patch", ran.line("windows: "));
  }

  @Test
  void aChangedSummaryIsFound() throws IOException {
    run(UNLUCKY + "expect: fail\n");
    Path summary = dir.resolve("out/summary.json");
    String text = Files.readString(summary);
    Matcher stale = Pattern.compile("\"stale\" : ([1-9]\\d*)").matcher(text);
    assertTrue(stale.find(), text);
    int less = Integer.parseInt(stale.group(1)) - 1;
    Files.writeString(summary, stale.replaceFirst("\"stale\" : " + less));
    Reseal.directory(dir.resolve("out"));
    Said verified = Said.of(dir, "verify", "DIR/out");
    assertEquals(1, verified.status, verified.out + verified.err);
    String stored = "the stored windows are \\[trap of sites across lines: \\[160, \\d+, \\d+, " + less + ", ";
    assertTrue(Pattern.compile(stored).matcher(verified.out).find(), verified.out);
  }
}
