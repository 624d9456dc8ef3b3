package dev.crosspatch.sim.window;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.event.Event.StaleExecution;
import dev.crosspatch.sim.run.Checked;
import dev.crosspatch.sim.run.RunConfig;
import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.run.TextLog;
import dev.crosspatch.sim.run.Truth;
import dev.crosspatch.sim.verify.SmallRun;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The versions of lines in the truth give, row by row, the very bytes that ran: what was stale as the record of the
/// stale execution has it, all else as memory held it.
final class ExecutedTextTest {
  private static final String COMMON =
      """
      cpus: 3
      staleness: adversarial
      flips: {total: 12, interval: 2000}
      """;
  private static final String X86 = COMMON
      + "isa: x86-64\nprotocol: int3-batch\ntrace: {protocol: pt}\nsites: [{count: 6, length: 5, place: line 61}, "
          + "{count: 3, length: 2, place: line 63}]\n";
  private static final String ARM = COMMON
      + "isa: aarch64\nprotocol: brk\ntrace: {protocol: ete}\nsites: [{count: 12}]\n";

  @TempDir Path dir;

  /// A row that may not be what the image held.
  private record Row(long cycle, long address, byte[] bytes) {}

  @ParameterizedTest
  @ValueSource(strings = {
      X86, X86 + "leave-out: [trap]\n", X86 + "leave-out: [tail]\n", X86 + "leave-out: [sync-a, sync-b]\n", ARM,
      ARM + "leave-out: [ic-ivau]\n", ARM + "leave-out: [kick]\n",
      ARM + "leave-out: [dc-cvau]\nidc: false\n",
  })
  void isWhatRan(String scenario) throws IOException {
    Path out = dir.resolve("out");
    RunConfig config = SmallRun.into(out, scenario);
    RunDirectory run = new RunDirectory(out, config, Truth.WHOLE, new Checked(true, Checked.UNKNOWN, 0));
    List<Deque<StaleExecution>> stale = new ArrayList<>();
    for (int cpu = 0; cpu < config.cpus(); cpu++) {
      stale.add(new ArrayDeque<>());
    }
    run.stale(s -> stale.get(s.cpu()).add(s));
    int records = stale.stream().mapToInt(Deque::size).sum();
    List<Row> fresh = new ArrayList<>();
    for (int cpu = 0; cpu < config.cpus(); cpu++) {
      fresh.addAll(fresh(run, cpu, stale.get(cpu)));
      assertTrue(stale.get(cpu).isEmpty(), "every record has its mark");
    }
    assertTrue(records > 0 && records + fresh.size() >= 3,
        records + " stale executions, " + fresh.size() + " fresh ones");
    Image image = run.image();
    for (Row row : fresh.subList(0, Math.min(50, fresh.size()))) {
      byte[] now = run.stores().bytesAt(image, row.address, row.bytes.length, row.cycle);
      // of two cores in the same cycle one comes first
      byte[] before = run.stores().bytesAt(image, row.address, row.bytes.length, row.cycle - 1);
      assertTrue(Arrays.equals(row.bytes, now) || Arrays.equals(row.bytes, before),
          () -> "cycle " + row.cycle + " at " + Long.toHexString(row.address));
    }
  }

  /// Holds what is marked as recorded against the records, and returns the first row behind every change of version
  /// that is not.
  private static List<Row> fresh(RunDirectory run, int cpu, Deque<StaleExecution> records) {
    List<Row> rows = new ArrayList<>();
    try (TextLog versions = run.text();
        ExecutedRows executed = new ExecutedRows(run, run.image(), cpu, versions, line -> {})) {
      while (executed.next()) {
        long address = executed.row().address();
        if (executed.isRecorded()) {
          StaleExecution record = records.remove();
          assertEquals(record.address(), address);
          assertEquals(record.cycle(), executed.began(), "the time before a mark is exact");
          byte[] ran = executed.text().instruction(address);
          assertArrayEquals(record.executed(), Arrays.copyOf(ran, record.executed().length));
        } else if (executed.isExact()) {
          rows.add(new Row(executed.began(), address, executed.text().instruction(address)));
        }
      }
    }
    return rows;
  }
}
