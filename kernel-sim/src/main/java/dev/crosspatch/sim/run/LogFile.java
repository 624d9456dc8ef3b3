package dev.crosspatch.sim.run;

import dev.crosspatch.sim.BadInput;
import dev.crosspatch.tracer.flow.ByteSink;
import java.io.BufferedOutputStream;
import java.io.IOException;
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

  /// All that was written.
  byte[] content() {
    flush();
    return directory.read(name);
  }

  /// Begins anew, with this content.
  void replace(byte[] content) {
    close();
    file = directory.stream(name);
    out = new BufferedOutputStream(file, BUFFER);
    write(content, 0, content.length);
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
