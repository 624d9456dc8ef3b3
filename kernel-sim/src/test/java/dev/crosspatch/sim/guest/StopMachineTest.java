package dev.crosspatch.sim.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.machine.MachineConfig.Staleness;
import dev.crosspatch.sim.mechanism.Mechanism;
import dev.crosspatch.sim.mechanism.Mechanisms;
import dev.crosspatch.sim.mechanism.Span;
import dev.crosspatch.tracer.text.Poke;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// All CPUs stop, one patches: nobody runs a site meanwhile, nothing traps, and who patches is whom Linux lets.
final class StopMachineTest {
  private static final Mechanism MECHANISM = Mechanisms.shipped("stop-machine");
  private static final int FLIPS = 40;

  private static GuestRun run(String protocol, int cpus, String... leftOut) {
    boolean x86 = protocol.equals("caller-patches");
    List<SiteSpec> sites = IntStream.range(0, 8)
        .mapToObj(i -> new SiteSpec(0, x86 ? 5 : 4, x86 ? SiteSpec.Placement.line(61) : SiteSpec.Placement.ANY))
        .toList();
    return GuestRun.of(GuestConfig.builder(MECHANISM, MECHANISM.protocol(protocol)).cpus(cpus).patchingCpu(cpus / 2)
        .sites(sites).iterations(Work.ENDLESS).flips(FLIPS).flipInterval(x86 ? 8000 : 400).leftOut(Set.of(leftOut))
        .build(), Staleness.ADVERSARIAL, x86);
  }

  private static Set<Integer> patchers(GuestRun run) {
    return new TreeSet<>(run.pokes().stream().map(Poke::cpu).toList());
  }

  @ParameterizedTest
  @ValueSource(strings = {"caller-patches", "last-patches"})
  void nobodyRunsWhatIsBeingWritten(String protocol) {
    GuestRun run = run(protocol, 4);
    assertEquals("exit 0", run.lab().outcome().text());
    assertEquals(FLIPS * 8, run.pokes().size());
    assertEquals(List.of(), run.stale());
    assertEquals(0, run.lab().total(Counter.TRAPS));
    assertEquals(FLIPS, run.spans(Span.SYNC));
    for (int cpu = 0; cpu < 4; cpu++) {
      assertEquals(cpu == 2 ? 0 : FLIPS, run.lab().counter(cpu, Counter.IPIS));
      assertEquals(GuestKernel.expectedChecksum(run.config(), run.lab().counter(cpu, Counter.ITERATIONS)),
          run.lab().counter(cpu, Counter.CHECKSUM));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"caller-patches", "last-patches"})
  void aCpuAloneStopsNobody(String protocol) {
    GuestRun run = run(protocol, 1);
    assertEquals("exit 0", run.lab().outcome().text());
    assertEquals(FLIPS * 8, run.pokes().size());
  }

  @Test
  void theCallerPatchesOnX86() {
    assertEquals(Set.of(2), patchers(run("caller-patches", 4)));
  }

  /// Who comes last is another CPU each time; all pokes of a flip are of one.
  @Test
  void whoeverComesLastPatchesOnArm64() {
    GuestRun run = run("last-patches", 4);
    assertTrue(patchers(run).size() > 1, () -> "only " + patchers(run));
    for (int i = 0; i < run.pokes().size(); i += 8) {
      assertEquals(1, run.pokes().subList(i, i + 8).stream().map(Poke::cpu).distinct().count());
    }
  }

  @Test
  void withoutTheWaitHalfWrittenTextRunsOnX86() {
    assertFalse(Contract.of(run("caller-patches", 4, "stop-wait")).mixed().isEmpty());
  }

  /// The first that comes is the caller, or whoever beats it to it; the others are at work.
  @Test
  void withoutTheWaitOldWordsRunOnArm64() {
    assertFalse(Contract.of(run("last-patches", 4, "stop-wait")).late().isEmpty());
  }

  /// Returning from the interrupt synchronizes all but the CPU that has stopped the machine.
  @Test
  void withoutTheIsbTheCallerRunsOldWords() {
    GuestRun run = run("last-patches", 4, "stop-isb");
    assertEquals("exit 0", run.lab().outcome().text());
    assertFalse(Contract.of(run).late().isEmpty());
    assertTrue(Contract.of(run).late().stream().allMatch(s -> s.cpu() == 2));
  }
}
