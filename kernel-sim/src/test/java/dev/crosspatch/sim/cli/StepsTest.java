package dev.crosspatch.sim.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Which steps of its protocol a scenario needs.
final class StepsTest {
  private static final String SAFE =
      """
      isa: x86-64
      cpus: 4
      staleness: adversarial
      protocol: int3-batch
      batch: 1
      sites: [{count: 6, length: 5, place: line 61}]
      flips: {total: 12, interval: 2000}
      trace: {protocol: pt}
      """;

  @TempDir Path dir = Path.of("");

  @BeforeEach
  void scenario() throws IOException {
    Files.writeString(dir.resolve("safe.yaml"), SAFE);
  }

  private Said steps(String args) {
    return Said.of(dir, ("steps " + args).split(" ", -1));
  }

  private static List<String> cells(Said said, String step) {
    return List.of(said.line(step + " ").strip().split(" {2,}"));
  }

  /// What each row says is what a run with that step left out says: that of the shipped twins, in short.
  @Test
  void aRowForEachStep() {
    Said said = steps("DIR/safe.yaml --seeds 1..3");
    assertEquals(0, said.status, said.err);
    List<String> rows = said.out.lines().toList();
    assertEquals("safe: jump_label, int3-batch", rows.getFirst());
    assertEquals(18, rows.size(), said.out);
    assertEquals(List.of("0", "3", "0", "-", "Nothing"), cells(said, "-"));
    assertEquals(List.of("3", "0", "0", "1", "unreported 3",
        "The text-poke event, so the poke log stays empty"), cells(said, "report"));
    assertEquals(List.of("3", "0", "0", "1", "torn 3",
        "The writes of bytes 1 and up, which leaves a mixed instruction behind"), cells(said, "tail"));
    assertEquals(List.of("0", "3", "0", "-", "The wait until no CPU uses the site vector"),
        cells(said, "refcount-wait"));
    assertTrue(cells(said, "report-before-sync-a").getLast().startsWith("(done wrongly) "), said.out);
    assertFalse(Files.exists(Path.of("out", "safe")), "nothing is left of the runs");
    for (String step : List.of("trap", "sync-a", "sync-c")) {
      int seed = Integer.parseInt(cells(said, step).get(3));
      Said alone = Said.of(dir, "run", "DIR/safe.yaml", "--set", "leave-out=[" + step + "]", "--seed", "" + seed,
          "-o", "DIR/alone");
      assertEquals(1, alone.status, alone.err);
      String kind = alone.line("first failure: ").replaceFirst(":.*", "");
      assertTrue(cells(said, step).get(4).contains(kind + " "), kind + " in\n" + said.out);
    }
  }

  /// What a scenario leaves out itself stays left out, and with it what the step is about.
  @Test
  void whatIsLeftOutAlreadyStaysSo() {
    Said said = steps("DIR/safe.yaml --seeds 1..1 --set leave-out=[report] --set expect=fail");
    assertEquals(0, said.status, said.err);
    assertEquals(List.of("1", "0", "0", "1", "unreported 1", "Nothing"), cells(said, "-"));
    assertTrue(said.out.lines().noneMatch(line -> line.startsWith("report")),
        "a step that is left out, or excluded by one: " + said.out);
  }

  /// Steps of what the scenario's work brings are steps of its kernel, too.
  @Test
  void stepsOfThePartsThatTheScenarioBrings() {
    Said said = steps("DIR/safe.yaml --seeds 1..2 --set hotplug.cpu=1 --set hotplug.every=2 --set expect={windows:[]}");
    assertEquals(0, said.status, said.err);
    assertEquals("The synchronization of a CPU that comes up", cells(said, "hotplug-sync").getLast());
  }

  @Test
  void theStatusIsThatOfTheWhole() {
    assertEquals(1, steps("DIR/safe.yaml --seeds 1..1 --set expect=fail").status);
    assertEquals("crosspatch: --set: takes one value here; it is leave-out that has several",
        steps("DIR/safe.yaml --set cpus=1,2").err.strip());
    Said none = steps("DIR/safe.yaml DIR/none.yaml");
    assertEquals(2, none.status);
    assertEquals("", none.out);
    assertEquals(2, steps("DIR/safe.yaml --seeds 3..1").status);
  }
}
