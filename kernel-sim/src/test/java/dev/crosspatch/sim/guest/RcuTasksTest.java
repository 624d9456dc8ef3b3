package dev.crosspatch.sim.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.machine.MachineConfig.Staleness;
import dev.crosspatch.sim.mechanism.Mechanism;
import dev.crosspatch.sim.mechanism.Mechanisms;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A range of several instructions becomes one jump. A task that a tick has put to sleep behind the first of them is
/// waited for; if it is not, it wakes up in the middle of what is no instruction any more.
final class RcuTasksTest {
  private static final Mechanism SLEEPER = Mechanisms.find(
      "./sleeper", Path.of("src/test/resources/dev/crosspatch/sim/mechanism/x.yaml"));

  private static GuestRun run(String protocol, String... leftOut) {
    boolean x86 = protocol.equals("bytes");
    return GuestRun.of(GuestConfig.builder(SLEEPER, SLEEPER.protocol(protocol)).cpus(2).sites(4)
        .iterations(Work.ENDLESS).flips(12).flipInterval(x86 ? 3000 : 300).tasks(3).tickInterval(x86 ? 2500 : 200)
        .leftOut(Set.of(leftOut)).build(), Staleness.TYPICAL, true);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bytes", "words"})
  void whoIsAsleepInARangeIsWaitedFor(String protocol) {
    GuestRun run = run(protocol);
    assertEquals("exit 0", run.lab().outcome().text());
    assertEquals(72, run.pokes().size());
    for (int cpu = 0; cpu < 2; cpu++) {
      assertEquals(GuestKernel.expectedChecksum(run.config(), run.lab().counter(cpu, Counter.ITERATIONS)),
          run.lab().counter(cpu, Counter.CHECKSUM));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bytes", "words"})
  void whoIsNotWaitedForWakesUpInTheMiddle(String protocol) {
    GuestRun run = run(protocol, "rcu-tasks");
    long address = assertInstanceOf(GuestOutcome.Panic.class, run.lab().outcome()).address();
    assertTrue(run.image().symbols().stream().anyMatch(s -> s.name().startsWith("site_")
        && address > s.address() && address < s.address() + s.size()), () -> "0x" + Long.toHexString(address));
  }
}
