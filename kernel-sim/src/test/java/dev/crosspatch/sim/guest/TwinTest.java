package dev.crosspatch.sim.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.event.Event.StaleExecution;
import dev.crosspatch.core.machine.MachineConfig.Staleness;
import dev.crosspatch.sim.guest.SiteSpec.Placement;
import dev.crosspatch.tracer.text.Poke;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Each protocol keeps the contract on the stalest machine the manual allows, and each of its steps is there for a
/// reason: without it the same run breaks.
class TwinTest {

  /// Few sites, each flushed by itself: a CPU comes back to a site while its poke goes on, without meeting another trap
  /// on the way.
  private static GuestConfig.Builder torture(String protocol) {
    boolean x86 = Keys.isX86(protocol);
    List<SiteSpec> sites = IntStream.range(0, 8)
        .mapToObj(i -> x86 ? new SiteSpec(0, 5, Placement.line(63 - i % 4)) : new SiteSpec(0, 4, Placement.ANY))
        .toList();
    return Keys.builder(protocol).sites(sites).iterations(Work.ENDLESS).flips(20)
        .flipInterval(x86 ? 5000 : 200).batchLimit(1);
  }

  private static GuestRun run(GuestConfig.Builder config, boolean coherent, String... leftOut) {
    return GuestRun.of(config.leftOut(Set.of(leftOut)).build(), Staleness.ADVERSARIAL, coherent);
  }

  private static GuestRun x86(String... leftOut) {
    return run(torture("int3-batch"), true, leftOut);
  }

  private static GuestRun arm64(String... leftOut) {
    return run(torture("brk"), false, leftOut);
  }

  private static void assertKept(GuestRun run) {
    assertEquals("exit 0", run.lab().outcome().text());
    assertEquals(new Contract(List.of(), List.of()), Contract.of(run));
    assertFalse(run.stale().isEmpty(), "the run must have met stale text at all");
  }

  private static void assertLate(GuestRun run) {
    assertEquals("exit 0", run.lab().outcome().text());
    assertFalse(Contract.of(run).late().isEmpty(), "old instructions must have run after their pokes");
  }

  @Test
  void int3BatchKeepsTheContract() {
    assertKept(x86());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void brkKeepsTheContract(boolean coherent) {
    assertKept(run(torture("brk"), coherent));
  }

  /// x86-64 without breakpoints, or written at once: CPUs run half of the old and half of the new instruction. The mix
  /// may be what memory held at that moment, so it need not be stale; what it does is fatal either way.
  @ParameterizedTest
  @ValueSource(strings = {"int3-batch", "direct"})
  void x86WithoutTrapMixesInstructions(String protocol) {
    GuestRun run = run(torture(protocol), true, protocol.equals("direct") ? new String[0] : new String[] {"trap"});
    assertInstanceOf(GuestOutcome.Panic.class, run.lab().outcome());
  }

  /// Sync A and sync B each keep CPUs from putting an old part of a straddling instruction together with a new one.
  @ParameterizedTest
  @ValueSource(strings = {"sync-a", "sync-b"})
  void x86WithoutSyncMixesInstructions(String step) {
    GuestRun run = x86(step);
    assertInstanceOf(GuestOutcome.Panic.class, run.lab().outcome());
    assertFalse(Contract.of(run).mixed().isEmpty());
  }

  /// Without the last sync a CPU meets an INT3 that has left the vector.
  @Test
  void x86WithoutSyncCTrapsTooLate() {
    assertInstanceOf(GuestOutcome.UnclaimedTrap.class, x86("sync-c").lab().outcome());
  }

  @Test
  void x86EventBeforeSyncAComesTooEarly() {
    assertLate(x86("report-before-sync-a"));
  }

  /// Exceptions are taken with interrupts off here, so a CPU that answered sync C has left the handler: there is
  /// nothing to wait for.
  @Test
  void x86WithoutRefcountWaitIsHarmless() {
    assertKept(x86("refcount-wait"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"sync-a", "trap", "report-before-sync-a", "dc-cvau", "dsb"})
  void arm64WithoutStepRunsOldInstructionsTooLate(String step) {
    assertLate(arm64(step));
  }

  @ParameterizedTest
  @ValueSource(strings = {"sync-c", "kick", "ic-ivau"})
  void arm64WithoutStepTrapsTooLate(String step) {
    assertInstanceOf(GuestOutcome.UnclaimedTrap.class, arm64(step).lab().outcome());
  }

  /// With CTR_EL0.IDC and DIC set Linux runs neither DC CVAU nor IC IVAU, so leaving them out changes nothing.
  @ParameterizedTest
  @ValueSource(strings = {"dc-cvau", "ic-ivau", "dsb"})
  void arm64MaintenanceIsNotNeededOnCoherentCores(String step) {
    assertKept(run(torture("brk"), true, step));
  }

  /// The patching CPU itself runs what it fetched before its own maintenance. The ISBs of fixmap changes hide that; the
  /// direct map does not.
  @Test
  void arm64WithoutLocalIsbThePatcherTrapsTooLate() {
    assertKept(run(torture("brk"), true, "local-isb"));
    GuestRun run = run(torture("brk").alias(Alias.DIRECT_MAP), true, "local-isb");
    assertEquals(run.config().patching().cpu(), ((GuestOutcome.UnclaimedTrap) run.lab().outcome()).cpu());
  }

  /// What Linux does today leaves no moment at which every CPU has left the old instruction and none runs the new one:
  /// no time is right for an event. Old text runs behind it, but never behind the kick, which is over before the next
  /// site is reported: each is a batch of its own here.
  @Test
  void nosyncKickHasNoRightTimeForAnEvent() {
    GuestRun run = run(torture("nosync-kick"), false);
    assertLate(run);
    assertTrue(Contract.of(run).mixed().isEmpty());
    for (StaleExecution late : Contract.of(run).late()) {
      List<Poke> behind = run.pokes().stream().filter(p -> Contract.cycle(run, p) >= late.cycle()).toList();
      Poke last = run.pokes().get(run.pokes().size() - behind.size() - 1);
      assertEquals(late.address(), last.address(), () -> late + " is stale behind a kick");
    }
  }
}
