package dev.crosspatch.bench;

import dev.crosspatch.core.isa.Isa;
import dev.crosspatch.core.machine.MachineConfig;
import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.sim.Plugins;
import dev.crosspatch.sim.guest.Counter;
import dev.crosspatch.sim.guest.GuestConfig;
import dev.crosspatch.sim.guest.GuestLayout;
import dev.crosspatch.sim.guest.Mark;
import dev.crosspatch.sim.guest.Protocol;
import dev.crosspatch.sim.guest.SyncKind;
import dev.crosspatch.sim.run.Latency;
import dev.crosspatch.sim.run.Run;
import dev.crosspatch.sim.scenario.Scenario;
import dev.crosspatch.sim.scenario.Verdict;
import java.util.List;
import org.HdrHistogram.Histogram;

/// Patch latency in guest cycles, a table: per flip and per batch, by CPUs, sites, batch limit, sync kind and protocol; sync rounds and interrupted CPUs per flip,
/// and breakpoints taken by bystanders per flip.
/// The figures are the simulation's own, so they are the same on every host.
public final class PatchLatency {
  private static final int FLIPS = 20;

  private PatchLatency() {}

  /// One row of the table.
  private record Case(Protocol protocol, SyncKind sync, int cpus, int sites, int batch) {}

  public static void main(String[] args) {
    int most = args.length == 0 ? 32 : Integer.parseInt(args[0]);
    System.out.printf("%-12s %-10s %-10s %4s %5s %5s %9s %9s %9s %9s %7s %7s %8s %8s%n", "protocol", "preset", "sync", "cpus", "sites", "batch",
        "flip p50", "flip p99", "batch p50", "batch p99", "rounds", "ipis", "traps", "ns p50");
    for (int cpus = 1; cpus <= most; cpus *= 2) {
      for (SyncKind sync : SyncKind.values()) {
        print(new Case(Protocol.INT3_BATCH, sync, cpus, 8, 256));
      }
      print(new Case(Protocol.BRK, SyncKind.IRET, cpus, 8, 256));
      print(new Case(Protocol.NOSYNC_KICK, SyncKind.IRET, cpus, 8, 256));
    }
    int cpus = Math.min(4, most);
    for (Protocol protocol : List.of(Protocol.INT3_BATCH, Protocol.BRK, Protocol.NOSYNC_KICK)) {
      for (int sites : new int[] {1, 4, 56}) {
        print(new Case(protocol, SyncKind.IRET, cpus, sites, 256));
      }
      print(new Case(protocol, SyncKind.IRET, cpus, 56, 1));
    }
  }

  private static void print(Case c) {
    Isa isa = Plugins.isa(c.protocol.isa());
    GuestConfig guest = GuestConfig.builder(c.protocol).cpus(c.cpus).sites(c.sites).keys(1).flips(FLIPS).flipInterval(0).batchLimit(c.batch)
        .sync(c.sync).iterations(GuestConfig.ENDLESS).build();
    boolean coherent = isa.coherentFetch();
    MachineConfig machine = new MachineConfig(
        isa, c.cpus, isa.presets().get(0), MachineConfig.Staleness.TYPICAL, coherent, coherent, GuestLayout.ramBytes(guest), 1);
    String protocol = isa.name().equals("x86-64") ? "pt" : "etm";
    Run run = new Run(new Scenario("latency", "", machine, guest, new Scenario.Trace(protocol, Plugins.protocol(protocol).options()),
        RunLimits.NONE, Verdict.PASS)).execute(r -> {});
    if (!run.endedWell()) {
      throw new IllegalStateException(c + ": " + run.ending());
    }
    Latency latency = new Latency(run.machine(), run.lab());
    Histogram flip = latency.of(Mark.FLIP_BEGIN);
    Histogram batch = latency.of(Mark.BATCH_BEGIN);
    System.out.printf("%-12s %-10s %-10s %4d %5d %5d %,9d %,9d %,9d %,9d %7d %7d %8d %8d%n", c.protocol, machine.preset(),
        coherent ? c.sync : "-", c.cpus, c.sites, c.batch, flip.getValueAtPercentile(50), flip.getValueAtPercentile(99), batch.getValueAtPercentile(50),
        batch.getValueAtPercentile(99), latency.of(Mark.SYNC_BEGIN).getTotalCount() / FLIPS, latency.interrupted() / FLIPS,
        run.lab().total(Counter.TRAPS) / FLIPS, flip.getValueAtPercentile(50) * 1000 / run.machine().timing().frequencyMhz());
  }
}
