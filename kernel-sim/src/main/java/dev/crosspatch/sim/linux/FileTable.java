package dev.crosspatch.sim.linux;

import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Descriptors of a program.
final class FileTable {
  /// How many there can be.
  static final int MOST = 1024;
  static final int O_CLOEXEC = 0x8_0000;
  private final Map<Integer, OpenFile> files = new TreeMap<>();
  private final Map<Integer, Boolean> closeOnExec = new TreeMap<>();

  /// Null if there is none.
  @Nullable OpenFile find(int descriptor) {
    return files.get(descriptor);
  }

  /// @throws Errno EBADF if there is none
  OpenFile get(long descriptor) {
    OpenFile file = descriptor == (int) descriptor ? find((int) descriptor) : null;
    if (file == null) {
      throw new Errno(Errno.EBADF);
    }
    return file;
  }

  /// The lowest free descriptor from `least` on leads there.
  int add(OpenFile file, long least) {
    if (least < 0 || least >= MOST) {
      throw new Errno(Errno.EINVAL);
    }
    int number = (int) least;
    while (files.containsKey(number)) {
      number++;
    }
    if (number >= MOST) {
      throw new Errno(Errno.EMFILE);
    }
    files.put(number, file);
    file.hold();
    return number;
  }

  /// `number` leads there, whatever it was before.
  void put(long number, OpenFile file) throws IOException {
    if (number < 0 || number >= MOST) {
      throw new Errno(Errno.EBADF);
    }
    file.hold();
    OpenFile old = files.put((int) number, file);
    closeOnExec.remove((int) number);
    if (old != null) {
      old.release();
    }
  }

  void close(long number) throws IOException {
    OpenFile file = get(number);
    files.remove((int) number);
    closeOnExec.remove((int) number);
    file.release();
  }

  boolean closesOnExec(long number) {
    return closeOnExec.getOrDefault((int) number, false);
  }

  void setCloseOnExec(long number, boolean now) {
    closeOnExec.put((int) number, now);
  }
}
