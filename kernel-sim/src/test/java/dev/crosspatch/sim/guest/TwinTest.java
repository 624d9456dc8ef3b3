package dev.crosspatch.sim.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.machine.MachineConfig.Staleness;
import dev.crosspatch.sim.guest.SiteSpec.Placement;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Each protocol keeps the contract on the stalest machine the manual allows, and each of its steps is there for a
/// reason: without it the same run breaks.
class TwinTest {

  /// Few sites, each flushed by itself: a CPU comes back to a site while its poke goes on, without meeting another trap
  /// on the way.
  private static GuestConfig.Builder torture(Protocol protocol) {
    boolean x86 = protocol.isa().equals("x86-64");
    List<SiteSpec> sites = IntStream.range(0, 8)
        .mapToObj(i -> x86 ? new SiteSpec(0, 5, Placement.line(63 - i % 4)) : new SiteSpec(0, 4, Placement.ANY))
        .toList();
    return GuestConfig.builder(protocol).sites(sites).iterations(GuestConfig.ENDLESS).flips(20)
        .flipInterval(x86 ? 5000 : 200).batchLimit(1);
  }

  private static GuestRun run(GuestConfig.Builder config, boolean coherent, Step... leftOut) {
    return GuestRun.of(config.faults(Set.of(leftOut)).build(), Staleness.ADVERSARIAL, coherent);
  }

  private static GuestRun x86(Step... leftOut) {
    return run(torture(Protocol.INT3_BATCH), true, leftOut);
  }

  private static GuestRun arm64(Step... leftOut) {
    return run(torture(Protocol.BRK), false, leftOut);
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
    assertKept(run(torture(Protocol.BRK), coherent));
  }

  /// x86-64 without breakpoints, or written at once: CPUs run half of the old and half of the new instruction. The mix
  /// may be what memory held at that moment, so it need not be stale; what it does is fatal either way.
  @ParameterizedTest
  @EnumSource(value = Protocol.class, names = {"INT3_BATCH", "DIRECT"})
  void x86WithoutTrapMixesInstructions(Protocol protocol) {
    GuestRun run = run(torture(protocol), true, protocol == Protocol.DIRECT ? new Step[0] : new Step[] {Step.TRAP});
    assertInstanceOf(Outcome.Panic.class, run.lab().outcome());
  }

  /// Sync A and sync B each keep CPUs from putting an old part of a straddling instruction together with a new one.
  @ParameterizedTest
  @EnumSource(value = Step.class, names = {"SYNC_A", "SYNC_B"})
  void x86WithoutSyncMixesInstructions(Step step) {
    GuestRun run = x86(step);
    assertInstanceOf(Outcome.Panic.class, run.lab().outcome());
    assertFalse(Contract.of(run).mixed().isEmpty());
  }

  /// Without the last sync a CPU meets an INT3 that has left the vector.
  @Test
  void x86WithoutSyncCTrapsTooLate() {
    assertInstanceOf(Outcome.UnclaimedTrap.class, x86(Step.SYNC_C).lab().outcome());
  }

  @Test
  void x86EventBeforeSyncAComesTooEarly() {
    assertLate(x86(Step.REPORT_BEFORE_SYNC_A));
  }

  /// Exceptions are taken with interrupts off here, so a CPU that answered sync C has left the handler: there is
  /// nothing to wait for.
  @Test
  void x86WithoutRefcountWaitIsHarmless() {
    assertKept(x86(Step.REFCOUNT_WAIT));
  }

  @ParameterizedTest
  @EnumSource(value = Step.class, names = {"SYNC_A", "TRAP", "REPORT_BEFORE_SYNC_A", "DC_CVAU", "DSB"})
  void arm64WithoutStepRunsOldInstructionsTooLate(Step step) {
    assertLate(arm64(step));
  }

  @ParameterizedTest
  @EnumSource(value = Step.class, names = {"SYNC_C", "KICK", "IC_IVAU"})
  void arm64WithoutStepTrapsTooLate(Step step) {
    assertInstanceOf(Outcome.UnclaimedTrap.class, arm64(step).lab().outcome());
  }

  /// With CTR_EL0.IDC and DIC set Linux runs neither DC CVAU nor IC IVAU, so leaving them out changes nothing.
  @ParameterizedTest
  @EnumSource(value = Step.class, names = {"DC_CVAU", "IC_IVAU", "DSB"})
  void arm64MaintenanceIsNotNeededOnCoherentCores(Step step) {
    assertKept(run(torture(Protocol.BRK), true, step));
  }

  /// The patching CPU itself runs what it fetched before its own maintenance. The ISBs of fixmap changes hide that; the
  /// direct map does not.
  @Test
  void arm64WithoutLocalIsbThePatcherTrapsTooLate() {
    assertKept(run(torture(Protocol.BRK), true, Step.LOCAL_ISB));
    GuestRun run = run(torture(Protocol.BRK).alias(Alias.DIRECT_MAP), true, Step.LOCAL_ISB);
    assertEquals(run.config().patchingCpu(), ((Outcome.UnclaimedTrap) run.lab().outcome()).cpu());
  }

  /// What Linux does today leaves no moment at which every CPU has left the old instruction and none runs the new one:
  /// no time is right for an event.
  @Test
  void nosyncKickHasNoRightTimeForAnEvent() {
    GuestRun run = run(torture(Protocol.NOSYNC_KICK), false);
    assertLate(run);
    assertTrue(Contract.of(run).mixed().isEmpty());
  }
}
