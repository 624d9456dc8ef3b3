package dev.crosspatch.platform;

import dev.crosspatch.core.cpu.Core;

/// Something that answers in a window of physical addresses outside RAM. Its state is in its fields, so that snapshots
/// have it ([dev.crosspatch.core.state.Snapshot]).
public interface Device {

  /// A core reads `1 << width` bytes at `offset` from the beginning of the window.
  long read(Core core, long offset, int width);

  /// A core writes them.
  void write(Core core, long offset, int width, long value);
}
