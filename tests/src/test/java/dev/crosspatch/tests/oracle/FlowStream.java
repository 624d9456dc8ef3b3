package dev.crosspatch.tests.oracle;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/// Reads the flow that an oracle program tells in the binary form of `flow.h`, row by row as it comes.
final class FlowStream {
  private static final int NEAR = 0x0f;
  private static final int ADDRESS = 0x10;
  private static final int TEXT = 0x20;

  /// Hears the rows.
  interface Listener {
    void instruction(long address);

    /// A line of text, without its newline: all that is no instruction.
    void line(String text);
  }

  private final InputStream in;
  private final byte[] buffer = new byte[1 << 16];
  private int at;
  private int end;

  private FlowStream(InputStream in) {
    this.in = in;
  }

  /// Tells `out` all rows.
  ///
  /// @throws AssertionError if a row is none, or the stream ends within one
  static void read(InputStream in, Listener out) throws IOException {
    FlowStream stream = new FlowStream(in);
    long address = 0;
    for (int first = stream.next(); first >= 0; first = stream.next()) {
      if (first <= NEAR) {
        address += first;
        out.instruction(address);
      } else if (first == ADDRESS) {
        address = stream.address();
        out.instruction(address);
      } else if (first >= TEXT) {
        out.line(stream.line(first));
      } else {
        throw new AssertionError("a row of the flow begins with byte " + first);
      }
    }
  }

  private int next() throws IOException {
    if (at == end) {
      end = Math.max(0, in.read(buffer));
      at = 0;
    }
    return at == end ? -1 : buffer[at++] & 0xff;
  }

  private int need() throws IOException {
    int value = next();
    if (value < 0) {
      throw new AssertionError("the flow ends within a row");
    }
    return value;
  }

  private long address() throws IOException {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
      value |= (long) need() << shift;
    }
    return value;
  }

  private String line(int first) throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    for (int value = first; value != '\n'; value = need()) {
      text.write(value);
    }
    return text.toString(StandardCharsets.UTF_8);
  }
}
