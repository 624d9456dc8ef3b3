package dev.crosspatch.bench;

import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.sim.mechanism.Mechanism;
import dev.crosspatch.sim.mechanism.Mechanisms;
import dev.crosspatch.sim.mechanism.Protocol;
import dev.crosspatch.sim.mechanism.Span;
import dev.crosspatch.sim.run.Latency;
import dev.crosspatch.sim.run.Run;
import dev.crosspatch.sim.run.StolenCycles;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/// Milliseconds of the host that a run of every mechanism takes, under each of its protocols, and, as secondary
/// results, its patch latency in guest cycles: what the rows of [PatchLatency] say, in JMH's reports.
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2)
@Measurement(iterations = 5)
@Fork(1)
public class PatchFlips {
  /// `MECHANISM/PROTOCOL`; without `-p of=...` every one that ends well.
  @Param("(say -p of=MECHANISM/PROTOCOL)")
  String of = "";

  private @Nullable LatencyCase measured;
  private @Nullable Run run;

  /// Of one run: cycles, medians but for the last, and numbers of a flip.
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Guest {
    public double flip;
    public double newText;
    public double locked;
    public double rounds;
    public double ipis;
    public double traps;
    public double stolen;

    void take(Latency latency) {
      StolenCycles lost = latency.stolen();
      flip = latency.of(Span.FLIP).getValueAtPercentile(50);
      newText = latency.newText().getValueAtPercentile(50);
      locked = latency.locked().getValueAtPercentile(50);
      rounds = latency.roundsPerFlip();
      ipis = latency.ipisPerFlip();
      traps = latency.trapsPerFlip();
      stolen = (double) (lost.interruptCycles() + lost.trapCycles()) / latency.flips();
    }
  }

  /// With JMH's options; those of the measured pairs are told apart by `of`.
  public static void main(String[] args) throws CommandLineOptionException, RunnerException {
    CommandLineOptions said = new CommandLineOptions(args);
    OptionsBuilder options = new OptionsBuilder();
    options.parent(said).include(PatchFlips.class.getName());
    if (!said.getParameter("of").hasValue()) {
      options.param("of", Mechanisms.names().stream()
          .flatMap(name -> LatencyCase.right(Mechanisms.shipped(name)).stream().map(p -> name + "/" + p.name()))
          .toArray(String[]::new));
    }
    new Runner(options.build()).run();
  }

  @Setup(Level.Trial)
  public void find() {
    int at = of.lastIndexOf('/');
    Mechanism mechanism = Mechanisms.find(of.substring(0, at), Path.of("latency"));
    Protocol protocol =
        mechanism.protocols().stream().filter(p -> p.name().equals(of.substring(at + 1))).findFirst().orElseThrow();
    measured = LatencyCase.of(mechanism, protocol, PatchLatency.FLIPS);
  }

  @Setup(Level.Iteration)
  public void build() {
    LatencyCase c = Objects.requireNonNull(measured);
    run = c.run(c.guest(), RunLimits.NONE);
  }

  @Benchmark
  public Run flips(Guest guest) {
    Run done = Objects.requireNonNull(run).execute(r -> {});
    guest.take(done.latency());
    return done;
  }
}
