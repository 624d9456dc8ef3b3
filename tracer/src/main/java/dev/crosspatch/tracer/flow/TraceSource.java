package dev.crosspatch.tracer.flow;

/// Where a packet reader has a raw trace from, from its first byte to its last, once.
@FunctionalInterface
public interface TraceSource extends AutoCloseable {

  /// Puts the next bytes, `length` of them at most and one at least, into `to` from index `from` on.
  ///
  /// @return how many; -1 if there are none any more
  int read(byte[] to, int from, int length);

  @Override
  default void close() {}

  /// A trace that is in memory.
  static TraceSource of(byte[] trace) {
    return new TraceSource() {
      private int at;

      @Override
      public int read(byte[] to, int from, int length) {
        int count = Math.min(length, trace.length - at);
        System.arraycopy(trace, at, to, from, count);
        at += count;
        return count == 0 ? -1 : count;
      }
    };
  }
}
