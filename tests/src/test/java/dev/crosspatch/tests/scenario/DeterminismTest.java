package dev.crosspatch.tests.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.crosspatch.sim.scenario.Scenario;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Same image, configuration and seed: same bytes, twice and in another process. Another seed: other bytes.
final class DeterminismTest {

  @ParameterizedTest
  @ValueSource(strings = {"x86-straddling", "arm64-adversarial"})
  void sameSeedSameBytes(String name, @TempDir Path dir) throws IOException, InterruptedException {
    Scenario scenario = Scenarios.read(name);
    Scenarios.run(scenario, dir.resolve("first"));
    Scenarios.run(scenario, dir.resolve("second"));
    elsewhere(name, dir.resolve("third"));
    RunHashes first = RunHashes.of(dir.resolve("first"));
    assertEquals(first, RunHashes.of(dir.resolve("second")), "the same process");
    assertEquals(first, RunHashes.of(dir.resolve("third")), "another process");
    Scenarios.run(scenario.withSeed(scenario.machine().seed() + 1), dir.resolve("other"));
    assertNotEquals(first, RunHashes.of(dir.resolve("other")), "another seed");
  }

  private static void elsewhere(String name, Path out) throws IOException, InterruptedException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Path file = Scenarios.file(name);
    List<String> command =
        List.of(java, "-cp", System.getProperty("java.class.path"), "dev.crosspatch.sim.cli.Main", "run",
            file.toString(), "-o", out.toString());
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
  }
}
