package dev.crosspatch.sim.linux;

import dev.crosspatch.core.machine.UserContext;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;

/// System calls about the process, its machine, and time.
final class ProcessCalls {
  private static final long NANOS = 1_000_000_000;
  /// Begin of a program's time, 2000-01-01 00:00:00 UTC: the same in every run.
  private static final long EPOCH = 946_684_800;
  /// What a user's programs see themselves as.
  static final int USER = 1000;
  private static final int LAST_CLOCK = 11;
  /// CLOCK_SGI_CYCLE, which is no more.
  private static final int NO_CLOCK = 10;
  /// Clocks that can be slept on: CLOCK_REALTIME, MONOTONIC, PROCESS_CPUTIME_ID, BOOTTIME, TAI.
  private static final Set<Integer> SLEEPS = Set.of(0, 1, 2, 7, 11);
  private static final int TIMER_ABSTIME = 1;
  private static final int NAME = 65;

  // ---- arch_prctl
  private static final int SET_GS = 0x1001;
  private static final int SET_FS = 0x1002;
  private static final int GET_FS = 0x1003;
  private static final int GET_GS = 0x1004;

  // ---- prctl
  private static final int PR_SET_PDEATHSIG = 1;
  private static final int PR_GET_DUMPABLE = 3;
  private static final int PR_SET_DUMPABLE = 4;
  private static final int PR_SET_NAME = 15;
  private static final int PR_GET_NAME = 16;
  private static final int PR_SET_NO_NEW_PRIVS = 38;
  private static final int PR_GET_NO_NEW_PRIVS = 39;
  private static final int PR_SET_TAGGED_ADDR_CTRL = 55;
  private static final int PR_GET_TAGGED_ADDR_CTRL = 56;
  private static final int PR_TAGGED_ADDR_ENABLE = 1;
  /// Bytes of a thread's name (TASK_COMM_LEN).
  private static final int LONGEST_NAME = 16;

  // ---- limits
  private static final int RLIMIT_STACK = 3;
  private static final int RLIMIT_NPROC = 6;
  private static final int RLIMIT_NOFILE = 7;
  private static final int RLIMIT_SIGPENDING = 11;
  private static final int LAST_LIMIT = 15;

  // ---- waiting for children, of which there are none (kernel/exit.c)
  /// WNOHANG, WUNTRACED, WCONTINUED, __WNOTHREAD, __WCLONE, __WALL.
  private static final int WAIT4_OPTIONS = 0xe000_000b;
  /// WNOHANG, WEXITED, WSTOPPED, WCONTINUED, WNOWAIT and the same three.
  private static final int WAITID_OPTIONS = 0xe100_000f;
  private static final int WAITID_EVENTS = 0xe;

  // ---- getrandom
  private static final int GRND_NONBLOCK = 1;
  private static final int GRND_RANDOM = 2;
  private static final int GRND_INSECURE = 4;

  /// The most random bytes that one call gives.
  private static final int RANDOM = 1 << 20;

  private final UserProcess process;
  private byte[] name = new byte[LONGEST_NAME];
  /// No program that is begun gets rights that this one has not; none is begun.
  private boolean locked;

  ProcessCalls(UserProcess process) {
    this.process = process;
  }

  void addTo(Map<String, Call> table) {
    table.put("exit_group", this::exitGroup);
    table.put("getpid", (_, _) -> UserProcess.ID);
    table.put("getppid", (_, _) -> 1);
    table.put("getpgrp", (_, _) -> UserProcess.ID);
    table.put("getpgid", (_, _) -> UserProcess.ID);
    table.put("getsid", (_, _) -> UserProcess.ID);
    table.put("setpgid", (_, _) -> 0);
    table.put("setsid", (_, _) -> UserProcess.ID);
    for (String who : new String[] {"getuid", "geteuid", "getgid", "getegid"}) {
      table.put(who, (_, _) -> USER);
    }
    table.put("getresuid", this::threeIds);
    table.put("getresgid", this::threeIds);
    table.put("getgroups", (_, _) -> 0);
    for (String same : new String[] {"setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid"}) {
      table.put(same, (_, _) -> 0);
    }
    table.put("uname", this::uname);
    table.put("arch_prctl", this::archPrctl);
    table.put("prctl", this::prctl);
    table.put("prlimit64", this::prlimit);
    table.put("getrlimit", (task, a) -> prlimit(task, new long[] {0, a[0], 0, a[1]}));
    table.put("setrlimit", (_, _) -> 0);
    table.put("getrusage", this::getrusage);
    table.put("times", this::times);
    table.put("sysinfo", this::sysinfo);
    table.put("getrandom", this::getrandom);
    table.put("getcpu", this::getcpu);
    table.put("clock_gettime", this::clockGettime);
    table.put("clock_getres", this::clockGetres);
    table.put("gettimeofday", this::gettimeofday);
    table.put("time", this::time);
    table.put("nanosleep", (task, a) -> sleep(task, duration(process, a[0]), a[1]));
    table.put("clock_nanosleep", this::clockNanosleep);
    table.put("wait4", (_, a) -> ((int) a[2] & ~WAIT4_OPTIONS) != 0 ? -Errno.EINVAL : -Errno.ECHILD);
    table.put("waitid", (_, a) -> ((int) a[3] & ~WAITID_OPTIONS) != 0 || (a[3] & WAITID_EVENTS) == 0
        ? -Errno.EINVAL : -Errno.ECHILD);
    table.put("alarm", (_, _) -> 0);
    table.put("personality", (_, _) -> 0);
  }

  private long exitGroup(Task task, long[] a) {
    process.exit((int) a[0]);
    return Call.ANSWERED;
  }

  private long threeIds(Task task, long[] a) {
    for (int i = 0; i < 3; i++) {
      process.write(a[i], Bytes.half(USER));
    }
    return 0;
  }

  private long uname(Task task, long[] a) {
    ByteBuffer out = Bytes.of(6 * NAME);
    String[] fields = {"Linux", "crosspatch", "6.1.0", "#1 SMP", process.abi.machine(), "(none)"};
    for (int i = 0; i < fields.length; i++) {
      out.put(i * NAME, fields[i].getBytes(StandardCharsets.US_ASCII));
    }
    process.write(a[0], Bytes.all(out));
    return 0;
  }

  private long archPrctl(Task task, long[] a) {
    UserContext context = task.context;
    switch ((int) a[0]) {
      case SET_FS -> context.thread = ownAddress(a[1]);
      case GET_FS -> process.write(a[1], Bytes.words(context.thread));
      case SET_GS -> context.more[0] = ownAddress(a[1]);
      case GET_GS -> process.write(a[1], Bytes.words(context.more[0]));
      default -> throw new Errno(Errno.EINVAL);
    }
    return 0;
  }

  private static long ownAddress(long address) {
    if (Long.compareUnsigned(address, MemoryCalls.TOP) >= 0) {
      throw new Errno(Errno.EPERM);
    }
    return address;
  }

  private long prctl(Task task, long[] a) {
    switch ((int) a[0]) {
      case PR_SET_NAME -> name = name(a[1]);
      case PR_GET_NAME -> process.write(a[1], name);
      case PR_SET_TAGGED_ADDR_CTRL -> setTags(task, a);
      case PR_GET_TAGGED_ADDR_CTRL -> {
        return tags(task, a);
      }
      case PR_GET_DUMPABLE -> {
        return 1;
      }
      case PR_SET_DUMPABLE -> checkBit(a[1]);
      case PR_SET_PDEATHSIG -> checkSignal(a[1]);
      case PR_SET_NO_NEW_PRIVS -> {
        if (a[1] != 1 || (a[2] | a[3] | a[4]) != 0) {
          throw new Errno(Errno.EINVAL);
        }
        locked = true;
      }
      case PR_GET_NO_NEW_PRIVS -> {
        if ((a[1] | a[2] | a[3] | a[4]) != 0) {
          throw new Errno(Errno.EINVAL);
        }
        return locked ? 1 : 0;
      }
      default -> throw new Errno(Errno.EINVAL);
    }
    return 0;
  }

  /// A name of a thread: 15 letters and a NUL at most (kernel/sys.c; fs/exec.c, __set_task_comm).
  private byte[] name(long address) {
    byte[] bytes = new byte[LONGEST_NAME];
    for (int i = 0; i < LONGEST_NAME - 1; i++) {
      bytes[i] = process.space.read(address + i, 1)[0];
      if (bytes[i] == 0) {
        break;
      }
    }
    return bytes;
  }

  private static void checkBit(long value) {
    if (value != 0 && value != 1) {
      throw new Errno(Errno.EINVAL);
    }
  }

  private static void checkSignal(long number) {
    if (number < 0 || number > Signals.LAST) {
      throw new Errno(Errno.EINVAL);
    }
  }

  /// Whether the kernel takes tagged pointers (Documentation/arch/arm64/tagged-address-abi.rst).
  private void setTags(Task task, long[] a) {
    long bits = process.user.tagBits();
    if (bits == 0 || (a[1] & ~PR_TAGGED_ADDR_ENABLE) != 0 || (a[2] | a[3] | a[4]) != 0) {
      throw new Errno(Errno.EINVAL);
    }
    task.tagBits = a[1] == 0 ? 0 : bits;
  }

  private long tags(Task task, long[] a) {
    if (process.user.tagBits() == 0 || (a[1] | a[2] | a[3] | a[4]) != 0) {
      throw new Errno(Errno.EINVAL);
    }
    return task.tagBits == 0 ? 0 : PR_TAGGED_ADDR_ENABLE;
  }

  private long prlimit(Task task, long[] a) {
    if (Integer.compareUnsigned((int) a[1], LAST_LIMIT) > 0) {
      throw new Errno(Errno.EINVAL);
    }
    if ((int) a[0] != 0 && (int) a[0] != UserProcess.ID && !process.tasks.containsKey((int) a[0])) {
      throw new Errno(Errno.ESRCH);
    }
    if (a[3] != 0) {
      long limit = switch ((int) a[1]) {
        case RLIMIT_STACK -> MemoryCalls.STACK;
        case RLIMIT_NPROC, RLIMIT_SIGPENDING -> ThreadCalls.most(process);
        case RLIMIT_NOFILE -> FileTable.MOST;
        default -> -1;
      };
      process.write(a[3], Bytes.words(limit, limit));
    }
    return 0;
  }

  private long getrusage(Task task, long[] a) {
    ByteBuffer out = Bytes.of(144);
    out.putLong(process.nanos() / NANOS).putLong(process.nanos() % NANOS / 1000);
    process.write(a[1], Bytes.all(out));
    return 0;
  }

  /// Hundredths of a second.
  private long times(Task task, long[] a) {
    long ticks = process.nanos() / (NANOS / 100);
    if (a[0] != 0) {
      process.write(a[0], Bytes.words(ticks, 0, 0, 0));
    }
    return ticks;
  }

  private long sysinfo(Task task, long[] a) {
    ByteBuffer out = Bytes.of(112);
    out.putLong(process.nanos() / NANOS).putLong(32, process.pages.total()).putLong(40, process.pages.left());
    out.putShort(80, (short) process.tasks.size()).putInt(104, 1);
    process.write(a[0], Bytes.all(out));
    return 0;
  }

  private long getrandom(Task task, long[] a) {
    boolean both = (a[2] & (GRND_RANDOM | GRND_INSECURE)) == (GRND_RANDOM | GRND_INSECURE);
    if (both || (a[2] & ~(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE)) != 0) {
      throw new Errno(Errno.EINVAL);
    }
    byte[] bytes = new byte[a[1] < 0 ? RANDOM : (int) Math.min(a[1], RANDOM)];
    process.random.nextBytes(bytes);
    process.write(a[0], bytes);
    return bytes.length;
  }

  private long getcpu(Task task, long[] a) {
    for (int i = 0; i < 2; i++) {
      if (a[i] != 0) {
        process.write(a[i], Bytes.half(i == 0 ? task.cpu : 0));
      }
    }
    return 0;
  }

  // ---- time

  /// Nanoseconds of a clock: the real-time ones from [#EPOCH] on, all others from the program's begin.
  private long clock(long which) {
    if (which < 0 || which > LAST_CLOCK || which == NO_CLOCK) {
      throw new Errno(Errno.EINVAL);
    }
    boolean real = which == 0 || which == 5 || which == 8 || which == LAST_CLOCK;
    return process.nanos() + (real ? EPOCH * NANOS : 0);
  }

  /// Nanoseconds of the real-time clock or the monotonic one.
  static long now(UserProcess process, boolean real) {
    return process.nanos() + (real ? EPOCH * NANOS : 0);
  }

  private long clockGettime(Task task, long[] a) {
    long now = clock(a[0]);
    process.write(a[1], Bytes.words(now / NANOS, now % NANOS));
    return 0;
  }

  private long clockGetres(Task task, long[] a) {
    clock(a[0]);
    if (a[1] != 0) {
      process.write(a[1], Bytes.words(0, 1));
    }
    return 0;
  }

  private long gettimeofday(Task task, long[] a) {
    long now = clock(0);
    if (a[0] != 0) {
      process.write(a[0], Bytes.words(now / NANOS, now % NANOS / 1000));
    }
    return 0;
  }

  private long time(Task task, long[] a) {
    long now = clock(0) / NANOS;
    if (a[0] != 0) {
      process.write(a[0], Bytes.words(now));
    }
    return now;
  }

  /// Nanoseconds of a `struct timespec`.
  static long duration(UserProcess process, long address) {
    long seconds = process.word(address);
    long nanos = process.word(address + 8);
    if (seconds < 0 || nanos < 0 || nanos >= NANOS) {
      throw new Errno(Errno.EINVAL);
    }
    return seconds > Long.MAX_VALUE / NANOS - 1 ? Long.MAX_VALUE : seconds * NANOS + nanos;
  }

  private long clockNanosleep(Task task, long[] a) {
    long now = clock(a[0]);
    if (!SLEEPS.contains((int) a[0])) {
      throw new Errno(Errno.EOPNOTSUPP);
    }
    long until = duration(process, a[2]);
    if ((a[1] & TIMER_ABSTIME) == 0) {
      return sleep(task, until, a[3]);
    }
    if (until > now) {
      process.scheduler.at(process.after(until - now), task, () -> process.finish(task, 0));
      process.scheduler.await(task, Restart.WITHOUT_HANDLER, () -> process.scheduler.forget(task));
      return Call.ANSWERED;
    }
    return 0;
  }

  private long sleep(Task task, long nanos, long left) {
    return nanos == 0 ? 0 : sleepUntil(process, task, process.after(nanos), left);
  }

  /// The result of a call that waits for a time.
  ///
  /// @param until in [dev.crosspatch.core.time.ClockUnit]s, or [Scheduler#NEVER]
  /// @param left  where the time goes that is left if a signal comes, or 0
  static long sleepUntil(UserProcess process, Task task, long until, long left) {
    if (until <= process.clock()) {
      return 0;
    }
    process.scheduler.at(until, task, () -> process.finish(task, 0));
    process.scheduler.await(task, Restart.REST, () -> {
      process.scheduler.forget(task);
      task.rest = (t, _) -> sleepUntil(process, t, until, left);
      if (!tellLeft(process, task, until, left)) {
        task.restart = null;
        process.answer(task, -Errno.EFAULT);
      }
    });
    return Call.ANSWERED;
  }

  /// Says how much time is left.
  ///
  /// @param to where, or 0
  /// @return false if it cannot be written there
  static boolean tellLeft(UserProcess process, Task task, long until, long to) {
    if (to == 0 || until == Scheduler.NEVER) {
      return true;
    }
    long nanos = Math.max(0, process.nanos(until) - process.nanos());
    try {
      process.actFor(task);
      process.write(to, Bytes.words(nanos / NANOS, nanos % NANOS));
      return true;
    } catch (Errno e) {
      return false;
    }
  }
}
