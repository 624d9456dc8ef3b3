package dev.crosspatch.sim.run;

import dev.crosspatch.sim.BadInput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// An output directory that appears complete or not at all: files go to a temporary sibling, [#commit] renames it into place. Closing without commit
/// leaves nothing behind.
public final class OutputDirectory implements AutoCloseable {
  /// For outputs that replace nothing.
  public static final String NOTHING = "/";

  private final Path target;
  private final Path work;
  /// Deletes the files if the program is ended meanwhile.
  private final Thread abandon = new Thread(this::abandon);
  private boolean committed;

  /// Opens `target` for writing.
  ///
  /// @param mark file whose presence says that an existing `target` is an earlier output and may be replaced, or [#NOTHING]
  /// @throws BadInput if `target` exists and is something else, or nothing can be created beside it
  public OutputDirectory(Path target, String mark) {
    this.target = target.toAbsolutePath().normalize();
    if (Files.exists(this.target) && !isEmptyDirectory(this.target) && (mark.equals(NOTHING) || !Files.exists(this.target.resolve(mark)))) {
      throw new BadInput(target + ": exists and is not an earlier output" + (mark.equals(NOTHING) ? "" : " (it has no " + mark + ")")
          + "; choose another directory or remove it");
    }
    try {
      Path parent = this.target.getParent();
      if (parent == null) {
        throw new BadInput(target + ": cannot be an output directory");
      }
      Files.createDirectories(parent);
      work = parent.resolve("." + this.target.getFileName() + ".partial-" + ProcessHandle.current().pid());
      Files.createDirectory(work);
      Runtime.getRuntime().addShutdownHook(abandon);
    } catch (IOException e) {
      throw new BadInput(target + ": cannot create the output directory: " + reason(e));
    }
  }

  /// What is wrong, for people: most of these exceptions have nothing but a path for a message.
  private static String reason(IOException e) {
    return switch (e) {
      case NoSuchFileException none -> none.getFile() + " is not there";
      case AccessDeniedException denied -> denied.getFile() + " must not be written";
      case FileAlreadyExistsException there -> there.getFile() + " exists and is no directory";
      default -> String.valueOf(e.getMessage());
    };
  }

  private static boolean isEmptyDirectory(Path path) {
    if (!Files.isDirectory(path)) {
      return false;
    }
    try (Stream<Path> entries = Files.list(path)) {
      return entries.findAny().isEmpty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Where the files are before [#commit].
  public Path work() {
    return work;
  }

  /// Path of a file to be written, its directories created.
  public Path file(String name) {
    Path file = work.resolve(name);
    try {
      Files.createDirectories(file.getParent());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return file;
  }

  /// Writes a file, creating its directories.
  public void write(String name, byte[] content) {
    try {
      Files.write(file(name), content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Writes a text file in UTF-8.
  public void write(String name, String content) {
    write(name, content.getBytes(StandardCharsets.UTF_8));
  }

  /// Puts the directory in place of whatever earlier output stood there.
  public void commit() {
    try {
      if (Files.exists(target)) {
        Path old = target.resolveSibling("." + target.getFileName() + ".old-" + work.getFileName().toString().hashCode());
        Files.move(target, old);
        Files.move(work, target);
        delete(old);
      } else {
        Files.move(work, target);
      }
      committed = true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    if (!committed) {
      delete(work);
    }
    try {
      Runtime.getRuntime().removeShutdownHook(abandon);
    } catch (IllegalStateException e) {
      // It is running: the program is being ended.
    }
  }

  private void abandon() {
    for (int tries = 0; !committed && Files.exists(work) && tries < 10; tries++) {
      try {
        delete(work);
      } catch (UncheckedIOException e) {
        // The program still writes to it; what came meanwhile goes at the next try.
      }
    }
  }

  private static void delete(Path tree) {
    try (Stream<Path> walk = Files.walk(tree)) {
      List<Path> deepestFirst = walk.sorted(Comparator.reverseOrder()).toList();
      for (Path path : deepestFirst) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
