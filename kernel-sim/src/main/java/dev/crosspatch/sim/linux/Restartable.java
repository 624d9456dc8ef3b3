package dev.crosspatch.sim.linux;

import java.nio.ByteBuffer;
import java.util.Map;

/// Restartable sequences (uapi/linux/rseq.h): a thread has a structure in which it finds the CPU that it runs on, and
/// names a stretch of code that is to be begun anew if it is interrupted there.
final class Restartable {
  private static final int UNREGISTER = 1;
  private static final int LEAST = 32;
  private static final int CPU_START = 0;
  private static final int CPU = 4;
  private static final int SECTION = 8;
  private static final int SECTION_SIZE = 32;

  private final UserProcess process;

  Restartable(UserProcess process) {
    this.process = process;
  }

  void addTo(Map<String, Call> table) {
    table.put("rseq", this::rseq);
  }

  private long rseq(Task task, long[] a) {
    if ((a[2] & UNREGISTER) != 0) {
      if (task.restartable != a[0]) {
        throw new Errno(Errno.EINVAL);
      }
      task.restartable = 0;
      return 0;
    }
    if (task.restartable != 0 || a[1] < LEAST || a[0] % LEAST != 0 || a[2] != 0) {
      throw new Errno(Errno.EINVAL);
    }
    task.restartable = a[0];
    tellCpu(task);
    return 0;
  }

  /// The thread was interrupted, or comes to another CPU: what it was in the middle of begins anew.
  void restart(Task task) {
    if (task.restartable == 0) {
      return;
    }
    process.actFor(task);
    try {
      tellCpu(task);
      long section = process.word(task.restartable + SECTION);
      if (section != 0) {
        ByteBuffer in = Bytes.in(process.space.read(section, SECTION_SIZE));
        long start = in.getLong(8);
        if (Long.compareUnsigned(task.context.pc - start, in.getLong(16)) < 0) {
          task.context.pc = in.getLong(24);
        }
        process.write(task.restartable + SECTION, Bytes.words(0));
      }
    } catch (Errno e) {
      process.kill(task, Signals.SEGV);
      task.dead = true;
    }
  }

  private void tellCpu(Task task) {
    process.write(task.restartable + CPU_START, Bytes.half(task.cpu));
    process.write(task.restartable + CPU, Bytes.half(task.cpu));
  }
}
