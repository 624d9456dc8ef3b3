package dev.crosspatch.core.machine;

import dev.crosspatch.core.cpu.Core;

/// Something at a physical address outside RAM.
public interface Device {

  /// Reads `1 << width` bytes at `offset` from the device's base.
  long read(Core core, long offset, int width);

  /// Writes them.
  void write(Core core, long offset, int width, long value);
}
