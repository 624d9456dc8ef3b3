package dev.crosspatch.tracer.unit;

/// The buffer of a trace unit between packet generation and memory, filled by packets and emptied at a constant rate.
/// It holds no bytes, only their number.
final class TraceFifo {
  /// Packets of one row and the synchronization before or behind it, together, are shorter.
  private static final int RESERVE = TraceBuffer.LEAST_FIFO / 2;
  private static final int CYCLES = 16;

  private final long capacity;
  private final long drain;
  private long accounted;
  private int overflows;
  /// Bytes in the buffer, in units of 1/16.
  private long level;
  private long levelTime;

  TraceFifo(TraceBuffer buffer) {
    capacity = buffer.fifoBytes();
    drain = buffer.drainBytes();
  }

  /// How often it was full.
  int overflows() {
    return overflows;
  }

  /// Takes up what was written since the last call; `size` is all that was ever written.
  ///
  /// @return whether packets are lost from now on: there may be no room for those of another row
  boolean isFull(long size, long time) {
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
  boolean isFree(long time) {
    drain(time);
    return level <= capacity * CYCLES / 4;
  }

  private void drain(long time) {
    level = Math.max(0, level - (time - levelTime) * drain);
    levelTime = time;
  }
}
