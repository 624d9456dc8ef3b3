package dev.crosspatch.sim.truth;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/// The bytes of a truth log, of which readers take a piece at a time from wherever they stand.
interface TruthSource extends AutoCloseable {

  /// Puts bytes from offset `at` on into `to`, at least one.
  ///
  /// @return how many, 0 at the end
  int read(long at, byte[] to) throws IOException;

  @Override
  default void close() {}

  /// A log in memory.
  static TruthSource of(byte[] log) {
    return (at, to) -> {
      int count = (int) Math.min(to.length, log.length - at);
      System.arraycopy(log, (int) at, to, 0, count);
      return count;
    };
  }

  /// A log in a file.
  static TruthSource of(Path file) throws IOException {
    FileChannel channel = FileChannel.open(file);
    return new TruthSource() {
      @Override
      public int read(long at, byte[] to) throws IOException {
        return Math.max(0, channel.read(ByteBuffer.wrap(to), at));
      }

      @Override
      public void close() {
        try {
          channel.close();
        } catch (IOException e) {
          // It was only read.
        }
      }
    };
  }
}
