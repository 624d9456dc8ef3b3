package dev.crosspatch.core.machine;

import dev.crosspatch.core.cpu.Core;

/// What is around the cores and the RAM of a machine, as its board has it: where RAM lies, and what answers at all
/// other physical addresses. A machine is made with it and knows nothing else of boards and devices.
public interface Surroundings {

  /// Physical address of the first byte of RAM.
  long ramBase();

  /// A core reads `1 << width` bytes at physical address `pa`, which is not RAM.
  long read(Core core, long pa, int width);

  /// A core writes them.
  void write(Core core, long pa, int width, long value);

  /// A core reads `1 << width` bytes of port `port`, where the ISA has a space of ports (x86). All ones if nothing
  /// answers.
  long readPort(Core core, int port, int width);

  /// A core writes them.
  void writePort(Core core, int port, int width, long value);
}
