package dev.crosspatch.tracer.flow;

import java.util.Arrays;

/// The part of a raw trace that a packet reader looks at. It moves on over the trace and grows only for a packet that
/// is longer than itself.
public final class TraceWindow {
  private static final int SIZE = 1 << 16;

  private final TraceSource source;
  private byte[] bytes;
  private int limit;

  /// An empty window before the first byte.
  public TraceWindow(TraceSource source) {
    this(source, SIZE);
  }

  /// @param size bytes of the window, 1 or more
  public TraceWindow(TraceSource source, int size) {
    this.source = source;
    bytes = new byte[size];
  }

  /// The array; [#limit] bytes of it are trace.
  public byte[] bytes() {
    return bytes;
  }

  public int limit() {
    return limit;
  }

  /// Moves on: the byte at index `keep` comes to index 0, and what fits is read behind the last one.
  ///
  /// @return false if there was nothing left to read
  public boolean advance(int keep) {
    int left = limit - keep;
    System.arraycopy(bytes, keep, bytes, 0, left);
    if (left == bytes.length) {
      bytes = Arrays.copyOf(bytes, 2 * bytes.length);
    }
    int read = Math.max(0, source.read(bytes, left, bytes.length - left));
    limit = left + read;
    return read > 0;
  }
}
