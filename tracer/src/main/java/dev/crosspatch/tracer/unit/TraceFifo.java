package dev.crosspatch.tracer.unit;

import dev.crosspatch.tracer.flow.OptionMap;

/// The buffer of a trace unit between packet generation and memory, filled by packets and emptied at a constant rate.
/// It holds no bytes, only their number.
final class TraceFifo {
  /// Packets of one row and the synchronization before or behind it, together, are shorter.
  private static final int RESERVE = OptionMap.LEAST_FIFO / 2;
  private static final int CYCLES = 16;

  private final long capacity;
  private final long drain;
  private long accounted;
  private int overflows;
  /// Bytes in the buffer, in units of 1/16.
  private long level;
  private long levelTime;

  /// @param capacity bytes it holds, at least [OptionMap#LEAST_FIFO]; 0 for one that never fills
  /// @param drain    bytes that leave it in 16 cycles
  public TraceFifo(long capacity, long drain) {
    this.capacity = capacity;
    this.drain = drain;
  }

  /// How often it was full.
  public int overflows() {
    return overflows;
  }

  /// Takes up what was written since the last call; `size` is all that was ever written.
  ///
  /// @return whether packets are lost from now on: there may be no room for those of another row
  public boolean isFull(long size, long time) {
    if (capacity == 0) {
      return false;
    }
    drain(time);
    level += (size - accounted) * CYCLES;
    accounted = size;
    boolean full = level > (capacity - RESERVE) * CYCLES;
    overflows += full ? 1 : 0;
    return full;
  }

  /// Whether three quarters of it are free.
  public boolean isFree(long time) {
    drain(time);
    return level <= capacity * CYCLES / 4;
  }

  private void drain(long time) {
    level = Math.max(0, level - (time - levelTime) * drain);
    levelTime = time;
  }
}
