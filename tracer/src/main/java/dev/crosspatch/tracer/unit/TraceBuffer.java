package dev.crosspatch.tracer.unit;

import dev.crosspatch.tracer.flow.OptionReader;
import java.util.function.ObjLongConsumer;

/// Where a trace unit's bytes go: a buffer of its own, and memory.
///
/// | option | default | meaning |
/// |---|---|---|
/// | `fifo_bytes` | 0 | internal buffer, 256 or more; 0: it never overflows |
/// | `drain_bytes` | 16 | bytes that leave it in 16 cycles |
/// | `max_bytes` | 0 | tracing ends at this size; 0: never |
///
/// @param fifoBytes  internal buffer, at least [#LEAST_FIFO]; 0 for one that never fills
/// @param drainBytes bytes that leave it in 16 cycles
/// @param maxBytes   size at which tracing ends, as with a full ToPA region that says STOP or a trace buffer that stops
///                   when it is full; 0 for no end
record TraceBuffer(long fifoBytes, long drainBytes, long maxBytes) {
  /// Smallest internal buffer, in bytes: it holds what the longest sequence of packets needs, twice.
  static final int LEAST_FIFO = 256;

  static TraceBuffer of(OptionReader options) {
    long fifo = options.number("fifo_bytes", 0, 0, 1 << 30);
    if (fifo != 0 && fifo < LEAST_FIFO) {
      throw new IllegalArgumentException(options.protocol() + " option fifo_bytes: " + fifo + " is neither 0 nor "
          + LEAST_FIFO + " or more");
    }
    long drain = options.number("drain_bytes", 16, 1, 1 << 20);
    return new TraceBuffer(fifo, drain, options.number("max_bytes", 0, 0, Integer.MAX_VALUE));
  }

  /// Whether tracing ends at `size` bytes.
  boolean endsAt(long size) {
    return maxBytes > 0 && size >= maxBytes;
  }

  void write(ObjLongConsumer<String> out) {
    out.accept("fifo_bytes", fifoBytes);
    out.accept("drain_bytes", drainBytes);
    out.accept("max_bytes", maxBytes);
  }
}
