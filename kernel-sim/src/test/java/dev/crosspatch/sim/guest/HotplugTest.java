package dev.crosspatch.sim.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.machine.MachineConfig.Staleness;
import dev.crosspatch.sim.mechanism.Mechanism;
import dev.crosspatch.sim.mechanism.Mechanisms;
import dev.crosspatch.sim.mechanism.Span;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A CPU is parked while others patch: nobody calls it, and it forgets what it has fetched as it comes up.
final class HotplugTest {
  private static final int PARKED = 2;
  private static final int FLIPS = 24;

  private static GuestConfig.Builder config(String protocol, int every) {
    boolean x86 = Keys.isX86(protocol);
    return Keys.builder(protocol).cpus(4).sites(8).iterations(Work.ENDLESS).flips(FLIPS)
        .flipInterval(x86 ? 4000 : 300).hotplug(new Hotplug(PARKED, every));
  }

  private static GuestRun run(GuestConfig.Builder config, String... leftOut) {
    GuestConfig built = config.leftOut(Set.of(leftOut)).build();
    return GuestRun.of(built, Staleness.ADVERSARIAL, built.patching().protocol().isa().equals("x86-64"));
  }

  private static void assertKept(GuestRun run) {
    assertEquals("exit 0", run.lab().outcome().text());
    assertEquals(new Contract(List.of(), List.of()), Contract.of(run));
    for (int cpu = 0; cpu < run.config().work().cpus(); cpu++) {
      assertTrue(run.lab().counter(cpu, Counter.ITERATIONS) > 0);
      assertEquals(GuestKernel.expectedChecksum(run.config(), run.lab().counter(cpu, Counter.ITERATIONS)),
          run.lab().counter(cpu, Counter.CHECKSUM));
    }
  }

  /// In half of the time it is parked.
  @ParameterizedTest
  @ValueSource(strings = {"int3-batch", "brk"})
  void nobodyCallsAParkedCpu(String protocol) {
    GuestRun run = run(config(protocol, 3));
    assertKept(run);
    long rounds = run.spans(Span.SYNC);
    assertEquals(FLIPS, run.spans(Span.FLIP));
    for (int cpu = 0; cpu < 4; cpu++) {
      assertEquals(cpu == 0 ? 0 : cpu == PARKED ? rounds / 2 : rounds, run.lab().counter(cpu, Counter.IPIS));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"int3-batch", "brk"})
  void aCpuParksBetweenTwoFlipsOfTwoPatchers(String protocol) {
    assertKept(run(config(protocol, 1).patchingCpus(List.of(0, 3))));
    assertKept(run(config(protocol, 2).tickInterval(Keys.isX86(protocol) ? 5000 : 300)));
  }

  /// A CPU that has no work left is up for good.
  @ParameterizedTest
  @ValueSource(strings = {"int3-batch", "brk"})
  void whoIsDoneParksNoMore(String protocol) {
    GuestRun run = run(config(protocol, 2).iterations(20L));
    assertKept(run);
    assertEquals(20, run.lab().counter(PARKED, Counter.ITERATIONS));
  }

  @ParameterizedTest
  @ValueSource(strings = {"caller-patches", "last-patches"})
  void theMachineStopsWithoutIt(String protocol) {
    Mechanism stop = Mechanisms.shipped("stop-machine");
    assertKept(run(GuestConfig.builder(stop, stop.protocol(protocol)).cpus(3).sites(6).iterations(Work.ENDLESS)
        .flips(FLIPS).flipInterval(500).hotplug(new Hotplug(PARKED, 2))));
  }

  /// What it had fetched before runs when it comes up, or a breakpoint that nobody owns any more.
  @ParameterizedTest
  @ValueSource(strings = {"int3-batch", "brk"})
  void withoutASyncItRunsWhatItHadFetched(String protocol) {
    GuestRun run = run(config(protocol, 2), "hotplug-sync");
    if (Contract.of(run).late().isEmpty()) {
      assertEquals(PARKED, assertInstanceOf(GuestOutcome.UnclaimedTrap.class, run.lab().outcome()).cpu());
    } else {
      assertTrue(Contract.of(run).late().stream().allMatch(s -> s.cpu() == PARKED));
    }
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "2 | 0 | hotplug: CPU 2 patches, so it cannot be parked",
      "0 | 3000 | hotplug: tasks of a parked CPU would stay where they were preempted: it needs tasks: 1"
  })
  void whatCannotBeParkedIsRefused(int patching, int tick, String message) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, () -> config("int3-batch", 1)
        .patchingCpu(patching).tickInterval(tick).tasks(tick > 0 ? 2 : 1).build()).getMessage());
  }

  // ---- stretches, which are the work's as well

  /// A call waits for whoever has interrupts off.
  @ParameterizedTest
  @CsvSource({"int3-batch,20000,20000", "brk,1000,20000"})
  void flipsWaitForInterruptsThatAreOff(String protocol, int ticks, int cycles) {
    GuestConfig.Builder config = Keys.builder(protocol).cpus(3).sites(8).iterations(Work.ENDLESS).flips(FLIPS)
        .flipInterval(Keys.isX86(protocol) ? 4000 : 300);
    GuestRun without = run(config);
    GuestRun with = run(config.irqsOff(new Stretch(ticks, 2)));
    assertKept(without);
    assertKept(with);
    long longer = with.reports().cycles(Span.FLIP) - without.reports().cycles(Span.FLIP);
    assertTrue(longer > 5L * cycles, () -> longer + " cycles in " + FLIPS + " flips");
  }

  /// An idle CPU works less, and answers.
  @ParameterizedTest
  @CsvSource({"int3-batch,20000,5000", "brk,1000,300"})
  void idleCpusAnswer(String protocol, int ticks, int tick) {
    GuestConfig.Builder config = Keys.builder(protocol).cpus(3).sites(8).iterations(40L).flips(FLIPS)
        .flipInterval(Keys.isX86(protocol) ? 4000 : 300).tickInterval(tick);
    GuestRun without = run(config);
    GuestRun with = run(config.idle(new Stretch(ticks, 2)));
    assertKept(with);
    long more = with.lab().counter(1, Counter.TICKS) - without.lab().counter(1, Counter.TICKS);
    assertTrue(more > 20L * ticks / tick / 2, () -> "only " + more + " ticks more for 20 stretches");
    assertEquals(with.spans(Span.SYNC), with.lab().counter(1, Counter.IPIS));
  }

  @Test
  void idleCpusNeedATick() {
    assertEquals("idle: nothing wakes an idle CPU but a tick: it needs a tick", assertThrows(
        IllegalArgumentException.class,
        () -> Keys.builder("brk").idle(new Stretch(100, 1)).build()).getMessage());
  }
}
