package dev.crosspatch.sim.guest;

import dev.crosspatch.platform.Dma;
import dev.crosspatch.platform.MemoryMap;
import dev.crosspatch.platform.Platform;
import org.jspecify.annotations.Nullable;

/// A guest kernel's memory by the kernel's own addresses, as a device sees it: what a load would return now. Addresses
/// are those of the image, which lies in RAM in one piece, and those of the writable alias of all RAM.
final class GuestMemory {
  private final MemoryMap map;
  private final Dma dma;

  GuestMemory(Platform platform) {
    map = platform.map();
    dma = platform.dma();
  }

  /// `length` bytes at `address`, or null if they are not all there.
  byte @Nullable [] read(long address, int length) {
    long pa = physical(address);
    return dma.reaches(pa, length) ? dma.read(pa, length) : null;
  }

  /// Writes there, as a device does; what is not RAM is left alone.
  void write(long address, byte[] bytes, long clock) {
    long pa = physical(address);
    if (dma.reaches(pa, bytes.length)) {
      dma.write(pa, bytes, clock);
    }
  }

  private long physical(long address) {
    long linked = address - map.kernelBase() + map.imageBase();
    return dma.reaches(linked, 1) ? linked : address - map.directMap();
  }
}
