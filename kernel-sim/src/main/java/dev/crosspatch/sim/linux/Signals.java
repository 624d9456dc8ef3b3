package dev.crosspatch.sim.linux;

import dev.crosspatch.core.machine.UserContext;
import dev.crosspatch.core.machine.UserMode;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;

/// Signals: who wants which, which are pending, and how they come to a thread.
final class Signals {
  private static final int LAST = 64;
  /// The first signal for real time.
  static final int REAL_TIME = 32;
  static final int KILL = 9;
  static final int SEGV = 11;
  private static final int STOP = 19;
  /// What faults raise, which comes before all others: SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV, SIGSYS
  /// (kernel/signal.c, SYNCHRONOUS_MASK).
  private static final long SYNCHRONOUS = bit(4) | bit(5) | bit(7) | bit(8) | bit(SEGV) | bit(31);
  /// SIGKILL and SIGSTOP cannot be blocked.
  private static final long UNBLOCKABLE = bit(KILL) | bit(STOP);
  /// Ignored unless somebody wants them: SIGCHLD, SIGCONT, SIGURG, SIGWINCH; and what stops a process, SIGTSTP,
  /// SIGTTIN, SIGTTOU, since nobody could let it go on.
  private static final long IGNORED = bit(17) | bit(18) | bit(23) | bit(28) | bit(20) | bit(21) | bit(22);

  private static final long DEFAULT = 0;
  private static final long IGNORE = 1;
  private static final long SA_RESTORER = 0x0400_0000;
  private static final long SA_ONSTACK = 0x0800_0000;
  private static final long SA_RESTART = 0x1000_0000;
  private static final long SA_NODEFER = 0x4000_0000;
  private static final long SA_RESETHAND = 0x8000_0000L;
  /// Flags that are known: SA_NOCLDSTOP, SA_NOCLDWAIT, SA_SIGINFO and those above. A program that asks with
  /// SA_UNSUPPORTED learns that SA_EXPOSE_TAGBITS is not among them (uapi/asm-generic/signal-defs.h).
  private static final long FLAGS = 7 | SA_RESTORER | SA_ONSTACK | SA_RESTART | SA_NODEFER | SA_RESETHAND;
  private static final int SS_ONSTACK = 1;
  private static final int SS_DISABLE = 2;
  private static final int SI_TKILL = -6;
  private static final int SI_KERNEL = 0x80;
  private static final int SEGV_ACCERR = 2;
  private static final int SIGINFO = 128;
  private static final int MASK_BYTES = 8;

  /// What a program wants of a signal (`struct sigaction`).
  private record Action(long handler, long flags, long restorer, long mask) {
    static final Action NONE = new Action(DEFAULT, 0, 0, 0);
  }

  private final UserProcess process;
  private final Action[] actions = new Action[LAST + 1];
  private long trampoline;

  Signals(UserProcess process) {
    this.process = process;
    Arrays.fill(actions, Action.NONE);
  }

  /// Where handlers return to that name no place.
  void trampoline(long address) {
    trampoline = address;
  }

  void addTo(Map<String, Call> table) {
    table.put("rt_sigaction", this::sigaction);
    table.put("rt_sigprocmask", this::sigprocmask);
    table.put("rt_sigreturn", this::sigreturn);
    table.put("rt_sigpending", this::sigpending);
    table.put("rt_sigsuspend", this::sigsuspend);
    table.put("pause", (task, _) -> pause(task, task.blocked));
    table.put("sigaltstack", this::sigaltstack);
    table.put("kill", this::kill);
    table.put("tkill", (_, a) -> toThread(a[0], a[1]));
    table.put("tgkill", (_, a) -> toThread(a[1], a[2]));
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

  /// @return whether the program wants it
  private boolean force(Task task, int signal, int code, long address) {
    Action action = actions[signal];
    if ((task.blocked & bit(signal)) != 0 || action.handler == DEFAULT || action.handler == IGNORE) {
      process.kill(task, signal);
      task.dead = true;
      return false;
    }
    task.pend(signal, Bytes.all(Bytes.of(SIGINFO).putInt(0, signal).putInt(8, code).putLong(16, address)));
    return true;
  }

  private boolean isIgnored(int signal) {
    long handler = actions[signal].handler;
    return handler == IGNORE || (handler == DEFAULT && (IGNORED & bit(signal)) != 0);
  }

  /// Sends a signal to a thread, which may wait.
  private void send(Task task, int signal, int code) {
    if (isIgnored(signal)) {
      return;
    }
    ByteBuffer info = Bytes.of(SIGINFO).putInt(0, signal).putInt(8, code).putInt(16, UserProcess.ID).putInt(20, 1000);
    if (signal >= REAL_TIME && process.tasks.values().stream().mapToInt(Task::queued).sum() >= most()) {
      if (code == SI_TKILL) {
        throw new Errno(Errno.EAGAIN);
      }
      if ((task.pending & bit(signal)) != 0) {
        return;
      }
    }
    task.pend(signal, Bytes.all(info));
    if ((task.blocked & bit(signal)) == 0) {
      process.scheduler.callAway(task);
    }
  }

  /// How many may be pending (`RLIMIT_SIGPENDING`; kernel/fork.c, fork_init).
  private int most() {
    return (int) Math.min(Integer.MAX_VALUE, ThreadCalls.most(process));
  }

  private static int number(long signal) {
    if (signal < 0 || signal > LAST) {
      throw new Errno(Errno.EINVAL);
    }
    return (int) signal;
  }

  private long kill(Task task, long[] a) {
    int signal = number(a[1]);
    if ((int) a[0] != UserProcess.ID && (int) a[0] != 0 && (int) a[0] != -1 && (int) a[0] != -UserProcess.ID) {
      throw new Errno(Errno.ESRCH);
    }
    if (signal != 0) {
      Task to = process.tasks.values().stream().filter(t -> (t.blocked & bit(signal)) == 0).findFirst().orElse(task);
      send(to, signal, 0);
    }
    return 0;
  }

  private long toThread(long id, long number) {
    int signal = number(number);
    Task to = process.tasks.get((int) id);
    if (to == null) {
      throw new Errno(Errno.ESRCH);
    }
    if (signal != 0) {
      send(to, signal, SI_TKILL);
    }
    return 0;
  }

  // ---- delivering

  /// Lets a thread that is about to run enter the handlers of what is pending.
  void deliver(Task task) {
    while (!process.isOver() && task.hasSignal()) {
      UserMode.Trap trap = task.trap;
      long ready = task.pending & ~task.blocked;
      int signal = trap != null && (ready & bit(trap.signal())) != 0 ? trap.signal()
          : 1 + Long.numberOfTrailingZeros((ready & SYNCHRONOUS) != 0 ? ready & SYNCHRONOUS : ready);
      byte[] info = task.take(signal);
      task.trap = null;
      Action action = actions[signal];
      if (action.handler == DEFAULT && !isIgnored(signal)) {
        process.kill(task, signal);
        task.dead = true;
      } else if (action.handler != IGNORE && action.handler != DEFAULT) {
        process.settle(task, (action.flags & SA_RESTART) != 0);
        enter(task, signal, info, action);
      }
    }
    process.settle(task, null);
    if (task.suspended != null && task.isRunnable()) {
      task.blocked = task.suspended;
      task.suspended = null;
    }
  }

  /// Lets a thread enter a handler. A frame that cannot be stored is a SIGSEGV, that of SIGSEGV itself the end
  /// (kernel/signal.c, force_sigsegv).
  private void enter(Task task, int signal, byte[] info, Action action) {
    process.actFor(task);
    process.restartable.restart(task);
    long restorer = (action.flags & SA_RESTORER) != 0 ? action.restorer : trampoline;
    long mask = task.suspended == null ? task.blocked : task.suspended;
    int stackRegister = process.user.convention().stack();
    long stack = task.context.r[stackRegister];
    if ((action.flags & SA_ONSTACK) != 0 && (altFlags(task) & (SS_ONSTACK | SS_DISABLE)) == 0) {
      stack = task.altStack[0] + task.altStack[2];
    }
    long[] alt = {task.altStack[0], altFlags(task), task.altStack[2]};
    if ((action.flags & SA_RESETHAND) != 0) {
      actions[signal] = Action.NONE;
    }
    UserContext entered = task.context.copy();
    byte[] frame = process.user.frame(process.machine.core(0), entered,
        new UserMode.Delivery(signal, info, action.handler, restorer, mask, alt, task.fault), stack);
    try {
      process.write(entered.r[stackRegister], frame);
    } catch (Errno e) {
      if (signal == SEGV) {
        actions[SEGV] = Action.NONE;
      }
      force(task, SEGV, SI_KERNEL, 0);
      return;
    }
    task.context.set(entered);
    task.suspended = null;
    task.blocked = (task.blocked | action.mask | ((action.flags & SA_NODEFER) != 0 ? 0 : bit(signal))) & ~UNBLOCKABLE;
  }

  /// What is no frame is a SIGSEGV (arch/x86/kernel/signal_64.c and arch/arm64/kernel/signal.c, rt_sigreturn).
  private long sigreturn(Task task, long[] a) {
    boolean taken = false;
    long stack = task.context.r[process.user.convention().stack()];
    try {
      task.blocked = process.user.mask(task.context, process.space::read) & ~UNBLOCKABLE;
      taken = process.user.unframe(process.machine.core(0), task.context, process.space::read);
    } catch (Errno e) {
      // there is none
    }
    if (!taken) {
      boolean tells = process.abi.badFrameTellsStack();
      force(task, SEGV, tells ? SEGV_ACCERR : SI_KERNEL, tells ? stack : 0);
    }
    return Call.ANSWERED;
  }

  // ---- what a program wants

  private long sigaction(Task task, long[] a) {
    int signal = number(a[0]);
    if (signal == 0 || a[3] != MASK_BYTES || (a[1] != 0 && (UNBLOCKABLE & bit(signal)) != 0)) {
      throw new Errno(Errno.EINVAL);
    }
    Action old = actions[signal];
    if (a[1] != 0) {
      ByteBuffer in = Bytes.in(process.space.read(a[1], 32));
      actions[signal] = new Action(in.getLong(), in.getLong() & FLAGS, in.getLong(), in.getLong());
      if (isIgnored(signal)) {
        process.tasks.values().forEach(t -> t.forget(signal));
      }
    }
    if (a[2] != 0) {
      process.write(a[2], Bytes.words(old.handler, old.flags, old.restorer, old.mask));
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
      task.blocked = switch ((int) a[0]) {
        case 0 -> old | mask;
        case 1 -> old & ~mask;
        case 2 -> mask;
        default -> throw new Errno(Errno.EINVAL);
      };
    }
    if (a[2] != 0) {
      process.write(a[2], Bytes.words(old));
    }
    return 0;
  }

  private long sigpending(Task task, long[] a) {
    process.write(a[0], Bytes.words(task.pending & task.blocked));
    return 0;
  }

  private long sigsuspend(Task task, long[] a) {
    return pause(task, process.word(a[0]) & ~UNBLOCKABLE);
  }

  /// Waits for a signal that this mask does not block.
  private long pause(Task task, long mask) {
    task.suspended = task.blocked;
    task.blocked = mask;
    process.scheduler.await(task, Restart.WITHOUT_HANDLER, () -> { });
    return Call.ANSWERED;
  }

  /// `ss_flags`, as of now.
  private long altFlags(Task task) {
    long stack = task.context.r[process.user.convention().stack()];
    boolean none = task.altStack[2] == 0;
    boolean on = !none && stack - task.altStack[0] > 0 && stack - task.altStack[0] <= task.altStack[2];
    return none ? SS_DISABLE : on ? SS_ONSTACK : 0;
  }

  private long sigaltstack(Task task, long[] a) {
    long[] old = {task.altStack[0], altFlags(task), task.altStack[2]};
    if (a[0] != 0) {
      if (altFlags(task) == SS_ONSTACK) {
        throw new Errno(Errno.EPERM);
      }
      ByteBuffer in = Bytes.in(process.space.read(a[0], 24));
      long base = in.getLong();
      int mode = (int) in.getLong() & Integer.MAX_VALUE; // above are flags of the mode
      long size = in.getLong();
      if ((mode & ~SS_DISABLE) != 0 && mode != SS_ONSTACK) {
        throw new Errno(Errno.EINVAL);
      }
      if (mode != SS_DISABLE && Long.compareUnsigned(size, process.abi.leastStack()) < 0) {
        throw new Errno(Errno.ENOMEM);
      }
      task.altStack = mode == SS_DISABLE ? new long[] {0, SS_DISABLE, 0} : new long[] {base, 0, size};
    }
    if (a[1] != 0) {
      process.write(a[1], Bytes.words(old));
    }
    return 0;
  }
}
