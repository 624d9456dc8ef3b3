package dev.crosspatch.platform;

import dev.crosspatch.core.choice.SeededChoices;
import dev.crosspatch.core.machine.MachineConfig;

/// The laboratory's board: RAM, and room for devices below 4 GiB. An ISA that brings a
/// `/dev/crosspatch/board/lab/NAME.map` ([MemoryMap]) can be put on it.
public final class LabBoard implements Board {
  @Override
  public String name() {
    return "lab";
  }

  /// One whose free choices are drawn from the configuration's seed.
  public Platform assemble(MachineConfig config) {
    return assemble(config, new SeededChoices(config.seed(), config.cpus()));
  }
}
