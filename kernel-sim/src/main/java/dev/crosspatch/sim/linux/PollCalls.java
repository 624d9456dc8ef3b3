package dev.crosspatch.sim.linux;

import java.nio.ByteBuffer;
import java.util.Map;

/// System calls that wait for files. All files that there are can always be read and written, so who waits, waits for a
/// time or a signal.
final class PollCalls {
  /// Nanoseconds that do not end.
  private static final long FOREVER = Long.MAX_VALUE;
  private static final long MILLISECOND = 1_000_000;
  private static final int MASK_BYTES = 8;
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

  private long poll(Task task, long[] a) {
    int ready = ready(a[0], a[1]);
    long nanos = (int) a[2] < 0 ? FOREVER : (int) a[2] * MILLISECOND;
    return ready != 0 || nanos == 0 ? ready : ProcessCalls.sleepUntil(process, task, end(nanos), 0);
  }

  private long end(long nanos) {
    return nanos == FOREVER ? Scheduler.NEVER : process.after(nanos);
  }

  /// Says how much time is left, and blocks other signals while it waits (fs/select.c, ppoll, poll_select_finish).
  private long ppoll(Task task, long[] a) {
    long nanos = a[2] == 0 ? FOREVER : ProcessCalls.duration(process, a[2]);
    if (a[3] != 0) {
      if (a[4] != MASK_BYTES) {
        throw new Errno(Errno.EINVAL);
      }
      process.takers.suspend(task, process.word(a[3]) & ~Signals.UNBLOCKABLE);
    }
    int ready;
    try {
      ready = ready(a[0], a[1]);
    } catch (Errno e) {
      process.takers.resume(task);
      throw e;
    }
    long until = end(nanos);
    if (ready != 0 || (nanos == 0 && !process.takers.call(task))) {
      process.takers.resume(task);
      ProcessCalls.tellLeft(process, task, until, a[2]);
      return ready;
    }
    process.scheduler.at(until, task, () -> {
      process.takers.resume(task);
      ProcessCalls.tellLeft(process, task, until, a[2]);
      process.finish(task, 0);
    });
    process.scheduler.await(task, Restart.WITHOUT_HANDLER, () -> {
      process.scheduler.forget(task);
      if (!ProcessCalls.tellLeft(process, task, until, a[2])) {
        task.restart = null;
        process.answer(task, -Errno.EINTR);
      }
    });
    return Call.ANSWERED;
  }

  /// How many of these files are ready, or not there.
  private int ready(long address, long count) {
    if (Integer.compareUnsigned((int) count, FileTable.MOST) > 0) {
      throw new Errno(Errno.EINVAL);
    }
    ByteBuffer all = Bytes.in(process.space.read(address, (int) count * 8));
    int ready = 0;
    for (int at = 0; at < all.limit(); at += 8) {
      int number = all.getInt(at);
      int events = number < 0 ? 0 : events(number, all.getShort(at + 4));
      all.putShort(at + 6, (short) events);
      ready += events != 0 ? 1 : 0;
    }
    process.write(address, Bytes.all(all));
    return ready;
  }

  private int events(int number, int wanted) {
    try {
      return wanted & files.get(number).ready();
    } catch (Errno e) {
      return NOT_OPEN;
    }
  }
}
