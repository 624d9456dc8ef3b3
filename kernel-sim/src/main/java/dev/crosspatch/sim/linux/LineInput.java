package dev.crosspatch.sim.linux;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Lines of a stream, as bytes: LF ends one, the end of the stream the last; a CR is a byte like any other.
final class LineInput {
  private static final int FIRST_ROOM = 1 << 16;

  private final InputStream in;
  private byte[] bytes = new byte[FIRST_ROOM];
  /// What has not been handed on begins there.
  private int begin;
  /// From `begin` to there is no LF.
  private int searched;
  private int end;

  LineInput(InputStream in) {
    this.in = in;
  }

  /// Whether the next line is here: nobody need wait for it.
  boolean isReady() {
    while (searched < end && bytes[searched] != '\n') {
      searched++;
    }
    return searched < end;
  }

  /// The next line without its LF, of any length, or null at the end of the stream.
  byte @Nullable [] next() throws IOException {
    boolean more = true;
    while (more && !isReady()) {
      more = fill();
    }
    if (begin == end) {
      return null;
    }
    byte[] line = Arrays.copyOfRange(bytes, begin, searched);
    begin = Math.min(searched + 1, end);
    searched = begin;
    return line;
  }

  /// Reads what is there, at least a byte. Returns whether there was one.
  private boolean fill() throws IOException {
    System.arraycopy(bytes, begin, bytes, 0, end - begin);
    end -= begin;
    searched -= begin;
    begin = 0;
    if (end == bytes.length) {
      bytes = Arrays.copyOf(bytes, 2 * end);
    }
    int read = in.read(bytes, end, bytes.length - end);
    end += Math.max(0, read);
    return read > 0;
  }
}
