package dev.crosspatch.bench;

import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.mechanism.Mechanism;
import dev.crosspatch.sim.mechanism.Mechanisms;
import dev.crosspatch.sim.mechanism.Protocol;
import dev.crosspatch.sim.mechanism.Span;
import dev.crosspatch.sim.run.Latency;
import dev.crosspatch.sim.run.Run;
import java.nio.file.Path;
import java.util.Collection;
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
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.util.Optional;

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
  private double share;

  /// Of a flip: cycles, medians but for the last, and numbers. JMH adds up what iterations say, and every one of them
  /// has the same to say, so each says its share.
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

    void take(Latency latency, double share) {
      flip = latency.of(Span.FLIP).getValueAtPercentile(50) * share;
      newText = latency.newText().getValueAtPercentile(50) * share;
      locked = latency.locked().getValueAtPercentile(50) * share;
      rounds = latency.roundsPerFlip() * share;
      ipis = latency.ipisPerFlip() * share;
      traps = latency.trapsPerFlip() * share;
      stolen = PatchLatency.stolenPerFlip(latency) * share;
    }
  }

  public static void main(String[] args) {
    int status = execute(args);
    if (status != 0) {
      System.exit(status);
    }
  }

  /// Runs with JMH's options; `-p of=...` says which pairs. Returns the exit status: 2 if they are not understood, and
  /// says why.
  static int execute(String... args) {
    try {
      CommandLineOptions said = new CommandLineOptions(args);
      OptionsBuilder options = new OptionsBuilder();
      options.parent(said).include(PatchFlips.class.getName());
      Optional<Collection<String>> pairs = said.getParameter("of");
      if (pairs.hasValue()) {
        pairs.get().forEach(PatchFlips::named);
      } else {
        options.param("of", Mechanisms.names().stream()
            .flatMap(name -> LatencyCase.right(Mechanisms.shipped(name)).stream().map(p -> name + "/" + p.name()))
            .toArray(String[]::new));
      }
      new Runner(options.build()).run();
    } catch (BadInput | CommandLineOptionException | RunnerException e) {
      System.err.println("flips: " + e.getMessage());
      return 2;
    }
    return 0;
  }

  /// What `MECHANISM/PROTOCOL` measures.
  ///
  /// @throws BadInput if there is no such pair
  private static LatencyCase named(String pair) {
    int slash = pair.lastIndexOf('/');
    Mechanism mechanism = Mechanisms.find(pair.substring(0, Math.max(0, slash)), Path.of("latency"));
    String name = pair.substring(slash + 1);
    Protocol protocol = mechanism.protocols().stream().filter(p -> p.name().equals(name)).findFirst()
        .orElseThrow(() -> new BadInput("'" + name + "' is none of the protocols of " + mechanism + ": "
            + String.join(", ", mechanism.protocols().stream().map(Protocol::name).toList())));
    return LatencyCase.of(mechanism, protocol, PatchLatency.FLIPS);
  }

  @Setup(Level.Trial)
  public void find(BenchmarkParams params) {
    measured = named(of);
    share = 1.0 / (params.getMeasurement().getCount() * Math.max(1, params.getForks()));
  }

  @Setup(Level.Iteration)
  public void build() {
    LatencyCase c = Objects.requireNonNull(measured);
    run = c.run(c.guest(), RunLimits.NONE);
  }

  @Benchmark
  public Run flips(Guest guest) {
    Run done = Objects.requireNonNull(run).execute(r -> {});
    guest.take(done.latency(), share);
    return done;
  }
}
