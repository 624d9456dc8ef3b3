package dev.crosspatch.sim.linux;

import dev.crosspatch.core.cpu.Core;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// System calls that read open files, and write them.
final class TransferCalls {
  private static final int MOST_VECTORS = 1024;
  private static final int MOST_BYTES = 1 << 20;

  private final UserProcess process;
  private final FileTable files;

  TransferCalls(UserProcess process, FileTable files) {
    this.process = process;
    this.files = files;
  }

  void addTo(Map<String, Call> table) {
    table.put("read", this::read);
    table.put("pread64", (_, a) -> readAt(a[0], a[1], a[2], notNegative(a[3])));
    table.put("readv", this::readv);
    table.put("write", (task, a) -> write(task, files.get(a[0]), bytes(a[1], a[2])));
    table.put("pwrite64", (_, a) -> writeAt(a[0], a[1], a[2], notNegative(a[3])));
    table.put("writev", this::writev);
  }

  /// What the program may read of a buffer: all of it, or what lies before the first page that it may not.
  ///
  /// @throws Errno EFAULT if that is nothing
  private byte[] bytes(long address, long length) {
    return process.space.read(address, reach(address, length(length), Core.READ));
  }

  private int reach(long address, int length, int access) {
    int reach = process.space.reach(address, length, access);
    if (reach == 0 && length > 0) {
      throw new Errno(Errno.EFAULT);
    }
    return reach;
  }

  /// How many bytes of a buffer are moved at once, of so many: what is negative reaches beyond all that there is.
  private static int length(long length) {
    if (length < 0) {
      throw new Errno(Errno.EFAULT);
    }
    return (int) Math.min(length, MOST_BYTES);
  }

  /// An offset in a file, or the length of a vector's part.
  static long notNegative(long number) {
    if (number < 0) {
      throw new Errno(Errno.EINVAL);
    }
    return number;
  }

  private static OpenFile writable(OpenFile file) {
    if (!file.isWritable()) {
      throw new Errno(Errno.EBADF);
    }
    return file;
  }

  private static OpenFile readable(OpenFile file) {
    if (!file.isReadable()) {
      throw new Errno(Errno.EBADF);
    }
    return file;
  }

  private static OpenFile withPlaces(OpenFile file) {
    if (!file.hasPlaces()) {
      throw new Errno(Errno.ESPIPE);
    }
    return file;
  }

  // ---- reading

  /// Waits until something can be read.
  private long read(Task task, OpenFile file, UserProcess.Attempt attempt) throws IOException {
    return process.waits.await(new FileWaits.Wait(task, List.of(file), Scheduler.NEVER, Restart.IF_WANTED, () -> { },
        _ -> file.isReadyFor(OpenFile.READABLE) ? attempt.run() : notYet(file)));
  }

  private static long notYet(OpenFile file) {
    if (file.isNonblocking()) {
      throw new Errno(Errno.EAGAIN);
    }
    return FileWaits.NOT_YET;
  }

  private long read(Task task, long[] a) throws IOException {
    OpenFile file = readable(files.get(a[0]));
    int most = reach(a[1], length(a[2]), Core.WRITE);
    return most == 0 ? read(file, a[1], 0) : read(task, file, () -> read(file, a[1], most));
  }

  private long read(OpenFile file, long address, int most) throws IOException {
    byte[] bytes = file.read(most);
    process.write(address, bytes);
    return bytes.length;
  }

  private long readAt(long descriptor, long address, long length, long at) throws IOException {
    OpenFile file = readable(withPlaces(files.get(descriptor)));
    byte[] bytes = file.readAt(at, reach(address, length(length), Core.WRITE));
    process.write(address, bytes);
    return bytes.length;
  }

  private ByteBuffer vectors(long address, long count) {
    if (count < 0 || count > MOST_VECTORS) {
      throw new Errno(Errno.EINVAL);
    }
    ByteBuffer vectors = Bytes.in(process.space.read(address, (int) count * 16));
    for (int i = 0; i < count; i++) {
      notNegative(vectors.getLong(i * 16 + 8));
    }
    return vectors;
  }

  private long readv(Task task, long[] a) throws IOException {
    ByteBuffer vectors = vectors(a[1], a[2]);
    OpenFile file = readable(files.get(a[0]));
    boolean wantsNothing = true;
    for (int at = 8; at < vectors.limit(); at += 16) {
      wantsNothing &= vectors.getLong(at) == 0;
    }
    return wantsNothing ? scatter(file, vectors) : read(task, file, () -> scatter(file, vectors));
  }

  private long scatter(OpenFile file, ByteBuffer vectors) throws IOException {
    long sum = 0;
    while (vectors.hasRemaining()) {
      long address = vectors.getLong();
      long length = vectors.getLong();
      boolean goesOn = sum > 0 && length > 0;
      if (goesOn && (process.space.reach(address, 1, Core.WRITE) == 0 || !file.isReadyFor(OpenFile.READABLE))) {
        break; // what was read before counts
      }
      long got = read(file, address, reach(address, length(length), Core.WRITE));
      sum += got;
      if (got < length) {
        break;
      }
    }
    return sum;
  }

  // ---- writing

  /// Writes bytes, waiting while there is no room for all: a signal ends that, and what was written counts.
  private long write(Task task, OpenFile file, byte[] bytes) throws IOException {
    writable(file);
    int[] done = {0};
    return process.waits.await(new FileWaits.Wait(task, List.of(file), Scheduler.NEVER, Restart.IF_WANTED, () -> {
      if (done[0] > 0) {
        task.restart = null;
        process.answer(task, done[0]);
      }
    }, _ -> {
      try {
        done[0] += file.write(Arrays.copyOfRange(bytes, done[0], bytes.length));
        boolean isOver = done[0] == bytes.length || (done[0] > 0 && file.isNonblocking());
        return isOver || file.isReadyFor(OpenFile.WRITABLE) ? done[0] : notYet(file);
      } catch (Errno e) {
        if (done[0] > 0 && e.result() == -Errno.EPIPE) {
          process.signals.send(task, Signals.PIPE);
          return done[0];
        }
        throw e;
      }
    }));
  }

  private long writeAt(long descriptor, long address, long length, long at) throws IOException {
    return writable(withPlaces(files.get(descriptor))).writeAt(at, bytes(address, length));
  }

  private long writev(Task task, long[] a) throws IOException {
    ByteBuffer vectors = vectors(a[1], a[2]);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    while (vectors.hasRemaining()) {
      long address = vectors.getLong();
      long length = vectors.getLong();
      if (all.size() > 0 && length > 0 && process.space.reach(address, 1, Core.READ) == 0) {
        break; // what lies before is written
      }
      byte[] part = bytes(address, length);
      all.writeBytes(part);
      if (part.length < length) {
        break;
      }
    }
    return write(task, files.get(a[0]), all.toByteArray());
  }
}
