package dev.crosspatch.sim.run;

import dev.crosspatch.sim.BadInput;
import dev.crosspatch.tracer.flow.TraceSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// A raw trace in a file.
final class TraceFile implements TraceSource {
  private final Path file;
  private final InputStream in;

  TraceFile(Path file) throws IOException {
    this.file = file;
    in = Files.newInputStream(file);
  }

  @Override
  public int read(byte[] to, int from, int length) {
    try {
      return in.read(to, from, length);
    } catch (IOException e) {
      throw new BadInput(file + ": cannot be read: " + e.getMessage());
    }
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      // It was only read.
    }
  }
}
