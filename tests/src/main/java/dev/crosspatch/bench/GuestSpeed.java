package dev.crosspatch.bench;

import dev.crosspatch.core.event.RetireBatch;
import dev.crosspatch.core.event.RetireSink;
import dev.crosspatch.sim.Plugins;
import dev.crosspatch.tracer.unit.TraceSetup;
import dev.crosspatch.tracer.unit.TraceUnit;
import java.util.concurrent.TimeUnit;
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

  @Param({"x86-64", "aarch64"})
  String isa = "";

  @Param({"false", "true"})
  boolean traced;

  private GuestLoop loop = new GuestLoop("x86-64");
  private Switch unit = new Switch("x86-64");
  private int runs;

  /// Hands rows to the present trace unit.
  private static final class Switch implements RetireSink {
    private final TraceSetup setup;
    private TraceUnit unit;

    Switch(String isa) {
      setup = Plugins.traceUnits(isa.equals("x86-64") ? "pt" : "etm").configure((name, otherwise) -> otherwise);
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
    loop = new GuestLoop(isa);
    unit = new Switch(isa);
    if (traced) {
      loop.machine.attach(0, unit);
    }
  }

  @Benchmark
  @OperationsPerInvocation(INSTRUCTIONS)
  public long instructions() {
    if (++runs % FRESH == 0) {
      unit.renew();
    }
    return loop.run(INSTRUCTIONS);
  }
}
