package dev.crosspatch.platform;

import dev.crosspatch.core.choice.Choices;
import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.core.machine.MachineConfig;

/// A sort of board, as a plug-in found with `ServiceLoader`: where RAM and devices lie, which devices there are, and
/// how what is made of it starts. Implementations are stateless.
public interface Board {

  /// Short name.
  String name();

  /// Where things lie on this board with cores of `isa`: what the file of its name says.
  ///
  /// @throws IllegalArgumentException if the board has none for this ISA
  default MemoryMap map(Isa isa) {
    return MemoryMap.of(name(), isa);
  }

  /// Such a board with its cores and RAM, which are at reset, and its devices.
  ///
  /// @param choices decides what the manual leaves open
  /// @throws IllegalArgumentException if the board has no map for the ISA, or the ISA no timing table for the preset
  default Platform assemble(MachineConfig config, Choices choices) {
    return new Platform(map(config.isa()), config, choices);
  }
}
