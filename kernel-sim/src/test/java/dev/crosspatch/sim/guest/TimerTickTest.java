package dev.crosspatch.sim.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.machine.MachineConfig.Staleness;
import dev.crosspatch.core.machine.MachineConfig;
import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.core.time.TimingTable;
import dev.crosspatch.platform.LabBoard;
import dev.crosspatch.platform.Platform;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the guest kernels' timer ticks take, measured on every preset, is what the limit of their period rests on.
class TimerTickTest {
  /// A kernel that ran, or ran into the limit.
  private record Ran(String how, long cycles, long ticks) {}

  private static Ran run(String protocol, String preset, long period) {
    Isa isa = GuestRun.isa(protocol);
    GuestConfig config = Keys.builder(protocol).cpus(1).iterations(300L).flips(4).flipInterval(1000)
        .tickInterval(period).build();
    Platform platform = new LabBoard().assemble(new MachineConfig(
        isa, 1, preset, Staleness.TYPICAL, isa.coherentFetch(), isa.coherentFetch(), GuestLayout.ramBytes(config), 1));
    Machine machine = platform.machine();
    LabDevice lab = new LabDevice(platform, config, new GuestRun.Reports());
    platform.boot(GuestKernel.build(isa, GuestRun.assembler(isa), config));
    long cycles = machine.run(RunLimits.ofCycles(20_000_000)).cycles();
    machine.end();
    return new Ran(lab.outcome().text(), cycles, lab.outcome() instanceof GuestOutcome.Exited
        ? lab.counter(0, Counter.TICKS) : 0);
  }

  /// Without ticks, at the limit, and at an eighth of it.
  @ParameterizedTest
  @CsvSource({"int3-batch, skylake", "int3-batch, zen4", "brk, cortex-a72", "brk, neoverse-n1", "brk, max"})
  void aTickTakesWhatTheLimitRestsOn(String protocol, String preset) {
    Isa isa = GuestRun.isa(protocol);
    TimingTable timing = Machine.readTiming(isa, preset);
    long least = TimerTick.least(isa, timing);
    Ran quiet = run(protocol, preset, 0);
    Ran ticking = run(protocol, preset, least);
    assertEquals("exit 0", quiet.how);
    assertEquals("exit 0", ticking.how);
    double cost = (double) (ticking.cycles - quiet.cycles) / ticking.ticks;
    long priced = TimerTick.cost(isa, timing);
    assertTrue(cost <= priced && priced <= 1.25 * cost,
        preset + ": a tick takes " + cost + " cycles, priced at " + priced);
    assertTrue(ticking.cycles <= 2.1 * quiet.cycles,
        preset + ": " + ticking.cycles + " cycles at the limit, " + quiet.cycles + " without ticks");
    Ran storm = run(protocol, preset, Math.max(1, least / 8));
    assertTrue(storm.how.equals("still running") || storm.cycles > 5 * quiet.cycles,
        preset + ": far below the limit the work does not get on");
  }
}
