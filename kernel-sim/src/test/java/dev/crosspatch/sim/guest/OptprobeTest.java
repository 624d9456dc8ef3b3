package dev.crosspatch.sim.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.machine.MachineConfig.Staleness;
import dev.crosspatch.sim.mechanism.Mechanism;
import dev.crosspatch.sim.mechanism.Mechanisms;
import dev.crosspatch.tracer.text.Poke;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Probes that become jumps: the life that Linux's have, those that stay breakpoints, and the task that sleeps in the
/// middle of what a jump is to cover.
final class OptprobeTest {
  private static final Mechanism MECHANISM = Mechanisms.shipped("optprobe");
  /// Those from 8 on are refused: a jump into the range, a call in it, an exception-table entry, an indirect jump.
  private static final List<Integer> LENGTHS = List.of(5, 6, 7, 8, 9, 10, 11);

  private static GuestRun run(String... leftOut) {
    List<SiteSpec> sites = IntStream.range(0, LENGTHS.size())
        .mapToObj(i -> new SiteSpec(i, LENGTHS.get(i), SiteSpec.Placement.ANY)).toList();
    return GuestRun.of(GuestConfig.builder(MECHANISM, MECHANISM.protocol("int3-optprobe")).cpus(3).sites(sites).keys(7)
        .iterations(Work.ENDLESS).flips(56).flipInterval(5000).tasks(3).tickInterval(40_000)
        .leftOut(Set.of(leftOut)).build(), Staleness.ADVERSARIAL, true);
  }

  private static String kind(Poke poke) {
    if (poke.before().length == 0 || poke.after().length == 0) {
      String what = (poke.before().length + poke.after().length) > 20 ? "trampoline" : "slot";
      return (poke.before().length == 0 ? "+" : "-") + what;
    }
    return String.format("%02x>%02x of %d", poke.before()[0], poke.after()[0], poke.after().length);
  }

  private static List<String> life(GuestRun run, int site) {
    return run.pokes().stream().filter(p -> p.site().equals("site_" + site)).map(OptprobeTest::kind).toList();
  }

  /// The six events of Linux, and the two of the slot.
  @Test
  void allEventsOfALife() {
    GuestRun run = run();
    assertEquals("exit 0", run.lab().outcome().text());
    List<String> once = List.of("+trampoline", "+slot", "48>cc of 1", "cc>e9 of 5", "e9>cc of 5", "cc>48 of 1", "-slot",
        "-trampoline");
    assertEquals(IntStream.range(0, 16).mapToObj(i -> once.get(i % 8)).toList(), life(run, 1));
    for (int cpu = 0; cpu < 3; cpu++) {
      assertEquals(GuestKernel.expectedChecksum(run.config(), run.lab().counter(cpu, Counter.ITERATIONS)),
          run.lab().counter(cpu, Counter.CHECKSUM));
    }
    assertTrue(run.lab().total(Counter.SITES_ON) > run.lab().total(Counter.TRAPS), "hits without a trap");
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 4, 5, 6})
  void whatIsRefusedStaysABreakpoint(int site) {
    List<String> life = life(run(), site);
    assertEquals(8, life.size(), life::toString);
    assertTrue(life.stream().noneMatch(e -> e.contains("trampoline") || e.contains("e9")), life::toString);
  }

  @Test
  void whoSleepsInTheRangeAndIsNotWaitedForWakesUpInTheMiddleOfTheJump() {
    GuestRun run = run("optprobe-wait");
    long address = assertInstanceOf(GuestOutcome.Panic.class, run.lab().outcome()).address();
    assertTrue(IntStream.range(0, 3).mapToLong(i -> run.image().address("site_" + i))
        .anyMatch(site -> address > site && address < site + 5), () -> "0x" + Long.toHexString(address));
  }
}
