package dev.crosspatch.sim.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.machine.MachineConfig.Staleness;
import dev.crosspatch.sim.mechanism.Mechanism;
import dev.crosspatch.sim.mechanism.Mechanisms;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Functions that are replaced through ftrace: of every call exactly one of both ran, and while nobody changes the key
/// the right one, which the callers themselves look at.
final class LivepatchTest {
  private static final Mechanism MECHANISM = Mechanisms.shipped("livepatch");

  @ParameterizedTest
  @ValueSource(strings = {"int3-batch", "brk"})
  void oneOfBothRunsAndTheRightOne(String protocol) {
    boolean x86 = MECHANISM.protocol(protocol).isa().equals("x86-64");
    List<SiteSpec> sites = IntStream.range(0, 8)
        .mapToObj(i -> new SiteSpec(i % 2, x86 ? 5 : 4, SiteSpec.Placement.ANY)).toList();
    GuestRun run = GuestRun.of(GuestConfig.builder(MECHANISM, MECHANISM.protocol(protocol)).cpus(3).keys(2)
        .sites(sites).iterations(Work.ENDLESS).flips(15).flipInterval(x86 ? 5000 : 400).build(),
        Staleness.ADVERSARIAL, x86);
    assertEquals("exit 0", run.lab().outcome().text());
    for (int cpu = 0; cpu < 3; cpu++) {
      long iterations = run.lab().counter(cpu, Counter.ITERATIONS);
      assertEquals(GuestKernel.expectedChecksum(run.config(), iterations), run.lab().counter(cpu, Counter.CHECKSUM));
      long replaced = run.lab().counter(cpu, Counter.SITES_ON);
      assertEquals(iterations * sites.size(), run.lab().counter(cpu, Counter.SITES_OFF) + replaced);
      assertTrue(replaced > 0 && replaced < iterations * sites.size(), () -> replaced + " of both");
    }
  }
}
