package dev.crosspatch.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.crosspatch.core.cpu.Core;
import org.junit.jupiter.api.Test;

final class BusTest {
  private static final class Silent implements Device {
    @Override
    public long read(Core core, long offset, int width) {
      return 0;
    }

    @Override
    public void write(Core core, long offset, int width, long value) {}
  }

  @Test
  void overlappingDevicesAreRefused() {
    Bus bus = new Bus();
    bus.attach(0x1000, 0x100, new Silent());
    bus.attach(0x1100, 0x100, new Silent());
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> bus.attach(0xfff, 2, new Silent()));
    assertEquals("device at 0xfff..0x1000 overlaps the one at 0x1000", e.getMessage());
  }
}
