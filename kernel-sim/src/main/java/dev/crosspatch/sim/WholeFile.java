package dev.crosspatch.sim;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/// A file that is there whole or not at all: it grows beside its place, under `.NAME.partial-PID`, and is put there
/// when it is whole. A place that is no regular file (a pipe, `/dev/stdout`) is written directly.
public final class WholeFile implements AutoCloseable {
  private final Path shown;
  private final Path target;
  private final Path grows;
  private final OutputStream out;
  private boolean closed;

  /// Writes the content.
  @FunctionalInterface
  public interface Content {
    /// Writes it to `out`.
    void to(OutputStream out) throws IOException;
  }

  private WholeFile(Path shown, Path target, Path grows) throws IOException {
    this.shown = shown;
    this.target = target;
    this.grows = grows;
    out = new BufferedOutputStream(Files.newOutputStream(grows));
  }

  /// Begins a file.
  ///
  /// @throws BadInput if it cannot be written
  public static WholeFile begin(Path file) {
    try {
      if (Files.isSymbolicLink(file) && !Files.exists(file)) {
        throw new BadInput(file + ": a symbolic link to " + Files.readSymbolicLink(file)
            + ", which is not there; make that file or remove the link");
      }
      Path target = Files.exists(file) ? file.toRealPath() : file;
      boolean special = Files.exists(target) && !Files.isRegularFile(target);
      String partial = "." + target.getFileName() + ".partial-" + ProcessHandle.current().pid();
      return new WholeFile(file, target, special ? target : target.resolveSibling(partial));
    } catch (IOException e) {
      throw unwritable(file, e);
    }
  }

  /// Writes a file.
  ///
  /// @throws BadInput if it cannot be written
  public static void write(Path file, Content content) {
    try (WholeFile whole = begin(file)) {
      content.to(whole.out);
      whole.commit();
    } catch (IOException e) {
      throw unwritable(file, e);
    }
  }

  private static BadInput unwritable(Path file, IOException e) {
    return new BadInput(file + ": cannot be written: " + IoReason.of(e).replace(file + ": ", ""));
  }

  /// Where its content goes.
  public OutputStream out() {
    return out;
  }

  /// It is whole: puts it in its place.
  ///
  /// @throws BadInput if that is not possible
  public void commit() {
    try {
      out.close();
      closed = true;
      if (!grows.equals(target)) {
        Files.move(grows, target, StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw unwritable(shown, e);
    }
  }

  /// Leaves nothing of it, unless it has been put in its place.
  @Override
  public void close() {
    try {
      if (!closed) {
        out.close();
      }
      if (!grows.equals(target)) {
        Files.deleteIfExists(grows);
      }
    } catch (IOException e) {
      // It was to go away anyway.
    }
  }
}
