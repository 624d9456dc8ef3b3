package dev.crosspatch.sim.linux;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An open file description: what descriptors that were duplicated share.
abstract class OpenFile {
  static final int REGULAR = 0100000;
  static final int DIRECTORY = 0040000;
  static final int CHARACTER = 0020000;
  static final int PIPE = 0010000;
  static final int LINK = 0120000;

  /// POLLIN, POLLRDNORM.
  static final int READABLE = 0x41;
  /// POLLOUT, POLLWRNORM.
  static final int WRITABLE = 0x104;
  /// POLLERR: a pipe that nobody reads.
  static final int ERROR = 8;
  /// POLLHUP: a pipe that nobody writes.
  static final int HANG_UP = 0x10;
  static final int O_NONBLOCK = 0x800;
  private static final int BLOCK = 4096;
  /// A descriptor that only stands for a place.
  private static final int O_PATH = 0x20_0000;

  /// What it was opened for: `O_` flags.
  int flags;
  /// How many descriptors there are, and calls that wait for it.
  private int holders;

  OpenFile(int flags) {
    this.flags = flags;
  }

  boolean isReadable() {
    return (flags & 3) != 1 && (flags & O_PATH) == 0;
  }

  boolean isWritable() {
    return (flags & 3) != 0 && (flags & O_PATH) == 0;
  }

  /// A descriptor, or a call that waits, leads there from now on.
  void hold() {
    holders++;
  }

  /// Nobody is left to hold it if this was the last: it is closed.
  void release() throws IOException {
    if (--holders == 0) {
      close();
    }
  }

  /// Sets these flags as `wanted` has them.
  final void setFlags(int which, int wanted) {
    flags = (flags & ~which) | (wanted & which);
  }

  /// Whether a call for one of these events need not wait. Ends and errors are no reason to.
  final boolean isReadyFor(int events) {
    return (ready() & (events | ERROR | HANG_UP)) != 0;
  }

  /// Calls fail with EAGAIN where others wait.
  final boolean isNonblocking() {
    return (flags & O_NONBLOCK) != 0;
  }

  /// What of it is ready for `poll`: files always are, to be read and to be written, whatever they were opened for
  /// (DEFAULT_POLLMASK: POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM).
  int ready() {
    return READABLE | WRITABLE;
  }

  /// Reads what is next, at most `most` bytes; nothing at the end.
  byte[] read(int most) throws IOException {
    throw new Errno(Errno.EINVAL);
  }

  /// Whether bytes of it have places, at which it can be read and written.
  boolean hasPlaces() {
    return true;
  }

  /// Reads from a place of its own.
  byte[] readAt(long at, int most) throws IOException {
    throw new Errno(Errno.ESPIPE);
  }

  /// What becomes of a mapping of it from a place on; null if that is memory like any other.
  ///
  /// @throws Errno ENODEV if it cannot be mapped
  AddressSpace.@Nullable Backing mapped(long offset, boolean shared) throws IOException {
    throw new Errno(Errno.ENODEV);
  }

  /// Returns how many it took.
  int write(byte[] bytes) throws IOException {
    throw new Errno(Errno.EINVAL);
  }

  int writeAt(long at, byte[] bytes) throws IOException {
    throw new Errno(Errno.ESPIPE);
  }

  long seek(long offset, int whence) throws IOException {
    throw new Errno(Errno.ESPIPE);
  }

  void truncate(long size) throws IOException {
    throw new Errno(Errno.EINVAL);
  }

  /// How many bytes can be read at once (`FIONREAD`).
  int available() throws IOException {
    throw new Errno(Errno.ENOTTY);
  }

  /// How many bytes a pipe can hold (`F_GETPIPE_SZ`).
  int capacity() {
    throw new Errno(Errno.EBADF);
  }

  /// Lets a pipe hold so many bytes at least.
  void resize(int bytes) {
    throw new Errno(Errno.EBADF);
  }

  /// Fields of `struct stat`.
  abstract Map<String, Long> stat() throws IOException;

  /// Entries of a directory, from the present place on.
  List<Entry> entries() throws IOException {
    throw new Errno(Errno.ENOTDIR);
  }

  void close() throws IOException {}

  /// An entry of a directory.
  ///
  /// @param next place of the one behind it
  /// @param type `DT_` number
  record Entry(String name, long inode, long next, int type) {}

  /// `struct stat` of what is no file of the host.
  static Map<String, Long> plain(int mode) {
    Map<String, Long> fields = new HashMap<>();
    fields.put("mode", (long) mode);
    fields.put("nlink", 1L);
    fields.put("blksize", (long) BLOCK);
    fields.put("ino", 1L);
    return fields;
  }
}
