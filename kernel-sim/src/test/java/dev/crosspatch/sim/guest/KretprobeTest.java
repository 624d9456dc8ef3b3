package dev.crosspatch.sim.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.machine.MachineConfig.Staleness;
import dev.crosspatch.sim.mechanism.Mechanism;
import dev.crosspatch.sim.mechanism.Mechanisms;
import dev.crosspatch.tracer.text.Poke;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Functions return to a trampoline, as often as they were made to, and from there to where they were called, though
/// tasks are preempted in them; the text does not change for it.
final class KretprobeTest {
  private static final Mechanism MECHANISM = Mechanisms.shipped("kretprobe");

  private static GuestRun run(String protocol, String... leftOut) {
    boolean x86 = protocol.equals("int3-rethook");
    List<SiteSpec> sites = IntStream.range(0, 4)
        .mapToObj(i -> new SiteSpec(i & 1, x86 ? 1 : 4, SiteSpec.Placement.ANY)).toList();
    return GuestRun.of(GuestConfig.builder(MECHANISM, MECHANISM.protocol(protocol)).cpus(3).sites(sites).keys(2)
        .iterations(Work.ENDLESS).flips(9).flipInterval(x86 ? 20_000 : 2000).tasks(2).tickInterval(x86 ? 3000 : 200)
        .leftOut(Set.of(leftOut)).build(), Staleness.TYPICAL, x86);
  }

  private static long counter(GuestRun run, String symbol) {
    long address = run.image().address(symbol);
    ByteBuffer ram = ByteBuffer.wrap(run.machine().memory().data()).order(ByteOrder.LITTLE_ENDIAN);
    return ram.getLong(run.textAt() + (int) (address - run.text().address()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"int3-rethook", "brk-rethook"})
  void everyFunctionReturnsByTheTrampolineToItsCaller(String protocol) {
    GuestRun run = run(protocol);
    assertEquals("exit 0", run.lab().outcome().text());
    for (int cpu = 0; cpu < 3; cpu++) {
      assertEquals(GuestKernel.expectedChecksum(run.config(), run.lab().counter(cpu, Counter.ITERATIONS)),
          run.lab().counter(cpu, Counter.CHECKSUM));
    }
    long entered = counter(run, "rethook_entered");
    assertEquals(entered, counter(run, "rethook_returned"));
    // three calls within each other: of some only the inner ones began after the probe was armed
    long passes = run.lab().total(Counter.SITES_ON);
    assertTrue(passes > 0 && entered >= 3 * passes - 12 * 4 * 9 && entered <= 3 * passes + 12 * 4 * 9,
        () -> entered + " entries, " + passes + " passes");
  }

  /// One event for the breakpoint's coming and going and one for that of the slot: nothing is written for the return.
  @ParameterizedTest
  @ValueSource(strings = {"int3-rethook", "brk-rethook"})
  void textChangesAtTheEntryOnly(String protocol) {
    GuestRun run = run(protocol);
    long trampoline = run.image().address("rethook_trampoline");
    assertEquals(9 * 2 * 2, run.pokes().size());
    assertTrue(run.pokes().stream().map(Poke::address).noneMatch(a -> a >= trampoline && a < trampoline + 64));
  }

  @ParameterizedTest
  @ValueSource(strings = {"int3-rethook", "brk-rethook"})
  void whatIsNotedForTheCpuIsAnotherTasks(String protocol) {
    GuestRun run = run(protocol, "rethook-task");
    assertTrue(run.lab().outcome().text().startsWith("panic: a function returned to a trampoline"),
        run.lab().outcome()::text);
  }
}
