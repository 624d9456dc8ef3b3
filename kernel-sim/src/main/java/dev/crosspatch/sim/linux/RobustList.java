package dev.crosspatch.sim.linux;

import java.util.function.LongConsumer;

/// The list of locks of a thread that tells others if it ends with some of them (kernel/futex/core.c,
/// exit_robust_list).
final class RobustList {
  /// Bytes of `struct robust_list_head`: the first entry, where words lie behind entries, an entry that is just being
  /// changed.
  static final int HEAD = 24;
  private static final int MOST = 2048;
  /// Of an entry: the lock passes priority on, and Linux wakes nobody.
  private static final long PRIORITY = 1;
  private static final int WAITERS = 0x8000_0000;
  private static final int OWNER_DIED = 0x4000_0000;
  private static final int OWNER = 0x3fff_ffff;

  private final UserProcess process;
  /// Wakes one thread that waits at a word.
  private final LongConsumer wake;

  RobustList(UserProcess process, LongConsumer wake) {
    this.process = process;
    this.wake = wake;
  }

  /// A thread has ended. What of its list cannot be read ends the list.
  void end(Task task) {
    long head = task.robustList;
    try {
      if (head != 0) {
        process.actFor(task);
        walk(task, head, process.word(head + 8), process.word(head + 16));
      }
    } catch (Errno e) {
      task.robustList = 0;
    }
  }

  private void walk(Task task, long head, long offset, long pending) {
    long entry = process.word(head);
    for (int i = 0; i < MOST && (entry & ~PRIORITY) != head; i++) {
      long address = entry & ~PRIORITY;
      if (address != (pending & ~PRIORITY)) {
        die(task, address + offset, entry & PRIORITY, false);
      }
      entry = process.word(address);
    }
    if ((pending & ~PRIORITY) != 0) {
      die(task, (pending & ~PRIORITY) + offset, pending & PRIORITY, true);
    }
  }

  /// handle_futex_death.
  private void die(Task task, long at, long priority, boolean pending) {
    if (at % Integer.BYTES != 0) {
      throw new Errno(Errno.EINVAL);
    }
    int word = process.half(at);
    if (pending && priority == 0 && (word & OWNER) == 0) {
      wake.accept(at);
    } else if ((word & OWNER) == task.id) {
      process.write(at, Bytes.half((word & WAITERS) | OWNER_DIED));
      if (priority == 0 && (word & WAITERS) != 0) {
        wake.accept(at);
      }
    }
  }
}
