package dev.crosspatch.platform;

import dev.crosspatch.core.choice.Choices;
import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.core.machine.MachineConfig;

/// A board for programs in user mode: RAM, and the window of the gate's device, which whoever stands in for the
/// operating system puts there ([dev.crosspatch.core.machine.UserMode]). Its map says where, by the name `gate`.
public final class UserBoard implements Board {
  @Override
  public String name() {
    return "user";
  }

  @Override
  public MemoryMap map(Isa isa) {
    return MemoryMap.of(name(), isa);
  }

  @Override
  public Platform assemble(MachineConfig config, Choices choices) {
    return new Platform(map(config.isa()), config, choices);
  }
}
