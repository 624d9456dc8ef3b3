package dev.crosspatch.sim.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.crosspatch.core.event.RetireBatch;
import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.scenario.ScenarioReader;
import dev.crosspatch.tracer.unit.TraceUnit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Logs leave the run as they are made.
final class RunLogsTest {
  /// Most bytes of trace that a batch can bring: a run brings a few packets.
  private static final int BATCH = RetireBatch.CAPACITY * 128;
  /// Bytes of truth held back at most, [dev.crosspatch.sim.truth.TruthLog]'s buffer.
  private static final int TRUTH = 1 << 16;
  private static final String SCENARIO =
      """
      isa: x86-64
      cpus: 2
      protocol: int3-batch
      sites: [{count: 8, length: 5}]
      flips: {total: 300, interval: 3000}
      trace: {protocol: pt, psb_period: 2048}
      """;

  @TempDir Path dir;
  private Path scenario;

  @BeforeEach
  void scenario() throws IOException {
    scenario = Files.writeString(dir.resolve("small.yaml"), SCENARIO);
  }

  @Test
  void noneHoldsMoreThanItsBuffer() {
    Map<String, Long> written = new HashMap<>();
    Run run = new Run(ScenarioReader.read(scenario),
        RunLogs.to(true, name -> (bytes, from, length) -> written.merge(name, (long) length, Long::sum)));
    long[] retired = new long[run.machine().cpus()];
    for (int cpu = 0; cpu < retired.length; cpu++) {
      int number = cpu;
      String trace = RunFiles.trace(cpu, "pt");
      String truth = RunFiles.truth(cpu);
      run.machine().attach(cpu, batch -> {
        retired[number] += batch.rows();
        assertTrue(run.trace(number).size() - written.getOrDefault(trace, 0L) <= TraceUnit.CHUNK + BATCH);
        assertTrue(written.getOrDefault(truth, 0L) >= retired[number] - TRUTH, "a row is a byte at least");
      });
    }
    run.execute(r -> {});
    for (int cpu = 0; cpu < retired.length; cpu++) {
      assertEquals(run.trace(cpu).size(), written.get(RunFiles.trace(cpu, "pt")));
      assertTrue(run.trace(cpu).size() > 3 * TraceUnit.CHUNK,
          "the trace is longer than what is held back: " + run.trace(cpu).size());
      assertTrue(written.getOrDefault(RunFiles.truth(cpu), 0L) > 3 * TRUTH, "so is the truth");
    }
    written.remove(RunFiles.STALE);
    assertEquals(
        Set.of("pokes.jsonl", "trace/cpu0.pt", "trace/cpu1.pt", "truth/cpu0.log", "truth/cpu1.log", "truth/stores.log",
            "truth/events.log",
            "truth/text.log"), written.keySet());
  }

  @ParameterizedTest
  @ValueSource(strings = {"trace/cpu1.pt", "truth/cpu0.log", "truth/stores.log", "truth/events.log", "truth/text.log",
      "pokes.jsonl"})
  void aFullDiskEndsTheRunWithOneLine(String name) throws IOException {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "no /dev/full");
    Path out = dir.resolve("out");
    BadInput bad = assertThrows(BadInput.class, () -> {
      try (OutputDirectory directory = new OutputDirectory(out, OutputKind.RUN)) {
        Files.createSymbolicLink(directory.file(name), full);
        try (RunLogs logs = RunLogs.in(directory, true)) {
          new Run(ScenarioReader.read(scenario), logs).execute(r -> {});
        }
      }
    });
    assertTrue(bad.line().contains("out: " + name + " cannot be written: No space left on device"), bad.line());
    assertEquals(1, bad.line().lines().count());
    try (var left = Files.list(dir)) {
      assertEquals(List.of(scenario), left.toList());
    }
  }
}
