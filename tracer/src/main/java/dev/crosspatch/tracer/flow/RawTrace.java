package dev.crosspatch.tracer.flow;

import java.io.IOException;
import java.io.OutputStream;

/// The raw trace of one CPU, wherever it lies: it can be read from its first byte as often as somebody wants to.
public interface RawTrace {

  /// Its bytes.
  long size();

  /// Begins to read it; to be closed.
  TraceSource open();

  /// Writes all of it to `out`, a piece at a time.
  default void copyTo(OutputStream out) throws IOException {
    byte[] piece = new byte[1 << 16];
    try (TraceSource source = open()) {
      for (int count = source.read(piece, 0, piece.length); count >= 0; count = source.read(piece, 0, piece.length)) {
        out.write(piece, 0, count);
      }
    }
  }

  /// A trace that is in memory.
  static RawTrace of(byte[] trace) {
    return new RawTrace() {
      @Override
      public long size() {
        return trace.length;
      }

      @Override
      public TraceSource open() {
        return TraceSource.of(trace);
      }
    };
  }
}
