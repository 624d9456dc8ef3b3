package dev.crosspatch.sim.linux;

import dev.crosspatch.core.cpu.Core;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/// System calls that wait until one of many files is ready, for a time, or for a signal.
final class PollCalls {
  /// Nanoseconds that do not end.
  private static final long FOREVER = Long.MAX_VALUE;
  private static final long MILLISECOND = 1_000_000;
  private static final int MASK_BYTES = 8;
  /// Bytes of a `struct pollfd`.
  private static final int SIZE = 8;
  /// POLLNVAL: there is no such file.
  private static final int NOT_OPEN = 0x20;

  private final UserProcess process;
  private final FileTable files;

  PollCalls(UserProcess process, FileTable files) {
    this.process = process;
    this.files = files;
  }

  void addTo(Map<String, Call> table) {
    table.put("poll", this::poll);
    table.put("ppoll", this::ppoll);
  }

  /// Behind a handler it ends with EINTR; without one it waits for the time that is left (fs/select.c,
  /// do_restart_poll).
  private long poll(Task task, long[] a) throws IOException {
    long nanos = (int) a[2] < 0 ? FOREVER : (int) a[2] * MILLISECOND;
    return poll(task, new Polled(a[0], a[1]), end(nanos));
  }

  private long poll(Task task, Polled polled, long until) throws IOException {
    return process.waits.await(new FileWaits.Wait(task, polled.opened(), until, Restart.REST,
        () -> task.rest = (t, _) -> poll(t, polled, until), polled::answer));
  }

  private long end(long nanos) {
    return nanos == FOREVER ? Scheduler.NEVER : process.after(nanos);
  }

  /// Says how much time is left, and blocks other signals while it waits (fs/select.c, ppoll, poll_select_finish).
  private long ppoll(Task task, long[] a) throws IOException {
    long nanos = a[2] == 0 ? FOREVER : ProcessCalls.duration(process, a[2]);
    if (a[3] != 0) {
      if (a[4] != MASK_BYTES) {
        throw new Errno(Errno.EINVAL);
      }
      process.takers.suspend(task, process.word(a[3]) & ~Signals.UNBLOCKABLE);
    }
    Polled polled;
    try {
      polled = new Polled(a[0], a[1]);
    } catch (Errno e) {
      process.takers.resume(task);
      throw e;
    }
    long until = end(nanos);
    return process.waits.await(new FileWaits.Wait(task, polled.opened(), until, Restart.WITHOUT_HANDLER, () -> {
      if (!ProcessCalls.tellLeft(process, task, until, a[2])) {
        task.restart = null;
        process.answer(task, -Errno.EINTR);
      }
    }, late -> {
      long result = polled.answer(late);
      if (result != FileWaits.NOT_YET) {
        process.takers.resume(task);
        ProcessCalls.tellLeft(process, task, until, a[2]);
      }
      return result;
    }));
  }

  /// Files that are waited for: an array of `struct pollfd`.
  private final class Polled {
    private final long address;
    private final ByteBuffer all;
    private boolean told;

    /// @throws Errno EFAULT or EINVAL if that is none
    Polled(long address, long count) {
      if (Integer.compareUnsigned((int) count, FileTable.MOST) > 0) {
        throw new Errno(Errno.EINVAL);
      }
      this.address = address;
      all = Bytes.in(process.space.read(address, (int) count * SIZE));
      process.space.check(address, all.limit(), Core.WRITE);
    }

    /// Those that are there.
    List<OpenFile> opened() {
      return IntStream.range(0, all.limit() / SIZE).map(i -> all.getInt(i * SIZE)).mapToObj(files::find)
          .filter(Objects::nonNull).toList();
    }

    /// How many of the files are ready, or not there: told at first, and when there are some.
    long answer(boolean late) {
      int ready = 0;
      for (int at = 0; at < all.limit(); at += SIZE) {
        int number = all.getInt(at);
        int events = number < 0 ? 0 : events(number, all.getShort(at + 4));
        all.putShort(at + 6, (short) events);
        ready += events != 0 ? 1 : 0;
      }
      if (ready > 0 || !told) {
        process.write(address, Bytes.all(all));
        told = true;
      }
      return ready > 0 || late ? ready : FileWaits.NOT_YET;
    }

    private int events(int number, int wanted) {
      OpenFile file = files.find(number);
      return file == null ? NOT_OPEN : file.ready() & (wanted | OpenFile.ERROR | OpenFile.HANG_UP);
    }
  }
}
