package dev.crosspatch.bench;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.sim.Plugins;
import dev.crosspatch.sim.guest.GuestConfig;
import dev.crosspatch.sim.guest.GuestKernel;
import dev.crosspatch.sim.mechanism.Mechanism;
import dev.crosspatch.sim.mechanism.Mechanisms;
import dev.crosspatch.sim.mechanism.Protocol;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// What the first kernel of a process costs, in milliseconds: Keystone opened, a whole guest kernel read, encoded and
/// laid out, nothing kept from earlier. Each figure is of a JVM of its own.
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 0)
@Measurement(iterations = 1)
@Fork(7)
public class KernelAssembly {
  /// Said on the command line (`-p isa=...`), as `./bench` does.
  @Param("(say -p isa=NAME)")
  String isa = "";

  @Param({"64", "256"})
  int sites;

  @Benchmark
  public Image build() {
    Mechanism keys = Mechanisms.shipped(Mechanisms.USUAL);
    Protocol protocol = keys.protocols().stream().filter(p -> p.isa().equals(isa)).findFirst().orElseThrow();
    GuestConfig guest = GuestConfig.builder(keys, protocol).sites(sites).build();
    Isa plugin = Plugins.isa(isa);
    return GuestKernel.build(plugin, Plugins.assembler(isa).assembler(isa), guest);
  }
}
