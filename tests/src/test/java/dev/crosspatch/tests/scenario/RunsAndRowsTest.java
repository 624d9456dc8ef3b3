package dev.crosspatch.tests.scenario;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.event.RetireBatch;
import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.core.event.RetireSink;
import dev.crosspatch.sim.Plugins;
import dev.crosspatch.sim.run.Run;
import dev.crosspatch.sim.scenario.Scenario;
import dev.crosspatch.tracer.unit.TraceSetup;
import dev.crosspatch.tracer.unit.TraceUnit;
import java.io.ByteArrayOutputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A trace unit hears runs and looks into them only where it must: its bytes are those of a unit that hears every row
/// by itself.
final class RunsAndRowsTest {

  /// A unit, and its twin that hears the same rows one by one.
  private static final class Pair implements RetireSink {
    final ByteArrayOutputStream runsTrace = new ByteArrayOutputStream();
    final ByteArrayOutputStream rowsTrace = new ByteArrayOutputStream();
    final TraceUnit runs;
    final TraceUnit rows;
    private final RetireBatch single = new RetireBatch();
    long heardRuns;
    long heardRows;

    Pair(TraceSetup setup, int cpu) {
      runs = setup.unit(cpu, runsTrace::write);
      rows = setup.unit(cpu, rowsTrace::write);
    }

    @Override
    public void retired(RetireBatch batch) {
      runs.retired(batch);
      int count = batch.rows();
      for (int i = 0; i < count; i++) {
        RetireRow row = batch.row(i);
        single.clear();
        single.add(row.kind(), row.pc, row.next, row.time, row.info);
        rows.retired(single);
      }
      heardRuns += batch.runs();
      heardRows += count;
    }

    @Override
    public void end() {
      runs.end();
      rows.end();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "x86-straddling, pt, 0, 4096, 16",
    "x86-straddling, pt, 0, 256, 16",
    "x86-straddling, pt, 256, 512, 1",
    "arm64-adversarial, etm, 0, 4096, 16",
    "arm64-adversarial, etm, 256, 1024, 1",
    "arm64-adversarial, ete, 256, 1024, 2",
  })
  void makeTheSameTrace(String name, String protocolName, long fifo, long period, long drain) {
    Scenario scenario = Scenarios.read(name);
    TraceSetup setup = Plugins.traceUnits(protocolName).configure((option, otherwise) -> switch (option) {
      case "fifo_bytes" -> fifo;
      case "drain_bytes" -> drain;
      case "psb_period", "sync_period" -> period;
      default -> otherwise;
    });
    Run run = new Run(scenario);
    Pair[] pairs = new Pair[run.machine().cpus()];
    for (int cpu = 0; cpu < pairs.length; cpu++) {
      pairs[cpu] = new Pair(setup, cpu);
      run.machine().attach(cpu, pairs[cpu]);
    }
    run.execute(r -> {});
    int overflows = 0;
    for (Pair pair : pairs) {
      assertArrayEquals(pair.rowsTrace.toByteArray(), pair.runsTrace.toByteArray());
      assertEquals(pair.rows.overflows(), pair.runs.overflows());
      assertTrue(pair.heardRuns < pair.heardRows, "runs are longer than a row");
      overflows += pair.runs.overflows();
    }
    assertEquals(fifo > 0, overflows > 0, "the buffer overflows if it has an end");
  }
}
