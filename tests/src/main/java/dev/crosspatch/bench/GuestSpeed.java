package dev.crosspatch.bench;

import dev.crosspatch.core.event.RetireBatch;
import dev.crosspatch.core.event.RetireSink;
import dev.crosspatch.core.time.Grade;
import dev.crosspatch.sim.Plugins;
import dev.crosspatch.tracer.unit.TraceSetup;
import dev.crosspatch.tracer.unit.TraceUnit;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// Guest instructions per microsecond (MIPS) of the tier-0 interpreter with translation, caches, branch prediction and
/// timing modelled; with nobody listening, and with a trace unit.
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class GuestSpeed {
  private static final int INSTRUCTIONS = 1_000_000;
  /// Invocations after which a fresh trace unit takes over, so that the trace does not outgrow memory.
  private static final int FRESH = 64;

  /// Said on the command line (`-p isa=...`), as `./bench` does.
  @Param("(say -p isa=NAME)")
  String isa = "";

  @Param({"false", "true"})
  boolean traced;

  /// How closely time is told; `-p time=ADDITIVE,PIPELINE` for more than one.
  @Param("ADDITIVE")
  Grade time = Grade.ADDITIVE;

  private @Nullable GuestLoop loop;
  private @Nullable Switch unit;
  private int runs;

  /// Hands rows to the present trace unit.
  private static final class Switch implements RetireSink {
    private final TraceSetup setup;
    private TraceUnit unit;

    Switch(String isa) {
      setup = Plugins.traceUnits(Plugins.isa(isa).tracedBy().getFirst()).configure((name, otherwise) -> otherwise);
      unit = fresh();
    }

    private TraceUnit fresh() {
      return setup.unit(0, (bytes, from, length) -> {});
    }

    void renew() {
      unit = fresh();
    }

    @Override
    public void retired(RetireBatch batch) {
      unit.retired(batch);
    }
  }

  @Setup(Level.Trial)
  public void boot() {
    GuestLoop booted = new GuestLoop(isa, time);
    Switch tracer = new Switch(isa);
    if (traced) {
      booted.machine.attach(0, tracer);
    }
    loop = booted;
    unit = tracer;
  }

  @Benchmark
  @OperationsPerInvocation(INSTRUCTIONS)
  public long instructions() {
    if (++runs % FRESH == 0) {
      Objects.requireNonNull(unit).renew();
    }
    return Objects.requireNonNull(loop).run(INSTRUCTIONS);
  }
}
