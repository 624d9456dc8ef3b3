package dev.crosspatch.platform;

import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.mem.PhysicalMemory;
import java.util.Arrays;

/// A device's own accesses to RAM. They are coherent: a read has what a core's load would have, a write is seen by the
/// next load of every core, and reaches the point of unification at once; what cores have fetched stays with them as
/// their ISA says. They take no time.
public final class Dma {
  private final Machine machine;

  Dma(Machine machine) {
    this.machine = machine;
  }

  /// Whether all of `[pa, pa + length)` is RAM.
  public boolean reaches(long pa, int length) {
    PhysicalMemory memory = machine.memory();
    return length >= 0 && memory.contains(pa) && (length == 0 || memory.contains(pa + length - 1));
  }

  /// Reads RAM.
  ///
  /// @throws IllegalArgumentException if not all of it is there
  public byte[] read(long pa, int length) {
    check(pa, length);
    PhysicalMemory memory = machine.memory();
    int at = memory.offset(pa);
    return Arrays.copyOfRange(memory.data(), at, at + length);
  }

  /// Writes RAM, line by line.
  ///
  /// @param clock when, in [dev.crosspatch.core.time.ClockUnit]s: of the core that is writing to the device, or of the
  ///              alarm that is due
  /// @throws IllegalArgumentException if not all of it is there; then nothing is written
  public void write(long pa, byte[] bytes, long clock) {
    check(pa, bytes.length);
    for (int at = 0; at < bytes.length; ) {
      int room = PhysicalMemory.LINE - (int) (pa + at & PhysicalMemory.LINE - 1);
      int end = Math.min(bytes.length, at + room);
      machine.storeFromDevice(pa + at, Arrays.copyOfRange(bytes, at, end), clock);
      at = end;
    }
  }

  private void check(long pa, int length) {
    if (!reaches(pa, length)) {
      throw new IllegalArgumentException(String.format("DMA of %d bytes at 0x%x, which is not all RAM", length, pa));
    }
  }
}
