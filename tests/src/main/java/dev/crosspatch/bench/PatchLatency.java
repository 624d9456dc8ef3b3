package dev.crosspatch.bench;

import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.machine.MachineConfig;
import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.core.time.TimingTable;
import dev.crosspatch.sim.Plugins;
import dev.crosspatch.sim.guest.GuestConfig;
import dev.crosspatch.sim.guest.GuestLayout;
import dev.crosspatch.sim.guest.Work;
import dev.crosspatch.sim.mechanism.GuestLibrary;
import dev.crosspatch.sim.mechanism.Mechanism;
import dev.crosspatch.sim.mechanism.Mechanisms;
import dev.crosspatch.sim.mechanism.Protocol;
import dev.crosspatch.sim.mechanism.Span;
import dev.crosspatch.sim.run.Latency;
import dev.crosspatch.sim.run.Run;
import dev.crosspatch.sim.run.StolenCycles;
import dev.crosspatch.sim.scenario.Expectation;
import dev.crosspatch.sim.scenario.Scenario;
import dev.crosspatch.tracer.unit.TraceSetup;
import java.util.List;
import org.HdrHistogram.Histogram;

/// Patch latency in guest cycles, a table: per flip and per batch, by CPUs, sites, batch limit, sync kind and protocol;
/// sync rounds and interrupted CPUs per flip, breakpoints taken by bystanders per flip; cycles stolen from a bystander
/// per flip (p50, p99: handlers alone; `lost`: all work not done, on average) and from all bystanders together. The
/// figures are the simulation's own, so they are the same on every host.
public final class PatchLatency {
  private static final int FLIPS = 20;
  private static final Mechanism KEYS = Mechanisms.shipped(Mechanisms.USUAL);
  private static final Protocol INT3_BATCH = KEYS.protocol("int3-batch");
  private static final Protocol BRK = KEYS.protocol("brk");
  private static final Protocol NOSYNC_KICK = KEYS.protocol("nosync-kick");

  private PatchLatency() {}

  /// One row of the table.
  private record Case(Protocol protocol, String sync, int cpus, int sites, int batch) {}

  public static void main(String[] args) {
    int most = args.length == 0 ? 32 : Integer.parseInt(args[0]);
    System.out.printf("%-12s %-10s %-10s %4s %5s %5s %9s %9s %9s %9s %7s %7s %8s %8s %8s %8s %9s %8s%n", "protocol",
        "preset", "sync", "cpus", "sites", "batch",
        "flip p50", "flip p99", "batch p50", "batch p99", "rounds", "ipis", "traps", "stol p50", "stol p99", "lost",
        "stolen", "ns p50");
    for (int cpus = 1; cpus <= most; cpus *= 2) {
      for (String sync : library(INT3_BATCH).syncs()) {
        print(new Case(INT3_BATCH, sync, cpus, 8, 256));
      }
      print(new Case(BRK, "", cpus, 8, 256));
      print(new Case(NOSYNC_KICK, "", cpus, 8, 256));
    }
    int cpus = Math.min(4, most);
    for (Protocol protocol : List.of(INT3_BATCH, BRK, NOSYNC_KICK)) {
      for (int sites : new int[] {1, 4, 56}) {
        print(new Case(protocol, library(protocol).sync(), cpus, sites, 256));
      }
      print(new Case(protocol, library(protocol).sync(), cpus, 56, 1));
    }
  }

  private static GuestLibrary library(Protocol protocol) {
    return GuestLibrary.of(protocol.isa());
  }

  private static void print(Case c) {
    Run run = run(c, guest(c).flips(FLIPS).flipInterval(0), RunLimits.NONE);
    LostWork[] work = LostWork.watch(run);
    run.execute(r -> {});
    if (!run.end().good()) {
      throw new IllegalStateException(c + ": " + run.end().text());
    }
    Latency latency = run.latency();
    Histogram flip = latency.of(Span.FLIP);
    Histogram batch = latency.of(Span.BATCH);
    StolenCycles stolen = latency.stolen();
    System.out.printf("%-12s %-10s %-10s %4d %5d %5d %,9d %,9d %,9d %,9d %7d %7d %8d %,8d %,8d %,8d %,9d %8d%n",
        c.protocol.name(),
        run.machine().config().preset(), run.scenario().machine().isa().coherentFetch() ? c.sync : "-", c.cpus,
        c.sites, c.batch,
        flip.getValueAtPercentile(50), flip.getValueAtPercentile(99), batch.getValueAtPercentile(50),
        batch.getValueAtPercentile(99),
        latency.of(Span.SYNC).getTotalCount() / FLIPS, latency.interrupted() / FLIPS, stolen.traps() / FLIPS,
        stolen.perCpu().getValueAtPercentile(50), stolen.perCpu().getValueAtPercentile(99),
        Math.round(lost(c, run, work)),
        (stolen.interruptCycles() + stolen.trapCycles()) / FLIPS,
        flip.getValueAtPercentile(50) * 1000 / run.machine().timing().table().frequencyMhz());
  }

  private static GuestConfig.Builder guest(Case c) {
    return GuestConfig.builder(KEYS, c.protocol).cpus(c.cpus).sites(c.sites).keys(2).flipOrder(List.of(0))
        .batchLimit(c.batch)
        .sync(c.sync)
        .iterations(Work.ENDLESS);
  }

  private static Run run(Case c, GuestConfig.Builder builder, RunLimits limits) {
    GuestConfig guest = builder.build();
    Isa isa = Plugins.isa(c.protocol.isa());
    boolean coherent = isa.coherentFetch();
    MachineConfig machine = new MachineConfig(
        isa, c.cpus, isa.presets().get(0), MachineConfig.Staleness.TYPICAL, coherent, coherent,
        GuestLayout.ramBytes(guest), 1);
    TimingTable timing = Machine.readTiming(isa, machine.preset());
    TraceSetup setup = Plugins.traceUnits(isa.tracedBy().getFirst())
        .configure((name, otherwise) -> switch (name) {
          case "frequency_mhz" -> timing.frequencyMhz();
          case "timer_mhz" -> timing.timerMhz();
          default -> otherwise;
        });
    return new Run(
        new Scenario("latency", "", machine, guest, new Scenario.Trace(setup), limits, Expectation.PASS));
  }

  /// Cycles of work lost per flip and bystander, from the first flip to the last. Sites jump half of that time, so it
  /// is held against the mean of runs without flips in which they always and never do.
  private static double lost(Case c, Run run, LostWork[] work) {
    long from = run.latency().firstFlip();
    long to = run.latency().lastFlip();
    double sum = 0;
    for (int key = 0; key < 2 && c.cpus > 1; key++) {
      LostWork[] quiet = quiet(c, key, to);
      for (int cpu = 1; cpu < c.cpus; cpu++) {
        sum += work[cpu].lost(from, to, quiet[cpu]);
      }
    }
    return c.cpus > 1 ? sum / 2 / (c.cpus - 1) / FLIPS : 0;
  }

  /// The work of a run of `cycles` without flips but for one at the very start: of key 0, which has the sites, or of
  /// key 1, which has none.
  private static LostWork[] quiet(Case c, int key, long cycles) {
    Run run = run(c, guest(c).flipOrder(List.of(key)).flips(0).flipInterval(Long.MAX_VALUE / 2),
        RunLimits.ofCycles(cycles));
    LostWork[] work = LostWork.watch(run);
    run.execute(r -> {});
    return work;
  }
}
