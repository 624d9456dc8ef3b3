package dev.crosspatch.sim.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The folder of the host that a program sees as its file system, or none. Paths are walked name by name, as Linux
/// does: neither `..` nor a link leads out of it.
final class Root {
  private static final int MOST_LINKS = 40;
  private static final int LONGEST_PATH = 4096;

  private final @Nullable Path folder;
  private final boolean writable;

  /// @param folder real path of the folder, or null if the program has no files
  Root(@Nullable Path folder, boolean writable) {
    this.folder = folder;
    this.writable = writable;
  }

  /// Whether the program has files.
  boolean exists() {
    return folder != null;
  }

  /// The folder itself.
  ///
  /// @throws Errno ENOENT if there is none
  Path top() {
    if (folder == null) {
      throw new Errno(Errno.ENOENT);
    }
    return folder;
  }

  /// @throws Errno EROFS if nothing may be changed
  void checkWritable() {
    if (!writable) {
      throw new Errno(Errno.EROFS);
    }
  }

  /// What a program calls this path of the host.
  String nameOf(Path path) {
    Path below = top().relativize(path);
    return "/" + below;
  }

  /// Finds a path. Its last part need not be there; all others are directories.
  ///
  /// @param base   where a relative path begins, within the root
  /// @param follow whether a link at the end is followed, too
  Path find(Path base, String path, boolean follow) throws IOException {
    if (path.isEmpty()) {
      throw new Errno(Errno.ENOENT);
    }
    if (path.length() >= LONGEST_PATH) {
      throw new Errno(Errno.ENAMETOOLONG);
    }
    Path at = path.startsWith("/") ? top() : base;
    Deque<String> names = new ArrayDeque<>(List.of(path.split("/+", -1)));
    int links = 0;
    while (!names.isEmpty()) {
      String name = names.pop();
      if (name.isEmpty() || name.equals(".")) {
        continue;
      }
      if (!Files.isDirectory(at, LinkOption.NOFOLLOW_LINKS)) {
        throw new Errno(Files.exists(at, LinkOption.NOFOLLOW_LINKS) ? Errno.ENOTDIR : Errno.ENOENT);
      }
      if (name.equals("..")) {
        at = at.equals(top()) ? at : parent(at);
        continue;
      }
      Path next = at.resolve(name);
      boolean last = names.stream().allMatch(String::isEmpty);
      if (Files.isSymbolicLink(next) && (follow || !last)) {
        if (++links > MOST_LINKS) {
          throw new Errno(Errno.ELOOP);
        }
        String target = Files.readSymbolicLink(next).toString();
        at = target.startsWith("/") ? top() : at;
        List<String> parts = List.of(target.split("/+", -1));
        parts.reversed().forEach(names::push);
        continue;
      }
      at = next;
    }
    return at;
  }

  private static Path parent(Path path) {
    Path parent = path.getParent();
    if (parent == null) {
      throw new Errno(Errno.ENOENT);
    }
    return parent;
  }
}
