package dev.crosspatch.sim.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.sim.scenario.ScenarioReader;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// More sites than a scenario that ships has: tables have room for them.
final class ManySitesTest {
  @ParameterizedTest
  @CsvSource({"x86-64, kprobe, int3-probe, 5, pt", "aarch64, kprobe, brk-probe, 4, etm",
      "x86-64, optprobe, int3-optprobe, 5, pt", "x86-64, kretprobe, int3-rethook, 1, pt",
      "aarch64, kretprobe, brk-rethook, 4, etm"})
  void everySiteIsPatched(String isa, String mechanism, String protocol, int length, String trace) {
    Run run = new Run(ScenarioReader.parse("many", "many.yaml", """
        isa: %s
        cpus: 2
        mechanism: %s
        protocol: %s
        keys: 2
        sites: [{count: 72, length: %d}]
        flips: {total: 2, interval: 1000}
        tasks: 2
        tick: 20000
        trace: {protocol: %s}
        """.formatted(isa, mechanism, protocol, length, trace)));
    run.execute(r -> {});
    assertTrue(run.end().good(), () -> run.end().line());
    assertEquals(0, run.races());
  }
}
