package dev.crosspatch.sim.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.machine.MachineConfig;
import dev.crosspatch.core.machine.MachineConfig.Staleness;
import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.sim.Plugins;
import dev.crosspatch.sim.guest.GuestConfig;
import dev.crosspatch.sim.guest.GuestLayout;
import dev.crosspatch.sim.guest.Keys;
import dev.crosspatch.sim.guest.Work;
import dev.crosspatch.sim.mechanism.Span;
import dev.crosspatch.sim.scenario.Expectation;
import dev.crosspatch.sim.scenario.Scenario;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Presets that are whole machines reproduce what patching took there, and what a scenario says of a machine counts.
final class MachinesTest {
  private static final int SITES = 56;

  /// Cycles of a flip, mean, and rounds.
  private record Flips(double cycles, double rounds) {}

  /// Flips on a machine whose other CPUs sleep.
  private static Flips flips(MachineConfig machine, GuestConfig.Builder builder) {
    Long[] work = new Long[machine.cpus()];
    Arrays.fill(work, 0L);
    work[0] = Work.ENDLESS;
    GuestConfig guest = builder.iterations(work).build();
    Run run = new Run(new Scenario("test", "", machine, guest,
        new Scenario.Trace(Plugins.traceUnits("pt").configure((name, otherwise) -> otherwise)),
        new RunLimits(4_000_000_000L, Long.MAX_VALUE, 0), Expectation.PASS));
    run.execute(r -> {});
    assertTrue(run.end().good(), run.end()::text);
    Latency latency = run.latency();
    return new Flips((double) latency.cycles(Span.FLIP) / latency.flips(), latency.roundsPerFlip());
  }

  private static GuestConfig.Builder key(int cpus, int sites, int batch, int flips) {
    return Keys.builder("int3-batch").cpus(cpus).sites(sites).batchLimit(batch).flips(flips).flipInterval(0);
  }

  private static MachineConfig machine(String preset, int cpus) {
    Isa isa = Plugins.isa("x86-64");
    return new MachineConfig(isa, cpus, preset, Staleness.TYPICAL, true, true,
        GuestLayout.ramBytes(key(cpus, SITES, 1, 1).build()), 1);
  }

  /// R and S of T = rounds x R + sites x S. `server`: Bristot, LKML, 21 December 2018: 57 ms one by one, 1.4 ms in one
  /// batch. `vm`: a round of membarrier with another virtual CPU, 10.4 to 10.8 us; a site was not measured by itself.
  @ParameterizedTest
  @CsvSource({"server, 24, 337, 7", "vm, 2, 10.6, "})
  void roundsAndSitesTakeWhatWasMeasured(String preset, int cpus, double round, Double site) {
    double mhz = Machine.readTiming(Plugins.isa("x86-64"), preset).frequencyMhz();
    Flips one = flips(machine(preset, cpus), key(cpus, SITES, 1, 2));
    Flips batch = flips(machine(preset, cpus), key(cpus, SITES, 256, 2));
    assertEquals(168, one.rounds);
    assertEquals(3, batch.rounds);
    double r = (one.cycles - batch.cycles) / (168 - 3) / mhz;
    double s = (batch.cycles / mhz - 3 * r) / SITES;
    assertTrue(r > round / 2 && r < round * 2, "R " + r + " us");
    assertTrue(site == null ? s > 0 && s < 1 : s > site / 2 && s < site * 2, "S " + s + " us");
  }

  /// The farthest CPU decides how long a round takes, and a CPU that sleeps deeply how long one of few takes.
  @Test
  void distancesAndSleepCount() {
    MachineConfig near = machine("skylake", 4);
    double usual = flips(near, key(4, 1, 1, 4)).cycles;
    Map<String, String> places = Map.of("CLUSTER_CORES", "2", "SOCKET_CORES", "2", "IPI_MACHINE", "52000");
    double far = flips(near.withTiming(places), key(4, 1, 1, 4)).cycles;
    assertEquals(3 * 50_000, far - usual, 3_000, "three rounds with another socket");
    double asleep = flips(near.withTiming(Map.of("DEEP_AFTER", "10", "DEEP_WAKE", "100300")), key(4, 1, 1, 4)).cycles;
    assertEquals(3 * 100_000, asleep - usual, 3_000, "three times awake");
    double briefly = flips(near.withTiming(Map.of("DEEP_AFTER", "1000000", "DEEP_WAKE", "100300")),
        key(4, 1, 1, 4)).cycles;
    assertEquals(usual, briefly, 1_000, "not asleep for so long");
  }
}
