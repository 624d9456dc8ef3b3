package dev.crosspatch.sim.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Long runs, and their verification, in a heap that holds but a small part of what they leave. Takes minutes: with
/// `-Pfull` only. That no log is held is a matter of `RunLogsTest`, always. AArch64 has a second copy of RAM, that of
/// the point of unification.
final class LongRunTest {
  private static final int FLIPS = 4000;

  @TempDir Path dir;

  @ParameterizedTest
  @CsvSource({"x86-64, int3-batch, pt, 30000, 64", "aarch64, brk, etm, 900, 96"})
  void memoryDoesNotGrowWithTheRun(String isa, String protocol, String trace, int interval, int heap)
      throws IOException, InterruptedException {
    assumeTrue(Boolean.getBoolean("crosspatch.full"), "takes minutes: -Pfull");
    Path scenario = Files.writeString(dir.resolve("long.yaml"), """
        isa: %s
        cpus: 4
        protocol: %s
        keys: 4
        sites: [{count: 64}]
        flips: {total: %d, interval: %d}
        tick: 50000
        trace: {protocol: %s}
        limits: {retired: 2_000_000_000, cycles: 100_000_000_000}
        """.formatted(isa, protocol, FLIPS, interval, trace));
    Process process = new ProcessBuilder(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC", "-Xmx" + heap + "m",
        "-cp", System.getProperty("java.class.path"),
        Main.class.getName(), "run", scenario.toString(), "-o",
        dir.resolve("out").toString()).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
    assertTrue(said.contains("verdict: PASS (as expected)"), said);
    long truth = 0;
    for (int cpu = 0; cpu < 4; cpu++) {
      truth += Files.size(dir.resolve("out/truth/cpu" + cpu + ".log"));
    }
    assertTrue(truth > 100 << 20, "more than the heap: " + truth);
  }
}
