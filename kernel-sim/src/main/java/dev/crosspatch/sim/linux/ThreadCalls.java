package dev.crosspatch.sim.linux;

import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.machine.UserContext;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// System calls about threads.
final class ThreadCalls {
  // ---- clone (uapi/linux/sched.h): what a thread shares, and what else it may ask for
  private static final long CLONE_THREAD = 0x0001_0d00;
  private static final long CLONE_SETTLS = 0x0008_0000;
  private static final long CLONE_PARENT_SETTID = 0x0010_0000;
  private static final long CLONE_CHILD_CLEARTID = 0x0020_0000;
  private static final long CLONE_CHILD_SETTID = 0x0100_0000;
  private static final int CLONE_ARGS = 64;

  // ---- futex operations (uapi/linux/futex.h)
  private static final int WAIT = 0;
  private static final int WAKE = 1;
  private static final int REQUEUE = 3;
  private static final int CMP_REQUEUE = 4;
  private static final int WAKE_OP = 5;
  private static final int WAIT_BITSET = 9;
  private static final int WAKE_BITSET = 10;
  private static final int FUTEX_COMMAND = 0x7f;
  private static final int CLOCK_REALTIME = 0x100;
  private static final int EVERY_BIT = -1;

  /// A thread that waits at a futex.
  private record Waiter(Task task, int bits) {}

  /// Bytes of RAM per thread that there can be, and how many there always can be (kernel/fork.c, set_max_threads).
  private static final int RAM_PER_THREAD = 8 * (16 << 10);

  private static final int LEAST_THREADS = 20;

  private final UserProcess process;
  private final Map<Long, List<Waiter>> futexes = new HashMap<>();
  private final RobustList robust;

  ThreadCalls(UserProcess process) {
    this.process = process;
    robust = new RobustList(process, at -> wake(at, 1, EVERY_BIT));
  }

  void addTo(Map<String, Call> table) {
    table.put("clone", this::clone);
    table.put("clone3", this::clone3);
    table.put("exit", this::exit);
    table.put("gettid", (task, _) -> task.id);
    table.put("set_tid_address", this::setTidAddress);
    table.put("set_robust_list", this::setRobustList);
    table.put("futex", this::futex);
    table.put("sched_yield", this::schedYield);
    table.put("sched_getaffinity", this::getAffinity);
    table.put("sched_setaffinity", (_, _) -> 0);
    table.put("sched_getparam", this::getParam);
    table.put("sched_getscheduler", (_, _) -> 0);
    table.put("getpriority", (_, _) -> 20);
  }

  /// What a new thread is to have.
  private record Wish(long flags, long stack, long parent, long child, long thread) {}

  private long clone(Task task, long[] a) {
    return start(task, new Wish(argument(a, "flags"), argument(a, "stack"), argument(a, "parent"),
        argument(a, "child"), argument(a, "tls")));
  }

  /// `struct clone_args`: flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls.
  private long clone3(Task task, long[] a) {
    if (a[1] < CLONE_ARGS) {
      throw new Errno(Errno.EINVAL);
    }
    ByteBuffer in = Bytes.in(process.space.read(a[0], CLONE_ARGS));
    long stack = in.getLong(40) == 0 ? 0 : in.getLong(40) + in.getLong(48);
    return start(task, new Wish(in.getLong(0), stack, in.getLong(24), in.getLong(16), in.getLong(56)));
  }

  /// Only threads: what shares memory, files and signals.
  private long start(Task task, Wish wish) {
    if ((wish.flags & CLONE_THREAD) != CLONE_THREAD) {
      process.tell("a new process: clone with flags 0x" + Long.toHexString(wish.flags) + " makes no thread");
      throw new Errno(Errno.ENOSYS);
    }
    if (process.tasks.size() >= most(process)) {
      throw new Errno(Errno.EAGAIN);
    }
    UserContext context = task.context.copy();
    if (wish.stack != 0) {
      context.r[process.user.convention().stack()] = wish.stack;
    }
    context.r[process.user.convention().result()] = 0;
    if ((wish.flags & CLONE_SETTLS) != 0) {
      context.thread = wish.thread;
    }
    Task child = process.add(context);
    child.blocked = task.blocked;
    child.tagBits = task.tagBits;
    child.fault = task.fault; // thread_struct is copied (kernel/fork.c, arch_dup_task_struct)
    byte[] id = Bytes.half(child.id);
    if ((wish.flags & CLONE_PARENT_SETTID) != 0) {
      process.write(wish.parent, id);
    }
    if ((wish.flags & CLONE_CHILD_SETTID) != 0) {
      process.write(wish.child, id);
    }
    if ((wish.flags & CLONE_CHILD_CLEARTID) != 0) {
      child.clearAtEnd = wish.child;
    }
    return child.id;
  }

  /// How many threads a user may have (`RLIMIT_NPROC`; kernel/fork.c, fork_init): half of what RAM allows.
  static long most(UserProcess process) {
    return Math.max(LEAST_THREADS, process.pages.total() / RAM_PER_THREAD) / 2;
  }

  private long argument(long[] a, String name) {
    return a[process.abi.cloneArgument(name)];
  }

  private long exit(Task task, long[] a) {
    end(task);
    if (process.tasks.isEmpty()) {
      process.exit((int) a[0]);
    }
    return Call.ANSWERED;
  }

  /// A thread ends.
  private void end(Task task) {
    task.dead = true;
    process.tasks.remove(task.id);
    process.takers.leave(task);
    robust.end(task);
    if (task.clearAtEnd != 0) {
      try {
        process.write(task.clearAtEnd, Bytes.half(0));
        wake(task.clearAtEnd, 1, EVERY_BIT);
      } catch (Errno e) {
        // as Linux: nobody is told of a bad address
        task.clearAtEnd = 0;
      }
    }
  }

  private long setTidAddress(Task task, long[] a) {
    task.clearAtEnd = a[0];
    return task.id;
  }

  private long setRobustList(Task task, long[] a) {
    if (a[1] != RobustList.HEAD) {
      throw new Errno(Errno.EINVAL);
    }
    task.robustList = a[0];
    return 0;
  }

  private long schedYield(Task task, long[] a) {
    process.scheduler.giveWay(task);
    return 0;
  }

  private long getAffinity(Task task, long[] a) {
    int cpus = process.machine.cpus();
    if (a[1] < Long.BYTES) {
      throw new Errno(Errno.EINVAL);
    }
    process.write(a[2], Bytes.words(cpus == Long.SIZE ? -1 : (1L << cpus) - 1));
    return Long.BYTES;
  }

  private long getParam(Task task, long[] a) {
    process.write(a[1], Bytes.half(0));
    return 0;
  }

  // ---- futexes

  private long futex(Task task, long[] a) {
    int operation = (int) a[1] & FUTEX_COMMAND;
    a[0] = key(task, a[0]);
    if (operation == REQUEUE || operation == CMP_REQUEUE || operation == WAKE_OP) {
      a[4] = key(task, a[4]);
    }
    return switch (operation) {
      case WAIT -> await(task, a, EVERY_BIT, false);
      case WAIT_BITSET -> await(task, a, (int) a[5], true);
      case WAKE -> wake(a[0], (int) a[2], EVERY_BIT);
      case WAKE_BITSET -> wake(a[0], (int) a[2], (int) a[5]);
      case REQUEUE -> requeue(a, false);
      case CMP_REQUEUE -> requeue(a, true);
      case WAKE_OP -> wakeOp(a);
      default -> -Errno.ENOSYS;
    };
  }

  /// The word that an address stands for (kernel/futex/core.c, get_futex_key).
  private static long key(Task task, long address) {
    if (address % Integer.BYTES != 0) {
      throw new Errno(Errno.EINVAL);
    }
    long word = address & ~task.tagBits;
    if (Long.compareUnsigned(word, MemoryCalls.TOP) >= 0) {
      throw new Errno(Errno.EFAULT);
    }
    return word;
  }

  private long await(Task task, long[] a, int bits, boolean absolute) {
    if (bits == 0) {
      throw new Errno(Errno.EINVAL);
    }
    long until = Scheduler.NEVER;
    if (a[3] != 0) {
      long time = ProcessCalls.duration(process, a[3]);
      long now = absolute ? ProcessCalls.now(process, (a[1] & CLOCK_REALTIME) != 0) : 0;
      until = process.after(Math.max(0, time - now));
    }
    return await(task, a[0], (int) a[2], bits, until);
  }

  /// @param until when it times out, in [dev.crosspatch.core.time.ClockUnit]s, or [Scheduler#NEVER]
  private long await(Task task, long address, int value, int bits, long until) {
    if (process.half(address) != value) {
      throw new Errno(Errno.EAGAIN);
    }
    Waiter waiter = new Waiter(task, bits);
    futexes.computeIfAbsent(address, _ -> new ArrayList<>()).add(waiter);
    process.scheduler.at(until, task, () -> {
      forget(waiter);
      process.finish(task, -Errno.ETIMEDOUT);
    });
    process.scheduler.await(task, until == Scheduler.NEVER ? Restart.IF_WANTED : Restart.REST, () -> {
      forget(waiter);
      process.scheduler.forget(task);
      task.rest = (t, _) -> await(t, address, value, bits, until);
    });
    return Call.ANSWERED;
  }

  private void forget(Waiter waiter) {
    futexes.values().forEach(list -> list.remove(waiter));
    futexes.values().removeIf(List::isEmpty);
  }

  private long wake(long address, int most, int bits) {
    List<Waiter> waiters = futexes.getOrDefault(address, List.of());
    int woken = 0;
    for (Waiter waiter : List.copyOf(waiters)) {
      if (woken < most && (waiter.bits & bits) != 0) {
        forget(waiter);
        process.scheduler.forget(waiter.task);
        process.finish(waiter.task, 0);
        woken++;
      }
    }
    return woken;
  }

  private long requeue(long[] a, boolean compare) {
    if (compare && process.half(a[0]) != (int) a[5]) {
      throw new Errno(Errno.EAGAIN);
    }
    long woken = wake(a[0], (int) a[2], EVERY_BIT);
    List<Waiter> left = futexes.getOrDefault(a[0], List.of());
    int moved = Math.clamp(a[3], 0, left.size());
    List<Waiter> moving = List.copyOf(left.subList(0, moved));
    moving.forEach(this::forget);
    futexes.computeIfAbsent(a[4], _ -> new ArrayList<>()).addAll(moving);
    futexes.values().removeIf(List::isEmpty);
    return woken + moved;
  }

  /// An operation on the second word decides whether its waiters are woken, too.
  private long wakeOp(long[] a) {
    int code = (int) a[5];
    int operand = code << 8 >> 20;
    int against = code << 20 >> 20;
    int value = (code >>> 31) != 0 ? 1 << operand : operand;
    process.space.check(a[4], Integer.BYTES, Core.WRITE);
    int old = process.half(a[4]);
    process.write(a[4], Bytes.half(switch (code >>> 28 & 7) {
      case 0 -> value;
      case 1 -> old + value;
      case 2 -> old | value;
      case 3 -> old & ~value;
      case 4 -> old ^ value;
      default -> throw new Errno(Errno.ENOSYS);
    }));
    boolean also = switch (code >>> 24 & 15) {
      case 0 -> old == against;
      case 1 -> old != against;
      case 2 -> old < against;
      case 3 -> old <= against;
      case 4 -> old > against;
      case 5 -> old >= against;
      default -> throw new Errno(Errno.ENOSYS);
    };
    return wake(a[0], (int) a[2], EVERY_BIT) + (also ? wake(a[4], (int) a[3], EVERY_BIT) : 0);
  }
}
