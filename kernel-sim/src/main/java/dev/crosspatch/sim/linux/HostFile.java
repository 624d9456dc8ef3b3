package dev.crosspatch.sim.linux;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A regular file of the host.
final class HostFile extends OpenFile {
  private static final int APPEND = 0x400;
  private static final int SECTOR = 512;
  private static final int SEEK_DATA = 3;
  private static final int SEEK_HOLE = 4;
  private static final long NANOS = 1_000_000_000;

  private final FileChannel channel;
  private final Path path;

  HostFile(FileChannel channel, Path path, int flags) {
    super(flags);
    this.channel = channel;
    this.path = path;
  }

  @Override
  byte[] read(int most) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(most);
    int count = channel.read(buffer);
    return Arrays.copyOf(buffer.array(), Math.max(0, count));
  }

  @Override
  byte[] readAt(long at, int most) throws IOException {
    return read(channel, at, most);
  }

  private static byte[] read(FileChannel from, long at, int most) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(most);
    int count = from.read(buffer, at);
    return Arrays.copyOf(buffer.array(), Math.max(0, count));
  }

  @Override
  AddressSpace.Backing mapped(long offset, boolean shared) throws IOException {
    return new AddressSpace.Backing(this, offset, channel.size(), shared);
  }

  /// Reads for a mapping, also when it was closed, if it still has its name.
  byte[] forMapping(long at, int most) throws IOException {
    if (channel.isOpen()) {
      return readAt(at, most);
    }
    try (FileChannel again = FileChannel.open(path, LinkOption.NOFOLLOW_LINKS)) {
      return read(again, at, most);
    }
  }

  @Override
  int write(byte[] bytes) throws IOException {
    if ((flags & APPEND) != 0) {
      channel.position(channel.size());
    }
    return channel.write(ByteBuffer.wrap(bytes));
  }

  @Override
  int writeAt(long at, byte[] bytes) throws IOException {
    return channel.write(ByteBuffer.wrap(bytes), at);
  }

  @Override
  long seek(long offset, int whence) throws IOException {
    long to = offset + switch (whence) {
      case 0 -> 0;
      case 1 -> channel.position();
      case 2 -> channel.size();
      case SEEK_DATA, SEEK_HOLE -> {
        if (offset < 0 || offset >= channel.size()) {
          throw new Errno(Errno.ENXIO);
        }
        yield whence == SEEK_DATA ? 0 : channel.size() - offset; // as of a file system that knows no holes
      }
      default -> throw new Errno(Errno.EINVAL);
    };
    if (to < 0) {
      throw new Errno(Errno.EINVAL);
    }
    channel.position(to);
    return to;
  }

  /// `FileChannel.truncate` only makes shorter.
  @Override
  void truncate(long size) throws IOException {
    long place = channel.position();
    if (size > channel.size()) {
      channel.write(ByteBuffer.wrap(new byte[1]), size - 1);
    }
    channel.truncate(size);
    channel.position(place);
  }

  @Override
  Map<String, Long> stat() throws IOException {
    return stat(path);
  }

  @Override
  void close() throws IOException {
    channel.close();
  }

  /// `struct stat` of a file of the host, links not followed.
  static Map<String, Long> stat(Path path) throws IOException {
    Map<String, Object> found = Files.readAttributes(path, "unix:*", LinkOption.NOFOLLOW_LINKS);
    Map<String, Long> fields = new HashMap<>();
    for (String name : new String[] {"dev", "ino", "mode", "nlink", "uid", "gid", "rdev", "size"}) {
      fields.put(name, ((Number) Objects.requireNonNull(found.get(name))).longValue());
    }
    long size = fields.getOrDefault("size", 0L);
    fields.put("blksize", 4096L);
    fields.put("blocks", (size + SECTOR - 1) / SECTOR);
    time(fields, "atime", found.get("lastAccessTime"));
    time(fields, "mtime", found.get("lastModifiedTime"));
    time(fields, "ctime", found.get("ctime"));
    return fields;
  }

  private static void time(Map<String, Long> fields, String name, @Nullable Object time) {
    long nanos = time instanceof FileTime known ? known.to(TimeUnit.NANOSECONDS) : 0;
    fields.put(name, Math.floorDiv(nanos, NANOS));
    fields.put(name + "nsec", Math.floorMod(nanos, NANOS));
  }
}
