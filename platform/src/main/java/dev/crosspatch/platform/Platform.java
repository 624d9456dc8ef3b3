package dev.crosspatch.platform;

import dev.crosspatch.core.choice.Choices;
import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.machine.MachineConfig;
import dev.crosspatch.core.machine.Surroundings;

/// A machine on its board: cores and RAM, and the buses on which its devices are.
public final class Platform {
  private final MemoryMap map;
  private final Bus bus = new Bus();
  private final Machine machine;

  Platform(MemoryMap map, MachineConfig config, Choices choices) {
    this.map = map;
    machine = new Machine(config, new Wires(), choices);
  }

  /// What the machine sees of the board.
  private final class Wires implements Surroundings {
    @Override
    public long ramBase() {
      return map.ramBase();
    }

    @Override
    public long read(Core core, long pa, int width) {
      return bus.read(core, pa, width);
    }

    @Override
    public void write(Core core, long pa, int width, long value) {
      bus.write(core, pa, width, value);
    }
  }

  /// Cores and RAM.
  public Machine machine() {
    return machine;
  }

  /// Where things lie.
  public MemoryMap map() {
    return map;
  }

  /// Devices by physical address.
  public Bus bus() {
    return bus;
  }

  /// Puts `image` into RAM, maps it and all else as [#map] says, and sets every core to its entry state, as a boot
  /// loader would. CPU 0 starts at symbol `start`, the others at symbol `secondary_start`, each with its number as
  /// argument.
  ///
  /// @throws IllegalArgumentException if a symbol is missing or the image does not fit, naming it
  public void boot(Image image) {
    new BootLoader(machine, map).boot(image);
  }
}
