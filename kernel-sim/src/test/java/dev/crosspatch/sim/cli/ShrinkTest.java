package dev.crosspatch.sim.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.crosspatch.sim.scenario.Scenario;
import dev.crosspatch.sim.scenario.ScenarioReader;
import dev.crosspatch.sim.scenario.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// A failing scenario and the smallest that fails the same way.
final class ShrinkTest {
  private static final Path SHIPPED = Path.of("../scenarios");

  @TempDir Path dir = Path.of("");

  private Said shrink(String args) {
    return Said.of(dir, ("run " + args + " --shrink DIR/small.yaml -o DIR/out").split(" ", -1));
  }

  /// What is left fails by itself, as the whole did, and is as small as it says.
  @ParameterizedTest
  @CsvSource({"x86-straddling-without-int3, torn", "arm64-adversarial-without-dc-cvau, old-after-event",
      "x86-tick-patched-direct, unreported"})
  void aTwinShrinksToTwoOfEach(String twin, String kind) throws IOException {
    Said said = shrink(SHIPPED.resolve(twin + ".yaml").toString());
    assertEquals(0, said.status, said.err);
    Path small = dir.resolve("small.yaml");
    Scenario left = ScenarioReader.read(small);
    assertTrue(left.machine().cpus() <= 2 && left.guest().sites().count() <= 2 && left.guest().flips().total() <= 2,
        Files.readString(small));
    assertTrue(said.line("shrunk to ").contains(": " + kind), said.out);
    Said again = Said.of(dir, "run", "DIR/small.yaml", "-o", "DIR/again");
    assertEquals(0, again.status, again.out + again.err);
    assertTrue(again.line("verdict: ").startsWith("FAIL (as expected)"), again.out);
    assertTrue(again.out.contains("first failure: " + kind), again.out);
    try (Stream<Path> files = Files.list(dir)) {
      assertEquals(List.of("again", "small.yaml"), files.map(f -> f.getFileName().toString()).sorted().toList());
    }
  }

  /// Twins of static keys of which the smallest is larger than two of each: CPUs, sites and flips, as
  /// docs/scenarios.md has them.
  private static final Map<String, List<Integer>> LARGER = Map.of(
      "arm64-events-lost", List.of(1, 63, 2), "x86-events-lost", List.of(1, 47, 5),
      "arm64-hotplug-without-sync", List.of(3, 1, 4), "x86-hotplug-without-sync", List.of(3, 1, 4),
      "arm64-clocks-apart", List.of(3, 1, 2), "x86-straddling-without-sync-b", List.of(2, 4, 2),
      "x86-inline-without-sync-b", List.of(2, 4, 3), "x86-jump-label-five-nops", List.of(2, 1, 3));

  /// Scenarios of static keys that ship and expect a failure.
  static Stream<String> twins() throws IOException {
    try (Stream<Path> files = Files.list(SHIPPED)) {
      return files.filter(f -> f.toString().endsWith(".yaml")).sorted().map(ScenarioReader::read)
          .filter(s -> s.expect().verdict() == Verdict.FAIL
              && s.guest().patching().mechanism().name().equals("jump_label"))
          .map(Scenario::name).toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("twins")
  void everyTwinOfStaticKeysShrinks(String twin) {
    assumeTrue(Boolean.getBoolean("crosspatch.full"), "takes minutes: -Pfull");
    Said said = shrink(SHIPPED.resolve(twin + ".yaml").toString());
    assertEquals(0, said.status, said.err);
    Scenario left = ScenarioReader.read(dir.resolve("small.yaml"));
    List<Integer> most = LARGER.getOrDefault(twin, List.of(2, 2, 2));
    List<Integer> size =
        List.of(left.machine().cpus(), left.guest().sites().count(), (int) left.guest().flips().total());
    assertTrue(IntStream.range(0, most.size()).allMatch(i -> size.get(i) <= most.get(i)), size + "\n" + said.out);
  }

  @Test
  void whatDoesNotFailIsNotShrunk() {
    Said said = shrink(SHIPPED.resolve("x86-straddling.yaml") + " --set flips.total=2 --seed 3");
    assertEquals(2, said.status);
    assertTrue(said.err.contains("does not fail: it ends with "), said.err);
    assertFalse(Files.exists(dir.resolve("small.yaml")));
    assertEquals("crosspatch: --shrink: tries 10,000 seeds at most, and these are more",
        shrink(SHIPPED.resolve("x86-straddling.yaml") + " --seeds 1..4000000000").err.strip());
  }

  /// A file of another kind stays, and so does the scenario; an earlier result makes way.
  @Test
  void replacesNothingButItsOwn() throws IOException {
    String twin = "base: " + SHIPPED.toAbsolutePath().resolve("x86-straddling.yaml") + "\nleave-out: [report]\n";
    Path own = Files.writeString(dir.resolve("own.yaml"), twin);
    Path small = Files.writeString(dir.resolve("small.yaml"), "precious: 1\n");
    Said said = shrink("DIR/own.yaml");
    assertEquals(2, said.status);
    assertEquals(
        "crosspatch: --shrink: DIR/small.yaml is there and is no scenario that was shrunk; choose another name "
        + "or remove it", said.err.strip());
    assertEquals("precious: 1\n", Files.readString(small));
    said = Said.of(dir, "run", "DIR/own.yaml", "--shrink", "DIR/own.yaml");
    assertEquals("crosspatch: --shrink: DIR/own.yaml is the scenario, which would be lost", said.err.strip());
    assertEquals(twin, Files.readString(own));
    assertEquals("crosspatch: --shrink: - is not standard output here; name a file",
        Said.of(dir, "run", "DIR/own.yaml", "--shrink", "-").err.strip());
    Files.delete(small);
    assertEquals(0, shrink("DIR/own.yaml").status);
    String before = Files.readString(small);
    Files.writeString(dir.resolve("other.yaml"), "base: small.yaml\n");
    assertEquals("crosspatch: --shrink: DIR/small.yaml is a base of the scenario, which would be lost",
        shrink("DIR/other.yaml").err.strip());
    assertEquals(before, Files.readString(small));
    assertEquals(0, shrink("DIR/own.yaml --set cpus=3").status);
  }

  /// What is as small as can be is written, too, with what is expected of it.
  @Test
  void theSmallestStays() throws IOException {
    Files.writeString(dir.resolve("one.yaml"), """
        {isa: x86-64, cpus: 1, protocol: int3-batch, sites: [{length: 5}], flips: {total: 1}, trace: {protocol: pt},
        leave-out: [report]}
        """);
    Said said = shrink("DIR/one.yaml");
    assertTrue(said.out.contains("\nnothing smaller fails the same way (1 run)\n"), said.out);
    Said again = Said.of(dir, "run", "DIR/small.yaml", "-o", "DIR/again");
    assertEquals(0, again.status, again.out + again.err);
  }

  /// Names of files and folders may hold what means something in YAML.
  @Test
  void namesAreTakenAsTheyAre() throws IOException {
    Path shipped = Path.of("src/main/resources/dev/crosspatch/mechanisms/jump-label");
    Path folder = Files.createDirectories(dir.resolve("my \"own\": #1"));
    try (Stream<Path> files = Files.list(shipped)) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(file.getFileName()));
      }
    }
    Path sub = Files.createDirectories(dir.resolve("sub"));
    Files.writeString(sub.resolve("a\nb \"c\\.yaml"), """
        isa: x86-64
        cpus: 2
        mechanism: '../my "own": #1'
        protocol: int3-batch
        sites: [{length: 5, place: line 61}]
        flips: {total: 1}
        trace: {protocol: pt}
        leave-out: [report]
        """);
    Said said = Said.of(dir, "run", "DIR/sub/a\nb \"c\\.yaml", "--shrink", "DIR/small.yaml", "-o", "DIR/out");
    assertEquals(0, said.status, said.err);
    Said again = Said.of(dir, "run", "DIR/small.yaml", "-o", "DIR/again");
    assertEquals(0, again.status, again.out + again.err + Files.readString(dir.resolve("small.yaml")));
  }

  @Test
  void theFileCannotBeWritten() {
    Said said = Said.of(dir, "run", SHIPPED.resolve("x86-straddling-without-sync-b.yaml").toString(), "--shrink",
        "DIR/no/small.yaml", "-o", "DIR/out");
    assertEquals(2, said.status);
    assertTrue(said.err.contains("DIR/no/small.yaml: cannot be written: there is no directory"), said.err);
  }
}
