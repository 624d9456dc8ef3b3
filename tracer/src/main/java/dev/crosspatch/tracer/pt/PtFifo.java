package dev.crosspatch.tracer.pt;

/// The buffer between packet generation and memory, filled by packets and emptied at a constant rate. It holds no bytes, only
/// their number.
final class PtFifo {
  /// Packets of one row and the status packets before it, together, are shorter.
  private static final int RESERVE = PtOptions.LEAST_FIFO / 2;
  private static final int CYCLES = 16;

  private final long capacity;
  private final long drain;
  private int accounted;
  private int overflows;
  /// Bytes in the buffer, in units of 1/16.
  private long level;
  private long levelTime;

  PtFifo(PtOptions options) {
    capacity = options.fifoBytes();
    drain = options.drainBytes();
  }

  int overflows() {
    return overflows;
  }

  /// Takes up what was written since the last call; `size` is all that was ever written.
  ///
  /// @return whether packets are lost from now on: there may be no room for those of another row
  boolean isFull(int size, long time) {
    if (capacity == 0) {
      return false;
    }
    drain(time);
    level += (long) (size - accounted) * CYCLES;
    accounted = size;
    boolean full = level > (capacity - RESERVE) * CYCLES;
    overflows += full ? 1 : 0;
    return full;
  }

  boolean isHalfFree(long time) {
    drain(time);
    return level <= capacity * CYCLES / 2;
  }

  private void drain(long time) {
    level = Math.max(0, level - (time - levelTime) * drain);
    levelTime = time;
  }
}
