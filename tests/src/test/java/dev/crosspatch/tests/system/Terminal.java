package dev.crosspatch.tests.system;

import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.platform.Device;

/// A device that keeps the characters that are written to it.
final class Terminal implements Device {
  private final StringBuilder printed = new StringBuilder();

  @Override
  public long read(Core core, long offset, int width) {
    return 0;
  }

  @Override
  public void write(Core core, long offset, int width, long value) {
    printed.append((char) (value & 0x7f));
  }

  String printed() {
    return printed.toString();
  }
}
