package dev.crosspatch.bench;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.machine.MachineConfig;
import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.core.machine.RunResult;
import dev.crosspatch.core.time.Grade;
import dev.crosspatch.platform.LabBoard;
import dev.crosspatch.platform.Platform;
import dev.crosspatch.sim.Plugins;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;

/// A loop as a compiler would make it, without end, on a machine of one core: a load, arithmetic on it, a branch on the
/// result that is taken now and then, a store, an index that wraps, and the branch back; about twelve instructions a
/// turn over an 8 KiB array.
final class GuestLoop {
  private static final int RAM = 32 << 20;
  private static final long DATA = 0x20_0000;

  final Machine machine;
  private long retired;

  GuestLoop(String isaName, Grade time) {
    Isa isa = Plugins.isa(isaName);
    long base = new LabBoard().map(isa).kernelBase();
    Image image = Plugins.assembler(isaName).assembler(isaName)
        .assemble("loop.s", source(isaName), Map.of(".text", base, ".data", base + DATA), Map.of());
    Platform platform = new LabBoard().assemble(new MachineConfig(
        isa, 1, isa.presets().get(0), MachineConfig.Staleness.TYPICAL, isa.coherentFetch(),
        isa.coherentFetch(), RAM, 1).withTime(time));
    platform.boot(image);
    machine = platform.machine();
  }

  /// Resource `loop-ISA.s`.
  private static String source(String isa) {
    try (InputStream in = Objects.requireNonNull(GuestLoop.class.getResourceAsStream("loop-" + isa + ".s"), isa)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Runs this many instructions more.
  long run(int instructions) {
    retired += instructions;
    RunResult result = machine.run(RunLimits.ofRetired(retired));
    if (result.end() != RunResult.End.RETIRED_LIMIT) {
      throw new IllegalStateException("the loop ended: " + result.reason());
    }
    return result.cycles();
  }
}
