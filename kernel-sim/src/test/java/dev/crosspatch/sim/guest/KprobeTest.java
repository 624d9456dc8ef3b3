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
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Probes: what is probed has its effect out of line, handlers count, a probe within a handler is missed.
final class KprobeTest {
  private static final Mechanism MECHANISM = Mechanisms.shipped("kprobe");
  private static final int FLIPS = 19;
  private static final Map<String, Integer> LENGTHS =
      Map.of("site_0", 3, "site_1", 1, "site_3", 4, "site_5", 7, "count_hit_step", 9);

  private static GuestRun run(String protocol) {
    boolean x86 = protocol.equals("int3-probe");
    List<SiteSpec> sites = Stream.of(3, 1, 2, 4, 5, 7)
        .map(length -> new SiteSpec(0, x86 ? length : 4, SiteSpec.Placement.ANY)).toList();
    return GuestRun.of(GuestConfig.builder(MECHANISM, MECHANISM.protocol(protocol)).cpus(3).sites(sites)
        .iterations(Work.ENDLESS).flips(FLIPS).flipInterval(x86 ? 20_000 : 2000).build(), Staleness.ADVERSARIAL, x86);
  }

  /// A field of the probe that stands in the handler of all others.
  private static long handlerProbe(GuestRun run, int field) {
    long address = run.image().address("probe_in_handler");
    ByteBuffer ram = ByteBuffer.wrap(run.machine().memory().data()).order(ByteOrder.LITTLE_ENDIAN);
    return ram.getLong(run.textAt() + (int) (address - run.text().address()) + field);
  }

  @ParameterizedTest
  @ValueSource(strings = {"int3-probe", "brk-probe"})
  void whatIsProbedHasItsEffect(String protocol) {
    GuestRun run = run(protocol);
    assertEquals("exit 0", run.lab().outcome().text());
    for (int cpu = 0; cpu < 3; cpu++) {
      long iterations = run.lab().counter(cpu, Counter.ITERATIONS);
      assertEquals(GuestKernel.expectedChecksum(run.config(), iterations), run.lab().counter(cpu, Counter.CHECKSUM));
      assertEquals(6 * iterations,
          run.lab().counter(cpu, Counter.SITES_ON) + run.lab().counter(cpu, Counter.SITES_OFF));
    }
    assertTrue(run.lab().total(Counter.SITES_ON) > 0);
  }

  /// Each hit calls the handler, in which one more probe is hit, and that one calls nobody. The last flip armed all;
  /// hits before the handler's own probe was armed and after it was disarmed are those that it does not count.
  @ParameterizedTest
  @ValueSource(strings = {"int3-probe", "brk-probe"})
  void aProbeWithinAHandlerIsMissed(String protocol) {
    GuestRun run = run(protocol);
    long missed = handlerProbe(run, protocol.equals("int3-probe") ? 56 : 40);
    long hits = run.lab().total(Counter.SITES_ON);
    assertTrue(missed > hits / 2 && missed <= hits, () -> missed + " of " + hits);
  }

  /// What can_boost and the emulation of Linux make of each: a slot that ends in a jump, in a breakpoint, or none.
  @Test
  void slotsEndAsLinuxHasThem() {
    Map<String, String> ends = new TreeMap<>();
    for (Poke poke : run("int3-probe").pokes()) {
      if (poke.before().length == 0) {
        int length = Objects.requireNonNull(LENGTHS.get(poke.site()));
        byte[] text = poke.after();
        ends.put(poke.site(), String.format("%02x of %d", text[length], text.length - length));
      }
    }
    assertEquals(Map.of("site_0", "e9 of 5", "site_1", "e9 of 5", "site_3", "cc of 1", "site_5", "e9 of 5",
        "count_hit_step", "e9 of 5"), ends);
  }

  /// A slot appears before its probe's breakpoint and goes away behind it; who is armed twice has room again.
  @ParameterizedTest
  @ValueSource(strings = {"int3-probe", "brk-probe"})
  void slotsComeBeforeAndGoBehind(String protocol) {
    Map<String, String> life = new TreeMap<>();
    for (Poke poke : run(protocol).pokes()) {
      life.merge(poke.site(), poke.before().length == 0 ? "+" : poke.after().length == 0 ? "-" : "b",
          String::concat);
    }
    assertEquals("+b" + "b-+b".repeat(FLIPS / 2), life.get("site_0"));
    assertEquals("b".repeat(FLIPS), life.get(protocol.equals("int3-probe") ? "site_4" : "site_1"));
  }
}
