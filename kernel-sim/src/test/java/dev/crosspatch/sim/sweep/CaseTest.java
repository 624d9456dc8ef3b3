package dev.crosspatch.sim.sweep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.sim.BadInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Which runs there are, in which order, and how their directories are called.
final class CaseTest {
  @TempDir Path dir = Path.of("");
  private Path file = Path.of("");

  @BeforeEach
  void scenario() throws IOException {
    file = dir.resolve("s.yaml");
    Files.writeString(file, """
        isa: x86-64
        protocol: int3-batch
        sites: [{count: 2}]
        seed: 5
        trace: {protocol: pt}
        """);
  }

  private Plan plan(Seeds seeds, String... set) {
    return new Plan(List.of(file), Arrays.stream(set).map(Axis::of).toList(), seeds, null);
  }

  private Plan plan(String... set) {
    return new Plan(List.of(file), Arrays.stream(set).map(Axis::of).toList(), null, null);
  }

  private static List<String> labels(Plan plan) {
    return plan.cases().map(Case::label).toList();
  }

  @Test
  void allCombinationsTheLastKeyFastestAndSeedsFasterStill() {
    Plan plan = plan(new Seeds(1, 2), "cpus=1,2", "batch=7", "staleness=typical,adversarial");
    assertEquals(List.of("cpus=1,staleness=typical,seed-1", "cpus=1,staleness=typical,seed-2",
        "cpus=1,staleness=adversarial,seed-1", "cpus=1,staleness=adversarial,seed-2",
        "cpus=2,staleness=typical,seed-1", "cpus=2,staleness=typical,seed-2",
        "cpus=2,staleness=adversarial,seed-1", "cpus=2,staleness=adversarial,seed-2"), labels(plan));
    assertEquals(8, plan.size());
    assertTrue(plan.isSweep());
    assertTrue(plan.cases().allMatch(c -> c.scenario().guest().patching().batchLimit() == 7
        && c.scenario().guest().work().cpus() == (c.label().startsWith("cpus=1") ? 1 : 2)));
  }

  @Test
  void withoutListsItIsOneRun() {
    assertEquals(List.of("seed-5"), labels(plan("cpus=2")));
    assertTrue(!plan("cpus=2").isSweep());
    assertEquals(List.of("seed-7"), labels(new Plan(List.of(file), List.of(), null, 7L)));
    assertEquals(List.of("seed-3", "seed-9"), labels(plan("seed=3,9")));
  }

  @Test
  void manySeedsAreNotListed() {
    assertEquals(Long.MAX_VALUE, plan(new Seeds(0, Long.MAX_VALUE - 1), "cpus=1,2").size());
    assertEquals("cpus=1,seed-3", plan(new Seeds(3, Long.MAX_VALUE - 1), "cpus=1,2").cases().findFirst().orElseThrow()
        .label());
  }

  /// A directory's name has no separator, no blank, nothing that a shell takes for something else; and tells runs
  /// apart.
  @Test
  void namesAreSafe() {
    String list = labels(plan("description=a/b,a b,../c,\"a,b\",\u00e9,-rf")).toString();
    assertTrue(list.matches("\\[[\\w.=,+~ -]*]"), list);
    List<String> labels = labels(plan("description=a/b,a b,a_b"));
    assertEquals(3, labels.stream().distinct().count());
    assertTrue(labels.get(0).matches("description=a_b~[0-9a-f]{8},seed-5"), labels.get(0));
    assertEquals("description=a_b,seed-5", labels.get(2));
    String first = "x".repeat(300) + "1";
    List<String> cut = labels(plan("description=" + first + "," + first.replace('1', '2')));
    assertNotEquals(cut.get(0), cut.get(1));
    assertTrue(cut.get(0).length() < 60, cut.get(0));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
      "cpus=2,1 patching-cpu=0,1 | --set: patching-cpu: 1 is not within 0..0 (with cpus=1, patching-cpu=1)",
      "cpus=1,2 cpus=3 | --set: cpus is given twice, one of them a list",
      "cpus=1,x | --set: cpus: 'x' is not a whole number (with cpus=x)",
      "cpus=1,2,3,4,5,6,7,8,9,10 batch=1,2,3,4,5,6,7,8,9,10 tick=1,2,3,4,5,6,7,8,9,10 keys=1,2,3,4,5,6,7,8,9,10,11 | "
          + "--set: 11,000 combinations of values; 10,000 are the most"
  })
  void mistakesAreFoundBeforeAnythingRuns(String set, String says) {
    String line = assertThrows(BadInput.class, () -> plan(set.split(" "))).line();
    assertTrue(line.startsWith(says), line);
  }

  @Test
  void oneWordOnSeeds() {
    assertEquals("--set seed, --seed, --seeds: one of them is enough",
        assertThrows(BadInput.class, () -> plan(new Seeds(1, 2), "seed=1,2")).line());
  }
}
