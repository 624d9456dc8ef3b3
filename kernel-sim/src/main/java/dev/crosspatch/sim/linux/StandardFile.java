package dev.crosspatch.sim.linux;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;

/// Standard output or error of the process that runs the program, or standard input that is a file: a pipe to the
/// program.
final class StandardFile extends PipeFile {
  private final InputStream in;
  private final OutputStream out;

  private StandardFile(InputStream in, OutputStream out, int flags) {
    super(flags);
    this.in = in;
    this.out = out;
  }

  static StandardFile input(InputStream in) {
    return new StandardFile(in, OutputStream.nullOutputStream(), 0);
  }

  static StandardFile output(OutputStream out) {
    return new StandardFile(InputStream.nullInputStream(), out, 1);
  }

  @Override
  int ready() {
    return isReadable() ? READABLE : WRITABLE;
  }

  @Override
  byte[] read(int most) throws IOException {
    byte[] bytes = new byte[most];
    int count = in.read(bytes);
    return count <= 0 ? new byte[0] : Arrays.copyOf(bytes, count);
  }

  @Override
  int write(byte[] bytes) throws IOException {
    out.write(bytes);
    out.flush();
    return bytes.length;
  }
}
