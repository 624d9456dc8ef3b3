package dev.crosspatch.core.machine;

import dev.crosspatch.core.cpu.Core;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Devices by physical address. Nothing answers where there is none: reads give all ones, writes are lost, as on a PC
/// bus.
public final class Bus {
  private record Window(long base, long size, Device device) {
    boolean contains(long pa) {
      return Long.compareUnsigned(pa - base, size) < 0;
    }
  }

  private final transient List<Window> windows = new ArrayList<>();
  private final List<Device> devices = new ArrayList<>();

  /// Puts a device at `base..base+size-1`.
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

  /// A core reads `1 << width` bytes at `pa`.
  public long read(Core core, long pa, int width) {
    Window w = find(pa);
    return w == null ? -1 : w.device.read(core, pa - w.base, width);
  }

  /// A core writes them.
  public void write(Core core, long pa, int width, long value) {
    Window w = find(pa);
    if (w != null) {
      w.device.write(core, pa - w.base, width, value);
    }
  }

  private @Nullable Window find(long pa) {
    for (Window w : windows) {
      if (w.contains(pa)) {
        return w;
      }
    }
    return null;
  }
}
