package dev.crosspatch.sim.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Timer ticks as often as a scenario may have them: on every preset the run ends well.
final class TickTest {
  @TempDir Path dir = Path.of("");

  @ParameterizedTest
  @CsvSource({"x86-64, int3-batch, pt, skylake, 1963", "x86-64, int3-batch, pt, zen4, 1157",
      "aarch64, brk, etm, cortex-a72, 16", "aarch64, brk, ete, neoverse-n1, 4",
      "aarch64, brk, ete, max, 4"})
  void theShortestPeriodEndsWell(String isa, String protocol, String trace, String preset, long period)
      throws IOException {
    Files.writeString(dir.resolve("x.yaml"),
        """
        isa: %s
        protocol: %s
        trace: {protocol: %s}
        preset: %s
        cpus: 3
        sites: [{count: 4}]
        flips: {total: 3, interval: 500}
        limits: {retired: 2_000_000}
        tick: %d
        expect: {verdict: pass, windows: []}
        """.formatted(isa, protocol, trace, preset, period));
    Said said = Said.of(dir, "run", "DIR/x.yaml", "-o", "DIR/x");
    assertEquals("PASS (as expected); output in DIR/x", said.line("verdict: "), said.out);
    assertEquals(0, said.status, said.err);
  }
}
