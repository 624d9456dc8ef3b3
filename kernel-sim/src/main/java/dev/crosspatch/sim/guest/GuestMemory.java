package dev.crosspatch.sim.guest;

import dev.crosspatch.platform.Dma;
import dev.crosspatch.platform.MemoryMap;
import dev.crosspatch.platform.Platform;
import org.jspecify.annotations.Nullable;

/// A guest kernel's memory by the kernel's own addresses, as a device sees it: what a load would return now. Addresses
/// are those of the image, which lies in RAM in one piece, those of the room for text, which may be mapped elsewhere,
/// and those of the writable alias of all RAM.
final class GuestMemory {
  private final MemoryMap map;
  private final Dma dma;
  private final long room;
  private final long roomDistance;

  GuestMemory(Platform platform, GuestConfig guest) {
    map = platform.map();
    dma = platform.dma();
    room = GuestLayout.textRoom(map, guest);
    roomDistance = GuestLayout.roomDistance(guest);
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
    boolean inRoom = Long.compareUnsigned(address - room, GuestLayout.TEXT_ROOM_SIZE) < 0;
    long linked = address - (inRoom ? roomDistance : 0) - map.kernelBase() + map.imageBase();
    return dma.reaches(linked, 1) ? linked : address - map.directMap();
  }
}
