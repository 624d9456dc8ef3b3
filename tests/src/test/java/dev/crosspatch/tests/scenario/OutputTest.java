package dev.crosspatch.tests.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.sim.cli.Main;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `crosspatch run --flow` leaves what `docs/formats.md` says, and its flow files are equal exactly when the decode is
/// right.
final class OutputTest {
  @TempDir Path dir = Path.of("");

  private int run(String scenario) {
    Path file = Scenarios.file(scenario);
    return Main.execute("run", file.toString(), "--flow", "--out", dir.resolve("out").toString());
  }

  private long firstDifference(int cpu) throws IOException {
    Path truth = dir.resolve("out/truth/cpu" + cpu + ".flow");
    assertTrue(Files.size(truth) > 10_000);
    return Files.mismatch(truth, dir.resolve("out/decoded/cpu" + cpu + ".flow"));
  }

  @ParameterizedTest
  @CsvSource({"x86-straddling, pt", "arm64-adversarial, etm"})
  void leavesWhatIsDocumentedAndFlowsThatAreEqual(String scenario, String suffix) throws IOException {
    assertEquals(0, run(scenario));
    Set<String> files = new TreeSet<>(Set.of("summary.json", "report.html", "image/vmlinux", "image/kcore",
        "image/kallsyms", "image/modules",
        "pokes.jsonl", "violations.jsonl", "races.jsonl", "truth/stale.jsonl", "truth/stores.log", "truth/events.log",
        "truth/text.log"));
    for (int cpu = 0; cpu < Scenarios.read(scenario).machine().cpus(); cpu++) {
      files.addAll(Set.of("trace/cpu" + cpu + "." + suffix, "truth/cpu" + cpu + ".log", "truth/cpu" + cpu + ".flow",
          "decoded/cpu" + cpu + ".flow"));
      assertEquals(-1, firstDifference(cpu), "CPU " + cpu);
    }
    try (Stream<Path> walk = Files.walk(dir.resolve("out"))) {
      assertEquals(files, walk.filter(Files::isRegularFile).map(p -> dir.resolve("out").relativize(p).toString())
          .collect(Collectors.toCollection(TreeSet::new)));
    }
  }

  @Test
  void wrongDecodesDiffer() throws IOException {
    assertEquals(0, run("x86-jump-label-without-poke-log"), "fails as expected");
    assertNotEquals(-1, firstDifference(1));
  }
}
