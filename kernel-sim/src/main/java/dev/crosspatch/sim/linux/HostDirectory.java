package dev.crosspatch.sim.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// A directory of the host. Its entries are in the order of their names.
final class HostDirectory extends OpenFile {
  /// `DT_` numbers are the type bits of a mode.
  private static final int TYPE_SHIFT = 12;

  final Path path;
  private List<Entry> all = List.of();
  private int place;

  HostDirectory(Path path, int flags) {
    super(flags);
    this.path = path;
  }

  @Override
  byte[] read(int most) {
    throw new Errno(Errno.EISDIR);
  }

  @Override
  List<Entry> entries() throws IOException {
    if (place == 0) {
      all = list();
    }
    return all.subList(Math.min(place, all.size()), all.size());
  }

  private List<Entry> list() throws IOException {
    List<Entry> found = new ArrayList<>();
    found.add(entry(".", path, 1));
    found.add(entry("..", path, 2));
    try (Stream<Path> files = Files.list(path)) {
      for (Path file : files.sorted().toList()) {
        found.add(entry(String.valueOf(file.getFileName()), file, found.size() + 1));
      }
    }
    return found;
  }

  private static Entry entry(String name, Path file, int next) throws IOException {
    Map<String, Long> stat = HostFile.stat(file);
    return new Entry(name, stat.getOrDefault("ino", 1L), next, (int) (stat.getOrDefault("mode", 0L) >> TYPE_SHIFT));
  }

  /// So many entries were taken.
  void advance(int count) {
    place += count;
  }

  @Override
  long seek(long offset, int whence) {
    if (whence != 0) {
      throw new Errno(Errno.EINVAL);
    }
    place = (int) offset;
    return offset;
  }

  @Override
  Map<String, Long> stat() throws IOException {
    return HostFile.stat(path);
  }
}
