package dev.crosspatch.sim.linux;

import dev.crosspatch.core.machine.UserMode;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Signals: who wants which, sends which, blocks which and waits for which.
final class Signals {
  static final int LAST = 64;
  /// The first signal for real time.
  static final int REAL_TIME = 32;
  static final int BUS = 7;
  static final int KILL = 9;
  static final int SEGV = 11;
  static final int PIPE = 13;
  private static final int STOP = 19;
  /// SIGKILL and SIGSTOP cannot be blocked.
  static final long UNBLOCKABLE = bit(KILL) | bit(STOP);
  /// Ignored unless somebody wants them: SIGCHLD, SIGCONT, SIGURG, SIGWINCH; and what stops a process, SIGTSTP,
  /// SIGTTIN, SIGTTOU, since nobody could let it go on.
  private static final long IGNORED = bit(17) | bit(18) | bit(23) | bit(28) | bit(20) | bit(21) | bit(22);
  private static final int CONTINUE = 18;
  /// What stops a process: none of them is pending beside SIGCONT (signal(7)).
  private static final long STOPS = bit(STOP) | bit(20) | bit(21) | bit(22);

  private static final int SI_USER = 0;
  private static final int SI_TKILL = -6;
  static final int SI_KERNEL = 0x80;
  private static final int SIGINFO = 128;
  private static final int MASK_BYTES = 8;

  private final UserProcess process;
  private final SignalAction[] actions = new SignalAction[LAST + 1];
  private final SignalTakers takers;

  Signals(UserProcess process, SignalTakers takers) {
    this.process = process;
    this.takers = takers;
    Arrays.fill(actions, SignalAction.NONE);
  }

  void addTo(Map<String, Call> table) {
    table.put("rt_sigaction", this::sigaction);
    table.put("rt_sigprocmask", this::sigprocmask);
    table.put("rt_sigpending", this::sigpending);
    table.put("rt_sigsuspend", this::sigsuspend);
    table.put("rt_sigtimedwait", this::sigtimedwait);
    table.put("rt_sigqueueinfo", this::sigqueueinfo);
    table.put("rt_tgsigqueueinfo", this::tgsigqueueinfo);
    table.put("pause", (task, _) -> pause(task, task.blocked));
    table.put("kill", this::kill);
    table.put("tkill", (_, a) -> (int) a[0] <= 0 ? -Errno.EINVAL
        : toThread(UserProcess.ID, (int) a[0], (int) a[1], SI_TKILL, null));
    table.put("tgkill", (_, a) -> toThread((int) a[0], (int) a[1], (int) a[2], SI_TKILL, null));
  }

  /// What the program wants of a signal.
  SignalAction action(int signal) {
    return actions[signal];
  }

  /// A signal has no handler from now on.
  void reset(int signal) {
    actions[signal] = actions[signal].byDefault();
  }

  static long bit(int signal) {
    return 1L << (signal - 1);
  }

  // ---- sending

  /// A fault's signal: it comes at once, and if the program does not want it, the program ends.
  void force(Task task, UserMode.Trap trap) {
    task.fault = process.user.kept(trap, task.fault);
    if (force(task, trap.signal(), trap.code(), trap.address())) {
      task.trap = trap;
    }
  }

  /// Whether the program wants it.
  boolean force(Task task, int signal, int code, long address) {
    SignalAction action = actions[signal];
    if ((task.blocked & bit(signal)) != 0
        || action.handler() == SignalAction.DEFAULT || action.handler() == SignalAction.IGNORE) {
      process.kill(task, signal);
      task.dead = true;
      return false;
    }
    task.pending.add(signal, Bytes.all(Bytes.of(SIGINFO).putInt(0, signal).putInt(8, code).putLong(16, address)));
    return true;
  }

  boolean isIgnored(int signal) {
    long handler = actions[signal].handler();
    return handler == SignalAction.IGNORE || (handler == SignalAction.DEFAULT && (IGNORED & bit(signal)) != 0);
  }

  /// A signal that nobody wants is lost at once, unless it is blocked: until it no longer is, that may change
  /// (kernel/signal.c, sig_ignored).
  ///
  /// @param blocked those that whoever it is for blocks
  private boolean isLost(int signal, long blocked) {
    return (blocked & bit(signal)) == 0 && isIgnored(signal);
  }

  /// A signal is pending from now on.
  ///
  /// @param pending a thread's, or the process's
  /// @param blocked those that whoever it is for blocks
  /// @return whether somebody is to hear of it
  private boolean send(PendingSignals pending, long blocked, int signal, int code, byte[] info) {
    if (signal == CONTINUE || (STOPS & bit(signal)) != 0) {
      forget(signal == CONTINUE ? STOPS : bit(CONTINUE));
    }
    if (isLost(signal, blocked)) {
      return false;
    }
    if (signal >= REAL_TIME && queued() >= most()) {
      if (code != SI_USER) {
        throw new Errno(Errno.EAGAIN);
      }
      if ((pending.set() & bit(signal)) != 0) {
        return false;
      }
    }
    pending.add(signal, info);
    return true;
  }

  private int queued() {
    return takers.shared.queued() + process.tasks.values().stream().mapToInt(t -> t.pending.queued()).sum();
  }

  private void forget(long signals) {
    takers.shared.forget(signals);
    process.tasks.values().forEach(t -> t.pending.forget(signals));
  }

  /// How many may be pending (`RLIMIT_SIGPENDING`; kernel/fork.c, fork_init).
  private int most() {
    return (int) Math.min(Integer.MAX_VALUE, ThreadCalls.most(process));
  }

  private static int number(int signal) {
    if (signal < 0 || signal > LAST) {
      throw new Errno(Errno.EINVAL);
    }
    return signal;
  }

  private static byte[] fromHere(int signal, int code) {
    return Bytes.all(Bytes.of(SIGINFO).putInt(0, signal).putInt(8, code).putInt(16, UserProcess.ID)
        .putInt(20, ProcessCalls.USER));
  }

  /// There is no other process, and -1 means all others.
  private long kill(Task task, long[] a) {
    int to = (int) a[0];
    if (to != 0 && to != -UserProcess.ID) {
      checkProcess(to);
    }
    int signal = number((int) a[1]);
    if (signal != 0) {
      toProcess(signal, SI_USER, fromHere(signal, SI_USER));
    }
    return 0;
  }

  private static void checkProcess(int id) {
    if (id != UserProcess.ID) {
      throw new Errno(Errno.ESRCH);
    }
  }

  /// A signal for the process: if all block it, it stays pending.
  private void toProcess(int signal, int code, byte[] info) {
    Task first = process.tasks.get(UserProcess.ID);
    if (send(takers.shared, first == null ? 0 : first.blocked | first.otherwise, signal, code, info)) {
      takers.callFor(signal);
    }
  }

  /// The kernel sends a thread a signal as if the program did (kernel/signal.c, send_sig).
  void send(Task task, int signal) {
    toThread(UserProcess.ID, task.id, signal, SI_USER, null);
  }

  /// @param info `siginfo`, or null: that the program sent it
  private long toThread(int group, int id, int number, int code, byte @Nullable [] info) {
    if (group <= 0 || id <= 0) {
      throw new Errno(Errno.EINVAL);
    }
    Task to = process.tasks.get(id);
    if (to == null || group != UserProcess.ID) {
      throw new Errno(Errno.ESRCH);
    }
    int signal = number(number);
    byte[] told = info == null ? fromHere(signal, code) : info;
    if (signal != 0 && send(to.pending, to.blocked | to.otherwise, signal, code, told)
        && (to.blocked & bit(signal)) == 0) {
      process.scheduler.callAway(to);
    }
    return 0;
  }

  /// What a program tells itself with a signal, `siginfo` of which it may make up (kernel/signal.c,
  /// do_rt_sigqueueinfo).
  ///
  /// @param to whose number the thread must have to claim that the kernel or `kill` sent it
  private byte[] info(Task task, int to, int signal, long address) {
    byte[] info = process.space.read(address, SIGINFO);
    int code = Bytes.in(info).getInt(8);
    if ((code >= 0 || code == SI_TKILL) && task.id != to) {
      throw new Errno(Errno.EPERM);
    }
    return Bytes.all(Bytes.in(info).putInt(0, signal));
  }

  private long sigqueueinfo(Task task, long[] a) {
    byte[] info = info(task, (int) a[0], (int) a[1], a[2]);
    checkProcess((int) a[0]);
    int signal = number((int) a[1]);
    if (signal != 0) {
      toProcess(signal, Bytes.in(info).getInt(8), info);
    }
    return 0;
  }

  private long tgsigqueueinfo(Task task, long[] a) {
    if ((int) a[0] <= 0 || (int) a[1] <= 0) {
      process.space.read(a[3], SIGINFO);
      throw new Errno(Errno.EINVAL);
    }
    byte[] info = info(task, (int) a[1], (int) a[2], a[3]);
    return toThread((int) a[0], (int) a[1], (int) a[2], Bytes.in(info).getInt(8), info);
  }

  // ---- what a program wants

  private long sigaction(Task task, long[] a) {
    int signal = number((int) a[0]);
    if (signal == 0 || a[3] != MASK_BYTES || (a[1] != 0 && (UNBLOCKABLE & bit(signal)) != 0)) {
      throw new Errno(Errno.EINVAL);
    }
    SignalAction old = actions[signal];
    if (a[1] != 0) {
      ByteBuffer in = Bytes.in(process.space.read(a[1], 32));
      actions[signal] = new SignalAction(in.getLong(), in.getLong() & SignalAction.FLAGS, in.getLong(),
          in.getLong() & ~UNBLOCKABLE);
      if (isIgnored(signal)) {
        forget(bit(signal));
      }
    }
    if (a[2] != 0) {
      process.write(a[2], Bytes.words(old.handler(), old.flags(), old.restorer(), old.mask()));
    }
    return 0;
  }

  private long sigprocmask(Task task, long[] a) {
    if (a[3] != MASK_BYTES) {
      throw new Errno(Errno.EINVAL);
    }
    long old = task.blocked;
    if (a[1] != 0) {
      long mask = process.word(a[1]) & ~UNBLOCKABLE;
      takers.block(task, switch ((int) a[0]) {
        case 0 -> old | mask;
        case 1 -> old & ~mask;
        case 2 -> mask;
        default -> throw new Errno(Errno.EINVAL);
      });
    }
    if (a[2] != 0) {
      process.write(a[2], Bytes.words(old));
    }
    return 0;
  }

  private long sigpending(Task task, long[] a) {
    if (Long.compareUnsigned(a[1], MASK_BYTES) > 0) {
      throw new Errno(Errno.EINVAL);
    }
    byte[] mask = Bytes.words((task.pending.set() | takers.shared.set()) & task.blocked);
    process.write(a[0], Arrays.copyOf(mask, (int) a[1]));
    return 0;
  }

  /// Waits for one of these signals and takes it, so that no handler runs; behind others' handlers, with EINTR.
  private long sigtimedwait(Task task, long[] a) {
    if (a[3] != MASK_BYTES) {
      throw new Errno(Errno.EINVAL);
    }
    long wanted = process.word(a[0]) & ~UNBLOCKABLE;
    long time = a[2] == 0 ? Long.MAX_VALUE : ProcessCalls.duration(process, a[2]);
    SignalTakers.Taken taken = takers.take(task, wanted);
    if (taken != null) {
      return tell(taken, a[1]);
    }
    if (time == 0) {
      throw new Errno(Errno.EAGAIN);
    }
    task.otherwise = task.blocked;
    takers.block(task, task.blocked & ~wanted);
    if (a[2] != 0) {
      process.scheduler.at(process.after(time), task, () -> {
        awaitNoMore(task);
        process.finish(task, -Errno.EAGAIN);
      });
    }
    process.scheduler.await(task, null, () -> {
      process.scheduler.forget(task);
      awaitNoMore(task);
      SignalTakers.Taken came = takers.take(task, wanted);
      process.actFor(task);
      process.answer(task, came == null ? -Errno.EINTR : tell(came, a[1]));
    });
    return Call.ANSWERED;
  }

  private void awaitNoMore(Task task) {
    takers.block(task, task.otherwise);
    task.otherwise = 0;
  }

  /// The result of a call that took a signal.
  private long tell(SignalTakers.Taken taken, long to) {
    try {
      if (to != 0) {
        process.write(to, taken.info());
      }
      return taken.signal();
    } catch (Errno e) {
      return e.result();
    }
  }

  private long sigsuspend(Task task, long[] a) {
    if (a[1] != MASK_BYTES) {
      throw new Errno(Errno.EINVAL);
    }
    return pause(task, process.word(a[0]) & ~UNBLOCKABLE);
  }

  /// Waits for a signal that this mask does not block.
  private long pause(Task task, long mask) {
    takers.suspend(task, mask);
    process.scheduler.await(task, Restart.WITHOUT_HANDLER, () -> { });
    return Call.ANSWERED;
  }
}
