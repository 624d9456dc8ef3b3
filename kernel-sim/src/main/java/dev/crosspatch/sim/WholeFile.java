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
      check(file);
      boolean special = isSpecial(file);
      Path target = Files.exists(file) && !special ? file.toRealPath() : file;
      String partial = "." + target.getFileName() + ".partial-" + ProcessHandle.current().pid();
      return new WholeFile(file, target, special ? target : target.resolveSibling(partial));
    } catch (IOException e) {
      throw unwritable(file, e);
    }
  }

  /// Checks that a file can be begun, as far as that can be seen without writing.
  ///
  /// @throws BadInput if it cannot
  public static void check(Path file) {
    try {
      if (Files.isSymbolicLink(file) && !Files.exists(file)) {
        throw new BadInput(file + ": a symbolic link to " + Files.readSymbolicLink(file)
            + ", which is not there; make that file or remove the link");
      }
      Path target = Files.exists(file) && !isSpecial(file) ? file.toRealPath() : file;
      Path directory = target.toAbsolutePath().getParent();
      if (Files.isDirectory(target) || directory == null) {
        throw unwritable(file, "it is a directory");
      }
      if (!Files.isDirectory(directory)) {
        throw unwritable(file, "there is no directory " + target.resolveSibling(""));
      }
      if (!Files.isWritable(isSpecial(file) ? file : directory)) {
        throw unwritable(file, isSpecial(file) ? "permission denied" : "nothing can be written in " + directory);
      }
    } catch (IOException e) {
      throw unwritable(file, e);
    }
  }

  /// Whether it is there and is neither a file nor a directory: a pipe, a device.
  private static boolean isSpecial(Path file) {
    return Files.exists(file) && !Files.isRegularFile(file) && !Files.isDirectory(file);
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
    return unwritable(file, IoReason.of(e).replace(file + ": ", ""));
  }

  private static BadInput unwritable(Path file, String why) {
    return new BadInput(file + ": cannot be written: " + why);
  }

  /// Goes on with these bytes.
  ///
  /// @throws BadInput if that is not possible
  public void append(byte[] bytes) {
    try {
      out.write(bytes);
    } catch (IOException e) {
      throw unwritable(shown, e);
    }
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
    try (OutputStream _ = closed ? OutputStream.nullOutputStream() : out) {
      closed = true;
      if (!grows.equals(target)) {
        Files.deleteIfExists(grows);
      }
    } catch (IOException e) {
      // It was to go away anyway.
    }
  }
}
