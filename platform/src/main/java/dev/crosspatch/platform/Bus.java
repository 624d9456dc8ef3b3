package dev.crosspatch.platform;

import dev.crosspatch.core.cpu.Core;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Devices by address. Nothing answers where there is none: reads give all ones, writes are lost, as on a PC bus.
public final class Bus {
  private record Window(long base, long size, Device device) {
    boolean contains(long address) {
      return Long.compareUnsigned(address - base, size) < 0;
    }
  }

  private final transient List<Window> windows = new ArrayList<>();
  private final List<Device> devices = new ArrayList<>();

  Bus() {}

  /// Puts a device at `base..base+size-1`, before the machine runs.
  ///
  /// @throws IllegalArgumentException if another device is in the way
  public void attach(long base, long size, Device device) {
    for (Window w : windows) {
      if (w.contains(base) || new Window(base, size, device).contains(w.base)) {
        throw new IllegalArgumentException(
            String.format("device at 0x%x..0x%x overlaps the one at 0x%x", base, base + size - 1, w.base));
      }
    }
    windows.add(new Window(base, size, device));
    devices.add(device);
  }

  long read(Core core, long address, int width) {
    Window w = find(address);
    return w == null ? -1 : w.device.read(core, address - w.base, width);
  }

  void write(Core core, long address, int width, long value) {
    Window w = find(address);
    if (w != null) {
      w.device.write(core, address - w.base, width, value);
    }
  }

  private @Nullable Window find(long address) {
    for (Window w : windows) {
      if (w.contains(address)) {
        return w;
      }
    }
    return null;
  }
}
