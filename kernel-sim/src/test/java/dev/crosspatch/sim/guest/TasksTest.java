package dev.crosspatch.sim.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.sim.mechanism.Span;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Tasks take turns on their CPUs: nothing that they count is lost, the work is shared among them, and what patching
/// takes is measured although the task that patches is preempted in it.
final class TasksTest {
  private static final int FLIPS = 12;

  private static GuestConfig.Builder config(String protocol) {
    return Keys.builder(protocol).cpus(2).sites(12).flips(FLIPS)
        .flipInterval(Keys.isX86(protocol) ? 3000 : 150).tickInterval(Keys.isX86(protocol) ? 3000 : 150);
  }

  @ParameterizedTest
  @ValueSource(strings = {"int3-batch", "brk", "nosync-kick"})
  void nothingThatTasksCountIsLost(String protocol) {
    for (int tasks : new int[] {1, 2, 5}) {
      GuestRun run = GuestRun.of(config(protocol).iterations(101L).tasks(tasks).build());
      assertEquals("exit 0", run.lab().outcome().text());
      for (int cpu = 0; cpu < 2; cpu++) {
        assertEquals(101, run.lab().counter(cpu, Counter.ITERATIONS), "iterations of CPU " + cpu);
        assertEquals(GuestKernel.expectedChecksum(run.config(), 101), run.lab().counter(cpu, Counter.CHECKSUM));
        assertEquals(101 * 12, run.lab().counter(cpu, Counter.SITES_OFF) + run.lab().counter(cpu, Counter.SITES_ON));
      }
      assertEquals(FLIPS, run.spans(Span.FLIP));
      assertEquals(FLIPS, run.spans(Span.BATCH));
      assertEquals(run.spans(Span.SYNC), run.lab().counter(1, Counter.IPIS));
    }
  }

  /// The others have whole turns while the task that patches waits for its own.
  @ParameterizedTest
  @ValueSource(strings = {"int3-batch", "brk"})
  void theTaskThatPatchesIsPreempted(String protocol) {
    long alone = cyclesOfFlips(protocol, 1);
    long shared = cyclesOfFlips(protocol, 4);
    assertTrue(shared > 2 * alone, alone + " cycles alone, " + shared + " of four tasks");
  }

  private static long cyclesOfFlips(String protocol, int tasks) {
    GuestRun run = GuestRun.of(config(protocol).iterations(Work.ENDLESS).tasks(tasks).build());
    assertEquals("exit 0", run.lab().outcome().text());
    return run.reports().cycles(Span.FLIP);
  }

  /// A kernel that has no tasks is what it was.
  @ParameterizedTest
  @ValueSource(strings = {"int3-batch", "brk"})
  void oneTaskIsNoTask(String protocol) {
    GuestConfig one = config(protocol).build();
    assertTrue(GuestKernel.sources(one).stream().noneMatch(s -> s.name().contains("tasks.s")));
    GuestConfig two = config(protocol).tasks(2).build();
    assertTrue(GuestKernel.sources(two).stream().anyMatch(s -> s.name().contains("tasks.s")));
  }
}
