package dev.crosspatch.bench;

import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.machine.MachineConfig;
import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.core.time.TimingTable;
import dev.crosspatch.sim.Plugins;
import dev.crosspatch.sim.guest.GuestConfig;
import dev.crosspatch.sim.guest.GuestLayout;
import dev.crosspatch.sim.guest.Hotplug;
import dev.crosspatch.sim.guest.Work;
import dev.crosspatch.sim.mechanism.GuestLibrary;
import dev.crosspatch.sim.mechanism.Hook;
import dev.crosspatch.sim.mechanism.Mechanism;
import dev.crosspatch.sim.mechanism.Protocol;
import dev.crosspatch.sim.run.Run;
import dev.crosspatch.sim.scenario.Expectation;
import dev.crosspatch.sim.scenario.Scenario;
import dev.crosspatch.tracer.unit.TraceSetup;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/// What one run measures: typical cores with endless work, of which `patchers` flip one key without pause.
///
/// @param preset   of the cores
/// @param sync     serializing instruction of a sync; empty where there is no choice
/// @param patchers how many CPUs patch
/// @param batch    most sites per batch
/// @param flips    in all
/// @param leftOut  steps
record LatencyCase(
    Mechanism mechanism, Protocol protocol, String preset, String sync, int cpus, int patchers, int sites, int batch,
    int flips, Set<String> leftOut) {
  /// Flips from parking a CPU to bringing it up, where a mechanism has to do with that.
  private static final int HOTPLUG_EVERY = 3;

  /// One CPU of four patches eight sites, in batches of up to 256; of two, where the other is parked now and then.
  static LatencyCase of(Mechanism mechanism, Protocol protocol, int flips) {
    return new LatencyCase(mechanism, protocol, Plugins.isa(protocol.isa()).presets().getFirst(),
        GuestLibrary.of(protocol.isa()).sync(),
        parks(mechanism, protocol) ? 2 : 4, 1, 8, 256, flips, Set.of());
  }

  /// Protocols under which a kernel of that mechanism ends well.
  static List<Protocol> right(Mechanism mechanism) {
    return mechanism.protocols().stream().filter(p -> {
      try {
        return of(mechanism, p, PatchLatency.FLIPS).executed().end().good();
      } catch (IllegalStateException e) {
        System.err.println(mechanism + ", " + p.name() + ": " + e.getMessage());
        return false;
      }
    }).toList();
  }

  /// Whether it measures what is patched while one CPU is there, so that two cannot patch.
  boolean isOfOneCpu() {
    return parks(mechanism, protocol);
  }

  private static boolean parks(Mechanism mechanism, Protocol protocol) {
    return mechanism.on(protocol.isa()).hooks().contains(Hook.HOTPLUG);
  }

  /// A kernel that can also be left as it is: its second key has no sites.
  GuestConfig.Builder guest(int key) {
    return guest().keys(2).flipOrder(List.of(key));
  }

  LatencyCase preset(String value) {
    return new LatencyCase(mechanism, protocol, value, sync, cpus, patchers, sites, batch, flips, leftOut);
  }

  LatencyCase sync(String value) {
    return new LatencyCase(mechanism, protocol, preset, value, cpus, patchers, sites, batch, flips, leftOut);
  }

  LatencyCase cpus(int value) {
    return new LatencyCase(mechanism, protocol, preset, sync, value, patchers, sites, batch, flips, leftOut);
  }

  LatencyCase patchers(int value) {
    return new LatencyCase(mechanism, protocol, preset, sync, cpus, value, sites, batch, flips, leftOut);
  }

  LatencyCase sites(int value, int most) {
    return new LatencyCase(mechanism, protocol, preset, sync, cpus, patchers, value, most, flips, leftOut);
  }

  LatencyCase without(Set<String> steps) {
    return new LatencyCase(mechanism, protocol, preset, sync, cpus, patchers, sites, batch, flips, steps);
  }

  GuestConfig.Builder guest() {
    return GuestConfig.builder(mechanism, protocol).cpus(cpus).sites(sites).batchLimit(batch).sync(sync)
        .iterations(Work.ENDLESS).flips(flips).flipInterval(0).leftOut(leftOut)
        .patchingCpus(IntStream.range(0, patchers).boxed().toList())
        .hotplug(parks(mechanism, protocol) && cpus > patchers ? new Hotplug(cpus - 1, HOTPLUG_EVERY) : Hotplug.NONE);
  }

  /// A run of such a kernel, which has not started.
  Run run(GuestConfig.Builder builder, RunLimits limits) {
    GuestConfig guest = builder.build();
    Isa isa = Plugins.isa(protocol.isa());
    boolean coherent = isa.coherentFetch();
    MachineConfig machine = new MachineConfig(
        isa, cpus, preset, MachineConfig.Staleness.TYPICAL, coherent, coherent,
        GuestLayout.ramBytes(guest), 1);
    TimingTable timing = Machine.readTiming(machine);
    TraceSetup setup = Plugins.traceUnits(isa.tracedBy().getFirst())
        .configure((name, otherwise) -> switch (name) {
          case "frequency_mhz" -> timing.frequencyMhz();
          case "timer_mhz" -> timing.timerMhz();
          default -> otherwise;
        });
    return new Run(
        new Scenario("latency", "", machine, guest, new Scenario.Trace(setup), limits, Expectation.PASS));
  }

  /// A run to its end.
  ///
  /// @throws IllegalStateException if the guest does not end well
  Run executed() {
    return executed(guest());
  }

  /// The same, with CPUs that do not patch asleep but for what they are asked.
  Run executedAlone() {
    Long[] work = new Long[cpus];
    Arrays.fill(work, 0L);
    Arrays.fill(work, 0, patchers, Work.ENDLESS);
    return executed(guest().iterations(work));
  }

  private Run executed(GuestConfig.Builder builder) {
    Run run = run(builder, RunLimits.NONE).execute(r -> {});
    if (!run.end().good()) {
      throw new IllegalStateException(run.end().text());
    }
    return run;
  }
}
