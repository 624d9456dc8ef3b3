package dev.crosspatch.sim.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `run --no-truth`: no truth is left, what can be checked without it is, and that is what is said.
final class NoTruthTest {
  private static final String GOOD =
      """
      isa: x86-64
      cpus: 2
      staleness: adversarial
      protocol: int3-batch
      sites: [{count: 3, length: 5, place: line 62}]
      flips: {total: 20, interval: 3000}
      trace: {protocol: pt}
      """;
  /// The decoder finds the true flow all the same: only the contract tells.
  private static final String BROKEN = GOOD + "leave-out: [report-before-sync-a]\nexpect: fail\n";

  @TempDir Path dir;

  private record Said(int status, String out) {}

  private static Said say(Object... args) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream before = System.out;
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      int status = Main.execute(List.of(args).stream().map(Object::toString).toArray(String[]::new));
      return new Said(status, bytes.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(before);
    }
  }

  private Path out(String scenario) throws IOException {
    Files.writeString(dir.resolve("s.yaml"), scenario);
    return dir.resolve("out");
  }

  @Test
  void theVerdictRestsOnWhatIsSaid() throws IOException {
    Path out = out(GOOD);
    Said run = say("run", "--no-truth", "--flow", dir.resolve("s.yaml"), "-o", out);
    assertEquals(0, run.status, run.out);
    assertTrue(run.out.contains("not checked: the decoded flow against the truth, which was not kept"), run.out);
    assertTrue(run.out.contains("stale executions, 0 violations)"), run.out);
    assertFalse(Files.exists(out.resolve("truth")));
    assertTrue(Files.exists(out.resolve("decoded/cpu0.flow")));
    String summary = Files.readString(out.resolve("summary.json"));
    assertTrue(summary.contains("\"flow\" : false") && summary.contains("\"memory\" : false"), summary);
    assertEquals(2, summary.split("\"mismatches\" : null", -1).length - 1, summary);
    assertEquals(2, summary.split("\"lost\" : null", -1).length - 1, summary);
    assertTrue(run.out.contains("kept, and what ran from memory against the contract"), run.out);
    Said verify = say("verify", out);
    assertEquals(0, verify.status, verify.out);
    assertTrue(verify.out.contains("0 violations, found when it ran); not checked: the decoded flow"), verify.out);
  }

  @Test
  void theContractIsCheckedAllTheSame() throws IOException {
    Path out = out(BROKEN);
    Said run = say("run", "--no-truth", dir.resolve("s.yaml"), "-o", out);
    assertTrue(run.out.contains("verdict: FAIL (as expected)"), run.out);
    Said verify = say("verify", out);
    assertTrue(verify.out.contains("FAIL"), verify.out);
    assertFalse(verify.out.contains(" 0 violations"), verify.out);
    assertEquals(0, verify.status, verify.out);
    assertFalse(verify.out.contains("the stored"), verify.out);
    assertEquals(List.of("-", "-", "-"), verify.out.lines().skip(1).findFirst().map(l -> l.strip().split(" +"))
        .map(c -> List.of(c[2], c[3], c[6])).orElseThrow());
  }

  @Test
  void withTruthEverythingIsChecked() throws IOException {
    Path out = out(GOOD);
    assertEquals(0, say("run", dir.resolve("s.yaml"), "-o", out).status);
    String summary = Files.readString(out.resolve("summary.json"));
    assertTrue(summary.contains("\"flow\" : true") && summary.contains("\"memory\" : true")
        && summary.contains("\"mismatches\" : 0"), summary);
    assertTrue(Files.exists(out.resolve("truth/cpu1.log")));
  }
}
