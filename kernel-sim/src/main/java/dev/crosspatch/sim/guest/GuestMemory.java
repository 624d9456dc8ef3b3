package dev.crosspatch.sim.guest;

import dev.crosspatch.core.mem.PhysicalMemory;
import dev.crosspatch.platform.MemoryMap;
import dev.crosspatch.platform.Platform;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A guest kernel's memory by the kernel's own addresses, as a device sees it: what a load would return now. Addresses
/// are those of the image, which lies in RAM in one piece, and those of the writable alias of all RAM.
final class GuestMemory {
  private final MemoryMap map;
  private final PhysicalMemory memory;

  GuestMemory(Platform platform) {
    map = platform.map();
    memory = platform.machine().memory();
  }

  /// `length` bytes at `address`, or null if they are not all there.
  byte @Nullable [] read(long address, int length) {
    long pa = physical(address);
    if (length < 0 || !memory.contains(pa) || (length > 0 && !memory.contains(pa + length - 1))) {
      return null;
    }
    int at = memory.offset(pa);
    return Arrays.copyOfRange(memory.data(), at, at + length);
  }

  private long physical(long address) {
    long linked = address - map.kernelBase() + map.imageBase();
    return memory.contains(linked) ? linked : address - map.directMap();
  }
}
