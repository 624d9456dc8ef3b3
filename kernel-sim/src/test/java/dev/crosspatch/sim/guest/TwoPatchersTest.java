package dev.crosspatch.sim.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.machine.MachineConfig.Staleness;
import dev.crosspatch.sim.mechanism.Mechanism;
import dev.crosspatch.sim.mechanism.Mechanisms;
import dev.crosspatch.sim.mechanism.Span;
import dev.crosspatch.tracer.text.Poke;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Two CPUs patch, one after the other while the text mutex keeps them apart, and into each other's work without it.
final class TwoPatchersTest {
  private static final int FLIPS = 30;
  private static final int SITES = 4;

  private static GuestRun run(String protocol, String... leftOut) {
    boolean x86 = Keys.isX86(protocol);
    List<SiteSpec> sites = IntStream.range(0, 3 * SITES)
        .mapToObj(i -> new SiteSpec(i % 3, x86 ? 5 : 4, SiteSpec.Placement.ANY)).toList();
    return GuestRun.of(Keys.builder(protocol).cpus(4).patchingCpus(List.of(1, 3)).keys(3).sites(sites)
        .iterations(Work.ENDLESS).flips(FLIPS).flipInterval(x86 ? 4000 : 300).leftOut(Set.of(leftOut)).build(),
        Staleness.ADVERSARIAL, x86);
  }

  @ParameterizedTest
  @ValueSource(strings = {"int3-batch", "brk"})
  void bothPatchOneAfterTheOther(String protocol) {
    GuestRun run = run(protocol);
    assertEquals("exit 0", run.lab().outcome().text());
    assertEquals(Set.of(1, 3), run.pokes().stream().map(Poke::cpu).collect(Collectors.toSet()));
    assertEquals(FLIPS * SITES, run.pokes().size());
    for (int i = 0; i < run.pokes().size(); i += SITES) {
      assertEquals(1, run.pokes().subList(i, i + SITES).stream().map(Poke::cpu).distinct().count(), "flip " + i);
    }
    assertEquals(FLIPS, run.spans(Span.FLIP));
    assertEquals(new Contract(List.of(), List.of()), Contract.of(run));
    assertTrue(run.lab().counter(1, Counter.IPIS) > 0 && run.lab().counter(3, Counter.IPIS) > 0,
        "each interrupts the other");
    for (int cpu = 0; cpu < 4; cpu++) {
      assertEquals(GuestKernel.expectedChecksum(run.config(), run.lab().counter(cpu, Counter.ITERATIONS)),
          run.lab().counter(cpu, Counter.CHECKSUM));
    }
  }

  /// Whoever has made its last flip still gives way, as long as another waits for its tasks in the last of its own.
  @ParameterizedTest
  @ValueSource(strings = {"int3-probe", "brk-probe"})
  void whoHasDoneLetsTheOthersGracePeriodEnd(String protocol) {
    boolean x86 = protocol.equals("int3-probe");
    Mechanism kprobe = Mechanisms.shipped("kprobe");
    for (int flips = 7; flips <= 9; flips++) {
      GuestRun run = GuestRun.of(GuestConfig.builder(kprobe, kprobe.protocol(protocol)).cpus(3)
          .patchingCpus(List.of(0, 2)).sites(4).iterations(Work.ENDLESS).flips(flips).flipInterval(x86 ? 5000 : 300)
          .build(), Staleness.TYPICAL, x86);
      assertEquals("exit 0", run.lab().outcome().text(), flips + " flips");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"int3-batch", "brk"})
  void withoutTheMutexTheyBreakEachOthersWork(String protocol) {
    assertNotEquals("exit 0", run(protocol, "text-mutex").lab().outcome().text());
  }
}
