package dev.crosspatch.sim.run;

import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.IoReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The directory `.NAME.partial-PID` beside an output directory, where the output grows (`new`), and where the output
/// that it replaces stands for the moment of the exchange (`old`). Its `lock` is held while its process lives, so that
/// the next run knows what a killed one has left.
final class WorkDirectory {
  private static final String LOCK = "lock";
  private static final int MOST_OF_A_PROCESS = 1000;

  /// Those of this process. Their locks must not be looked at: closing a lock file gives up every lock that the process
  /// has on it.
  private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

  private final Path path;
  private final Path target;
  private final @Nullable FileChannel lock;

  private WorkDirectory(Path path, Path target, @Nullable FileChannel lock) {
    this.path = path;
    this.target = target;
    this.lock = lock;
  }

  /// Where the new output grows.
  Path fresh() {
    return path.resolve("new");
  }

  /// Where the earlier output stands while it is replaced.
  Path old() {
    return path.resolve("old");
  }

  private static String prefix(Path target) {
    return "." + target.getFileName() + ".partial-";
  }

  /// Makes one beside `target`.
  static WorkDirectory create(Path target) throws IOException {
    long pid = ProcessHandle.current().pid();
    for (int i = 0; i < MOST_OF_A_PROCESS; i++) {
      Path path = target.resolveSibling(prefix(target) + pid + (i == 0 ? "" : "-" + i));
      if (OWN.add(path)) {
        WorkDirectory made = null;
        try {
          made = claim(path, target);
        } finally {
          if (made == null) {
            OWN.remove(path);
          }
        }
        if (made != null) {
          return made;
        }
      }
    }
    throw new BadInput(target + ": " + MOST_OF_A_PROCESS + " of its names " + prefix(target) + pid
        + "... are taken; remove them");
  }

  private static @Nullable WorkDirectory claim(Path path, Path target) throws IOException {
    try {
      Files.createDirectory(path);
    } catch (FileAlreadyExistsException e) {
      return null;
    }
    try {
      return fill(path, target);
    } catch (IOException e) {
      new WorkDirectory(path, target, null).clear();
      throw e;
    }
  }

  private static @Nullable WorkDirectory fill(Path path, Path target) throws IOException {
    FileChannel lock = FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try {
      if (lock.tryLock() == null) {
        lock.close();
        return null;
      }
    } catch (IOException e) {
      // A file system without locks: the number of the process has to do.
      lock.close();
      Files.delete(path.resolve(LOCK));
      lock = null;
    }
    WorkDirectory made = new WorkDirectory(path, target, lock);
    try {
      Files.createDirectory(made.fresh());
    } catch (IOException e) {
      made.closeLock();
      throw e;
    }
    return made;
  }

  /// Removes it with all that is in it, but an earlier output that nothing has replaced goes back to its place. What is
  /// not possible is left to the next run.
  void remove() {
    clear();
    closeLock();
    OWN.remove(path);
  }

  /// Whether anything of it is there.
  boolean isThere() {
    return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
  }

  private void closeLock() {
    try {
      if (lock != null) {
        lock.close();
      }
    } catch (IOException e) {
      // Nothing was written to it.
    }
  }

  private void clear() {
    try {
      if (Files.isDirectory(old()) && Files.notExists(target)) {
        Files.move(old(), target);
      }
      delete(path);
    } catch (IOException | UncheckedIOException e) {
      System.getLogger(WorkDirectory.class.getName()).log(System.Logger.Level.DEBUG, "{0}: {1}", path, e.getMessage());
    }
  }

  /// Removes the earlier output.
  void removeOld() throws IOException {
    delete(old());
  }

  /// Removes what killed processes have left beside `target`, and brings back an output that one of them had just taken
  /// away to replace it.
  static void removeLeftovers(Path target) throws IOException {
    Pattern pattern = Pattern.compile(Pattern.quote(prefix(target)) + "(\\d{1,18})(-\\d+)?");
    List<Path> all;
    try (Stream<Path> siblings = Files.list(target.resolveSibling("."))) {
      all = siblings.map(Path::normalize).toList();
    } catch (UncheckedIOException e) {
      throw new IOException(IoReason.of(e), e);
    }
    for (Path sibling : all) {
      Matcher name = pattern.matcher(sibling.getFileName().toString());
      if (name.matches() && Files.isDirectory(sibling, LinkOption.NOFOLLOW_LINKS)
          && isLeft(sibling, Long.parseLong(name.group(1)))) {
        new WorkDirectory(sibling, target, null).clear();
      }
    }
  }

  /// Whether nobody works there any more.
  private static boolean isLeft(Path work, long pid) {
    if (OWN.contains(work)) {
      return false;
    }
    Path file = work.resolve(LOCK);
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      return pid == ProcessHandle.current().pid() || ProcessHandle.of(pid).isEmpty();
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE); FileLock lock = channel.tryLock()) {
      return lock != null;
    } catch (IOException | OverlappingFileLockException e) {
      return false;
    }
  }

  private static void delete(Path tree) throws IOException {
    if (Files.notExists(tree, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (Stream<Path> walk = Files.walk(tree)) {
      List<Path> deepestFirst = walk.sorted(Comparator.reverseOrder()).toList();
      for (Path path : deepestFirst) {
        Files.deleteIfExists(path);
      }
    }
  }
}
