package dev.crosspatch.sim.run;

import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.Inputs;
import dev.crosspatch.sim.IoReason;
import dev.crosspatch.tracer.flow.RawTrace;
import dev.crosspatch.tracer.flow.TraceSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// A raw trace in a file.
///
/// @param file it lies in
/// @param size its bytes
public record TraceFile(Path file, long size) implements RawTrace {

  /// A trace in a file, or in a pipe that this process was given, which is read now.
  ///
  /// @param most bytes it may have
  /// @throws BadInput `FILE: cannot be read: why`
  public static RawTrace of(Path file, int most) {
    long size = Inputs.checkFile(file, most);
    return Files.isRegularFile(file) ? new TraceFile(file, size) : RawTrace.of(Inputs.bytes(file, most));
  }

  @Override
  public TraceSource open() {
    try {
      return new Source(file, Files.newInputStream(file));
    } catch (IOException e) {
      throw new BadInput(file + ": cannot be read: " + IoReason.of(e).replace(file + ": ", ""));
    }
  }

  private record Source(Path file, InputStream in) implements TraceSource {

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
}
