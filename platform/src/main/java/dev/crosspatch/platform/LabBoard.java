package dev.crosspatch.platform;

import dev.crosspatch.core.choice.Choices;
import dev.crosspatch.core.choice.SeededChoices;
import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.core.machine.MachineConfig;

/// The laboratory's board: RAM, and room for devices below 4 GiB. An ISA that brings a
/// `/dev/crosspatch/board/lab/NAME.map` ([MemoryMap]) can be put on it.
public final class LabBoard implements Board {
  @Override
  public String name() {
    return "lab";
  }

  @Override
  public MemoryMap map(Isa isa) {
    return MemoryMap.of(name(), isa);
  }

  @Override
  public Platform assemble(MachineConfig config, Choices choices) {
    return new Platform(map(config.isa()), config, choices);
  }

  /// One whose free choices are drawn from the configuration's seed.
  public Platform assemble(MachineConfig config) {
    return assemble(config, new SeededChoices(config.seed(), config.cpus()));
  }
}
