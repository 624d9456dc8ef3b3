package dev.crosspatch.sim.linux;

import dev.crosspatch.core.choice.SeededChoices;
import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.machine.MachineConfig;
import dev.crosspatch.core.machine.UserMode;
import dev.crosspatch.platform.Booted;
import dev.crosspatch.platform.Device;
import dev.crosspatch.platform.MemoryMap;
import dev.crosspatch.platform.Platform;
import dev.crosspatch.sim.Plugins;
import java.util.Objects;

/// A machine on the board `user` that has booted to its gate, for whoever stands in for its kernel there.
///
/// @param platform the machine on its board
/// @param user     what its ISA knows of user mode
/// @param gate     where its traps come to
/// @param booted   its page tables, and pages that nobody uses
public record UserMachine(Platform platform, UserMode user, Image gate, Booted booted) {
  private static final long GATE_WINDOW = 4096;

  /// Assembles one, all of whose CPUs stand at the gate. Nobody is there yet: see [#attach].
  ///
  /// @throws IllegalArgumentException if the gate does not fit into RAM
  public static UserMachine of(MachineConfig config) {
    UserMode user = Objects.requireNonNull(config.isa().userMode());
    Platform platform = Plugins.board("user").assemble(config, new SeededChoices(config.seed(), config.cpus()));
    Image gate = user.gate(platform.map().kernelBase(), device(platform), config.cpus());
    UserMachine made = new UserMachine(platform, user, gate, platform.boot(gate));
    for (int i = 0; i < config.cpus(); i++) {
      user.prepare(made.machine().core(i), gate, device(platform));
    }
    return made;
  }

  /// The machine.
  public Machine machine() {
    return platform.machine();
  }

  /// From now on `kernel` is told by a store when a core comes to the gate.
  public void attach(Device kernel) {
    platform.bus().attach(registers(platform.map()), GATE_WINDOW, kernel);
  }

  private static long registers(MemoryMap map) {
    return Objects.requireNonNull(map.registers().get("gate"));
  }

  /// Where the gate stores.
  private static long device(Platform platform) {
    return platform.map().deviceMap() + registers(platform.map());
  }
}
