package dev.crosspatch.sim.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.core.event.RetireBatch;
import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.core.machine.MachineConfig;
import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.core.mem.Instruction;
import dev.crosspatch.sim.Plugins;
import dev.crosspatch.sim.guest.Counter;
import dev.crosspatch.sim.guest.GuestConfig;
import dev.crosspatch.sim.guest.GuestLayout;
import dev.crosspatch.sim.guest.Keys;
import dev.crosspatch.sim.guest.Work;
import dev.crosspatch.sim.scenario.Expectation;
import dev.crosspatch.sim.scenario.Scenario;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Stolen cycles: by hand from rows, and of kernels, whose own counters know how often they were interrupted.
class StolenCyclesTest {
  private static final long ANSWER = 0x9000;

  /// Rows of one CPU; every method adds one.
  private static final class Rows {
    private final RetireBatch batch = new RetireBatch();
    private final BystanderLog log = new BystanderLog(1, ANSWER);

    private Rows add(int kind, long pc, long next, long time, FlowClass flow, boolean enabled) {
      batch.add(kind, pc, next, time, flow.ordinal() << Instruction.FLOW_SHIFT
          | (enabled ? RetireRow.INTERRUPTS_ENABLED : 0));
      return this;
    }

    Rows work(long time) {
      return add(RetireRow.INSN, 0x1000, 0x1004, time, FlowClass.OTHER, true);
    }

    Rows diverted(int kind, long handler, long time) {
      return add(kind, 0x1004, handler, time, FlowClass.OTHER, false);
    }

    Rows handler(long pc, long time) {
      return add(RetireRow.INSN, pc, pc + 4, time, FlowClass.OTHER, false);
    }

    Rows back(long time, boolean toWork) {
      return add(RetireRow.INSN, 0x9100, toWork ? 0x1004 : 0x9010, time, FlowClass.TRAP_RETURN, toWork);
    }

    /// Hands over what there is: a diversion may lie in two batches.
    Rows flush() {
      log.retired(batch);
      batch.clear();
      return this;
    }

    BystanderLog log() {
      return flush().log;
    }
  }

  private static StolenCycles stolen(List<Long> flips, BystanderLog... logs) {
    StolenCycles stolen = new StolenCycles(List.of(logs), List.of());
    flips.forEach(stolen::flip);
    stolen.end();
    return stolen;
  }

  @Test
  void lastsFromTheLastOwnInstructionToTheReturn() {
    BystanderLog log = new Rows()
        .work(100).diverted(RetireRow.INTERRUPT, ANSWER, 140).handler(ANSWER, 141).flush().back(160, false)
        .handler(0x9010, 161).back(170, true)
        .work(171).diverted(RetireRow.TRAP, 0xa000, 200).handler(0xa000, 201).flush().back(211, true).work(212).log();
    StolenCycles stolen = stolen(List.of(90L), log);
    assertEquals(170 - 100, stolen.interruptCycles(), "a serializing IRET in the handler is not the return");
    assertEquals(211 - 171, stolen.trapCycles());
    assertEquals(1, stolen.interrupts());
    assertEquals(1, stolen.traps());
    assertEquals(70 + 40, stolen.perFlip().getMaxValue());
    assertEquals(List.of(new StolenCycles.Loss(1, 70, 40)), stolen.byCpu());
  }

  @Test
  void ticksAreNotPatching() {
    BystanderLog log = new Rows().work(100).diverted(RetireRow.INTERRUPT, 0xb000, 140).handler(0xb000, 141)
        .back(150, true).work(151)
        .diverted(RetireRow.INTERRUPT, 0xb000, 180).handler(0xb000, 181).handler(ANSWER, 182).back(190, true)
        .work(191).log();
    StolenCycles stolen = stolen(List.of(90L), log);
    assertEquals(1, stolen.interrupts(), "the same vector, told by what its handler runs");
    assertEquals(190 - 151, stolen.interruptCycles());
  }

  @Test
  void nestedDiversionsCountOnce() {
    BystanderLog log = new Rows().work(100).diverted(RetireRow.INTERRUPT, ANSWER, 140)
        .diverted(RetireRow.TRAP, 0xa000, 150).back(160, false)
        .back(170, true).work(171).log();
    StolenCycles stolen = stolen(List.of(90L), log);
    assertEquals(1, stolen.interrupts());
    assertEquals(0, stolen.traps());
    assertEquals(70, stolen.interruptCycles());
  }

  @Test
  void belongToTheFlipBegunLast() {
    Rows rows = new Rows();
    for (long begin : new long[] {10, 100, 250, 299}) {
      rows.work(begin).diverted(RetireRow.INTERRUPT, ANSWER, begin + 1).back(begin + 10, true);
    }
    StolenCycles stolen = stolen(List.of(100L, 200L, 300L), rows.log());
    assertEquals(3, stolen.interrupts(), "what came before the first flip is nobody's");
    assertEquals(3, stolen.perCpu().getTotalCount());
    assertEquals(0, stolen.perCpu().getValueAtPercentile(1));
    assertEquals(10, stolen.perCpu().getValueAtPercentile(50));
    assertEquals(20, stolen.perCpu().getMaxValue());
  }

  @Test
  void rowsMayComeLate() {
    Rows early = new Rows().work(90);
    Rows late = new Rows().work(90);
    BystanderLog first = early.log();
    BystanderLog second = late.log();
    StolenCycles stolen = new StolenCycles(List.of(first, second), List.of());
    stolen.flip(100);
    early.work(110).diverted(RetireRow.INTERRUPT, ANSWER, 120).back(130, true).work(210).log();
    stolen.flip(200);
    stolen.flip(300);
    assertEquals(0, stolen.perFlip().getTotalCount(), "the second CPU stands before the first flip");
    late.work(110).diverted(RetireRow.TRAP, ANSWER, 120).back(140, true).work(210)
        .diverted(RetireRow.TRAP, ANSWER, 220).log();
    stolen.flip(400);
    assertEquals(1, stolen.perFlip().getTotalCount(),
        "the second is still inside a diversion that began in the second flip");
    assertEquals(20 + 30, stolen.perFlip().getMaxValue());
    late.back(250, true).log();
    stolen.end();
    assertEquals(4, stolen.perFlip().getTotalCount());
    assertEquals(2, stolen.traps());
    assertEquals(30 + 40, stolen.trapCycles());
  }

  @Test
  void noBystandersNoStolenCycles() {
    StolenCycles stolen = stolen(List.of(90L));
    assertEquals(0, stolen.interrupts());
    assertEquals(0, stolen.perFlip().getTotalCount());
  }

  // ---- of kernels

  private static GuestConfig.Builder guest(String protocol) {
    return Keys.builder(protocol).cpus(3).iterations(Work.ENDLESS).sites(4).keys(2)
        .flipOrder(List.of(0)).flips(10)
        .flipInterval(Keys.isX86(protocol) ? 20_000 : 500);
  }

  private static Run run(GuestConfig guest) {
    Isa isa = Plugins.isa(guest.patching().protocol().isa());
    MachineConfig machine = new MachineConfig(isa, guest.work().cpus(), isa.presets().getFirst(),
        MachineConfig.Staleness.TYPICAL, isa.coherentFetch(),
        isa.coherentFetch(), GuestLayout.ramBytes(guest), 1);
    String protocol = isa.coherentFetch() ? "pt" : "etm";
    Run run = new Run(new Scenario("test", "", machine, guest,
        new Scenario.Trace(Plugins.traceUnits(protocol).configure((name, otherwise) -> otherwise)),
        new RunLimits(200_000_000, Long.MAX_VALUE, 0), Expectation.PASS)).execute(r -> {});
    assertTrue(run.end().good(), run.end()::text);
    return run;
  }

  private static long bystanders(Run run, Counter counter) {
    return run.lab().total(counter) - run.lab().counter(0, counter);
  }

  @ParameterizedTest
  @ValueSource(strings = {"int3-batch", "brk", "nosync-kick"})
  void countsWhatTheKernelCounts(String protocol) {
    Run run = run(guest(protocol).tickInterval(Keys.isX86(protocol) ? 3000 : 200).build());
    StolenCycles stolen = run.latency().stolen();
    assertTrue(bystanders(run, Counter.TICKS) > 10, "ticks there must be, or the test says nothing of them");
    assertEquals(bystanders(run, Counter.IPIS), stolen.interrupts());
    assertEquals(bystanders(run, Counter.TRAPS), stolen.traps());
    assertTrue(stolen.interruptCycles() > 100 * stolen.interrupts(),
        "an interrupt costs its entry, its handler and its return");
    assertEquals(2L * 10, stolen.perCpu().getTotalCount());
    assertEquals(10, stolen.perFlip().getTotalCount());
  }

  @ParameterizedTest
  @ValueSource(strings = {"int3-batch", "brk", "nosync-kick"})
  void flipsOfAKeyWithoutSitesStealNothing(String protocol) {
    Run run = run(guest(protocol).flipOrder(List.of(1))
        .tickInterval(Keys.isX86(protocol) ? 3000 : 200).build());
    assertTrue(bystanders(run, Counter.TICKS) > 0);
    assertEquals(0, run.latency().stolen().interrupts() + run.latency().stolen().traps());
    assertEquals(0, run.latency().stolen().perFlip().getMaxValue());
    assertEquals(10, run.latency().stolen().perFlip().getTotalCount());
  }

  @ParameterizedTest
  @ValueSource(strings = {"int3-batch", "brk"})
  void sitesThatNobodyRunsCostInterruptsOnly(String protocol) {
    Run run = run(guest(protocol).iterations(Work.ENDLESS, 0L, 0L).build());
    StolenCycles stolen = run.latency().stolen();
    assertEquals(0, stolen.traps());
    assertEquals((protocol.equals("brk") ? 2L : 3L) * 2 * 10, stolen.interrupts());
    assertTrue(stolen.interruptCycles() > 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"int3-batch", "brk", "nosync-kick"})
  void oneCpuHasNoBystanders(String protocol) {
    Run run = run(guest(protocol).cpus(1).build());
    assertEquals(0, run.latency().stolen().perCpu().getTotalCount());
    assertEquals(0, run.latency().stolen().perFlip().getTotalCount());
    assertEquals(0, run.latency().stolen().interrupts() + run.latency().stolen().traps());
  }
}
