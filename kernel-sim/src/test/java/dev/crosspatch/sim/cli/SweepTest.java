package dev.crosspatch.sim.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// One scenario with many seeds, and many scenarios with one.
final class SweepTest {
  private static final String TWIN =
      """
      isa: x86-64
      cpus: 4
      staleness: adversarial
      protocol: int3-batch
      batch: 1
      sites: [{count: 6, length: 5, place: line 61}]
      flips: {total: 12, interval: 2000}
      trace: {protocol: pt}
      leave-out: [sync-b]
      """;

  @TempDir Path dir = Path.of("");

  @BeforeEach
  void scenario() throws IOException {
    Files.writeString(dir.resolve("twin.yaml"), TWIN);
  }

  private Said run(String args) {
    return Said.of(dir, ("run DIR/twin.yaml " + args).split(" ", -1));
  }

  private List<String> left() throws IOException {
    try (Stream<Path> files = Files.list(dir.resolve("out"))) {
      return files.map(p -> p.getFileName().toString()).sorted().toList();
    }
  }

  /// Each row is what a run with that seed alone says, and what did not end as expected can be verified.
  @Test
  void aRowForEachSeedAndTheOutputOfThoseThatFail() throws IOException {
    Said said = run("--seeds 1..6 -o DIR/out");
    assertEquals(1, said.status, said.err);
    List<String> rows = said.out.lines().toList();
    assertEquals(8, rows.size(), said.out);
    int bad = 0;
    for (int seed = 1; seed <= 6; seed++) {
      Said alone = run("--seed " + seed + " -o DIR/alone");
      String verdict = alone.line("verdict: ").replaceFirst(" .*", "");
      assertTrue(rows.get(seed).matches(" *" + seed + " " + verdict + " .*"), rows.get(seed) + alone.out);
      assertEquals(!verdict.equals("PASS"), left().contains("seed-" + seed), said.out);
      bad += verdict.equals("PASS") ? 0 : 1;
      if (verdict.equals("FAIL")) {
        Said again = Said.of(dir, "verify", "DIR/out/seed-" + seed);
        assertEquals("FAIL (expected PASS)", again.line("verdict: "));
        assertTrue(rows.get(seed).endsWith(alone.line("first failure: ").replaceFirst(":.*", "") + ", CPU "
            + alone.line("first failure: ").replaceFirst(".*?CPU (\\d+), cycle \\d+, \\S+ \\(([^)]*)\\).*", "$1, $2")
            + " (not as expected)"), rows.get(seed) + alone.out);
      }
    }
    assertTrue(bad > 0, said.out);
    assertTrue(rows.getLast().startsWith("twin: " + (6 - bad) + " of 6 runs as expected; "), said.out);
  }

  @Test
  void whatIsExpectedLeavesNothing() throws IOException {
    Files.writeString(dir.resolve("twin.yaml"), TWIN.replace("leave-out: [sync-b]\n", ""));
    Files.createDirectories(dir.resolve("out"));
    Said said = run("--seeds 3..5 -o DIR/out");
    assertEquals(0, said.status, said.out + said.err);
    assertEquals(List.of(), left());
    assertEquals("twin: 3 of 3 runs as expected; PASS 3", said.out.lines().toList().getLast());
  }

  @Test
  void theFirstThatIsNotExpectedIsTheLast() throws IOException {
    Files.writeString(dir.resolve("twin.yaml"), TWIN + "expect: {kind: bad-packet}\n");
    Said said = run("--seeds 7..9 --stop-at-first -o DIR/out");
    assertEquals(1, said.status, said.err);
    assertEquals(List.of("seed-7"), left());
    assertEquals(
        "twin: 0 of 1 runs as expected; INCONCLUSIVE 1; not as expected: seed 7", said.out.lines().toList().getLast());
  }

  @Test
  void severalScenariosEndWithTheirNames() throws IOException {
    Files.writeString(dir.resolve("good.yaml"), TWIN.replace("leave-out: [sync-b]\n", ""));
    Said said = Said.of(dir, "run", "DIR/good.yaml", "DIR/twin.yaml", "-o", "DIR/out");
    List<String> lines = said.out.lines().toList();
    assertTrue(lines.get(lines.size() - 2).matches("good +PASS +as expected"), said.out);
    assertTrue(lines.getLast().matches("twin +[A-Z]+ +NOT as expected"), said.out);
    assertFalse(Said.of(dir, "run", "DIR/good.yaml", "-o", "DIR/one").out.contains("good  "));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "--seeds 5..1 | '5..1' is no range of seeds: A..B, with 0 <= A <= B",
      "--seeds 5 | '5' is no range of seeds: A..B",
      "--seeds 1..2..3 | '2..3' is not a whole number",
      "--seeds 1..2 --seed 3 | --seed, --seeds: one of them is enough",
      "--stop-at-first | --stop-at-first: ends a number of runs, and this is one",
      "--seeds 1..2 --choices DIR/c | --save-at, --from, --choices and --force are for one run at a time"
  })
  void whatMakesNoSenseIsALine(String args, String says) {
    Said said = run(args);
    assertEquals(2, said.status, said.out);
    assertTrue(said.err.contains(says), said.err);
    assertEquals(1, said.err.lines().count(), said.err);
  }
}
