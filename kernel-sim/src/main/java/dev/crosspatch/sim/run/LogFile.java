package dev.crosspatch.sim.run;

import dev.crosspatch.sim.BadInput;
import dev.crosspatch.tracer.flow.ByteSink;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/// A file that is written while the guest runs. It holds back [#BUFFER] bytes at most.
final class LogFile implements ByteSink, AutoCloseable {
  static final int BUFFER = 1 << 16;

  private final transient OutputDirectory directory;
  private final String name;
  private transient OutputStream file;
  private transient OutputStream out;

  /// @throws BadInput if it cannot be written, as do all methods
  LogFile(OutputDirectory directory, String name) {
    this.directory = directory;
    this.name = name;
    file = directory.stream(name);
    out = new BufferedOutputStream(file, BUFFER);
  }

  String name() {
    return name;
  }

  /// Writes its length (8 bytes) and all that was written to it.
  void save(DataOutputStream to) throws IOException {
    flush();
    try (InputStream content = directory.read(name)) {
      long length = directory.size(name);
      to.writeLong(length);
      copy(content, to, length);
    }
  }

  /// Begins anew, with the content that was saved.
  ///
  /// @throws EOFException if it is not all there
  void load(DataInputStream from) throws IOException {
    long length = from.readLong();
    close();
    file = directory.stream(name);
    out = new BufferedOutputStream(file, BUFFER);
    copy(from, out, length);
  }

  private static void copy(InputStream from, OutputStream to, long length) throws IOException {
    byte[] buffer = new byte[BUFFER];
    for (long left = length; left != 0;) {
      int n = left < 0 ? -1 : from.read(buffer, 0, (int) Math.min(left, buffer.length));
      if (n < 0) {
        throw new EOFException("it ends too early");
      }
      to.write(buffer, 0, n);
      left -= n;
    }
  }

  @Override
  public void write(byte[] bytes, int from, int length) {
    try {
      out.write(bytes, from, length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Writes what is held back.
  void flush() {
    try {
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Gives the file up; after [#flush] it is whole.
  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
