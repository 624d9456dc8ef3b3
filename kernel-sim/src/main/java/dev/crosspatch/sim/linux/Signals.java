package dev.crosspatch.sim.linux;

import dev.crosspatch.core.machine.UserContext;
import dev.crosspatch.core.machine.UserMode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Signals: who wants which, which are pending, and how they come to a thread.
final class Signals {
  private static final int LAST = 64;
  /// The first signal for real time.
  static final int REAL_TIME = 32;
  static final int KILL = 9;
  static final int SEGV = 11;
  private static final int STOP = 19;
  /// SIGKILL and SIGSTOP cannot be blocked.
  private static final long UNBLOCKABLE = bit(KILL) | bit(STOP);
  /// Ignored unless somebody wants them: SIGCHLD, SIGCONT, SIGURG, SIGWINCH; and what stops a process, SIGTSTP,
  /// SIGTTIN, SIGTTOU, since nobody could let it go on.
  private static final long IGNORED = bit(17) | bit(18) | bit(23) | bit(28) | bit(20) | bit(21) | bit(22);
  private static final int CONTINUE = 18;
  /// What stops a process: none of them is pending beside SIGCONT (signal(7)).
  private static final long STOPS = bit(STOP) | bit(20) | bit(21) | bit(22);

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
  private static final int SI_USER = 0;
  private static final int SI_TKILL = -6;
  private static final int SI_KERNEL = 0x80;
  private static final int SEGV_ACCERR = 2;
  private static final int SIGINFO = 128;
  private static final int MASK_BYTES = 8;

  /// What a program wants of a signal (`struct sigaction`).
  private record Action(long handler, long flags, long restorer, long mask) {
    static final Action NONE = new Action(DEFAULT, 0, 0, 0);

    Action byDefault() {
      return new Action(DEFAULT, flags, restorer, mask);
    }
  }

  private final UserProcess process;
  private final Action[] actions = new Action[LAST + 1];
  /// Those that are pending for the whole process: the first thread that does not block one takes it.
  private final PendingSignals shared = new PendingSignals();
  /// The thread that was called last for one of them.
  private int turn = UserProcess.ID;
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
    table.put("rt_sigtimedwait", this::sigtimedwait);
    table.put("rt_sigqueueinfo", this::sigqueueinfo);
    table.put("rt_tgsigqueueinfo", this::tgsigqueueinfo);
    table.put("pause", (task, _) -> pause(task, task.blocked));
    table.put("sigaltstack", this::sigaltstack);
    table.put("kill", this::kill);
    table.put("tkill", (_, a) -> toThread(UserProcess.ID, (int) a[0], (int) a[1], SI_TKILL, null));
    table.put("tgkill", (_, a) -> toThread((int) a[0], (int) a[1], (int) a[2], SI_TKILL, null));
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
    task.pending.add(signal, Bytes.all(Bytes.of(SIGINFO).putInt(0, signal).putInt(8, code).putLong(16, address)));
    return true;
  }

  private boolean isIgnored(int signal) {
    long handler = actions[signal].handler;
    return handler == IGNORE || (handler == DEFAULT && (IGNORED & bit(signal)) != 0);
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
    int queued = shared.queued() + process.tasks.values().stream().mapToInt(t -> t.pending.queued()).sum();
    if (signal >= REAL_TIME && queued >= most()) {
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

  private void forget(long signals) {
    shared.forget(signals);
    process.tasks.values().forEach(t -> t.pending.forget(signals));
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

  /// A signal for the process: who takes it is called, the first thread if it wants it, or else the next in turn
  /// (kernel/signal.c, complete_signal). If all block it, it stays pending.
  private void toProcess(int signal, int code, byte[] info) {
    Task first = process.tasks.get(UserProcess.ID);
    if (!send(shared, first == null ? 0 : first.blocked | first.otherwise, signal, code, info)) {
      return;
    }
    if (first != null && wants(first, signal)) {
      summon(first);
      return;
    }
    List<Task> order = new ArrayList<>(process.tasks.tailMap(turn, true).values());
    order.addAll(process.tasks.headMap(turn, false).values());
    order.stream().filter(t -> wants(t, signal)).findFirst().ifPresent(t -> {
      turn = t.id;
      summon(t);
    });
  }

  private boolean wants(Task task, int signal) {
    return !task.dead && (task.blocked & bit(signal)) == 0
        && (signal == KILL || task.cpu != Task.NO_CPU || !call(task));
  }

  private void summon(Task task) {
    task.summoned = true;
    process.scheduler.callAway(task);
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

  // ---- blocking

  /// Whether a thread has a signal to look for, which another may have taken meanwhile.
  boolean call(Task task) {
    return (task.pending.set() & ~task.blocked) != 0 || task.summoned;
  }

  /// A thread blocks these signals from now on. If it was called for one of the process that it blocks now, another is
  /// called (kernel/signal.c, __set_task_blocked).
  private void block(Task task, long mask) {
    if (call(task)) {
      pass(task, mask & ~task.blocked);
    }
    task.blocked = mask;
    look(task);
  }

  /// recalc_sigpending.
  private void look(Task task) {
    task.summoned = (shared.set() & ~task.blocked) != 0;
  }

  /// A thread ends: another takes what it was called for.
  void leave(Task task) {
    if (call(task)) {
      pass(task, ~task.blocked);
    }
  }

  /// Calls other threads for signals of the process that this one does not take (kernel/signal.c,
  /// retarget_shared_pending).
  private void pass(Task task, long signals) {
    long left = shared.set() & signals;
    for (Task other : process.tasks.values()) {
      if (other != task && !other.dead && (left & ~other.blocked) != 0) {
        left &= other.blocked;
        if (!call(other)) {
          summon(other);
        }
      }
    }
  }

  /// Takes a signal of these, the thread's own first.
  ///
  /// @return its number, and `siginfo`; or null
  private @Nullable Taken take(Task task, long wanted) {
    UserMode.Trap trap = task.trap;
    PendingSignals from = task.pending.first(wanted) == 0 ? shared : task.pending;
    boolean isFault = trap != null && from == task.pending && (from.set() & wanted & bit(trap.signal())) != 0;
    int signal = isFault && trap != null ? trap.signal() : from.first(wanted);
    Taken taken = signal == 0 ? null : new Taken(signal, from.take(signal));
    look(task);
    return taken;
  }

  private record Taken(int signal, byte[] info) {}

  // ---- delivering

  /// Lets a thread that is about to run enter the handlers of what is pending.
  void deliver(Task task) {
    while (!process.isOver()) {
      Taken taken = call(task) ? take(task, ~task.blocked) : null;
      if (taken == null) {
        break;
      }
      int signal = taken.signal;
      task.trap = null;
      Action action = actions[signal];
      if (action.handler == DEFAULT && !isIgnored(signal)) {
        process.kill(task, signal);
        task.dead = true;
      } else if (action.handler != IGNORE && action.handler != DEFAULT) {
        process.settle(task, (action.flags & SA_RESTART) != 0);
        enter(task, signal, taken.info, action);
      }
    }
    process.settle(task, null);
    if (task.suspended != null && task.isRunnable()) {
      block(task, task.suspended);
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
      actions[signal] = action.byDefault();
    }
    UserContext entered = task.context.copy();
    byte[] frame = process.user.frame(process.machine.core(0), entered,
        new UserMode.Delivery(signal, info, action.handler, restorer, mask, alt, task.fault), stack);
    try {
      process.write(entered.r[stackRegister], frame);
    } catch (Errno e) {
      if (signal == SEGV) {
        actions[SEGV] = action.byDefault();
      }
      force(task, SEGV, SI_KERNEL, 0);
      return;
    }
    task.context.set(entered);
    task.suspended = null;
    block(task,
        (task.blocked | action.mask | ((action.flags & SA_NODEFER) != 0 ? 0 : bit(signal))) & ~UNBLOCKABLE);
  }

  /// What is no frame is a SIGSEGV (arch/x86/kernel/signal_64.c and arch/arm64/kernel/signal.c, rt_sigreturn).
  private long sigreturn(Task task, long[] a) {
    boolean taken = false;
    long stack = task.context.r[process.user.convention().stack()];
    try {
      block(task, process.user.mask(task.context, process.space::read) & ~UNBLOCKABLE);
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
      actions[signal] = new Action(in.getLong(), in.getLong() & FLAGS, in.getLong(), in.getLong() & ~UNBLOCKABLE);
      if (isIgnored(signal)) {
        forget(bit(signal));
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
      block(task, switch ((int) a[0]) {
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
    byte[] mask = Bytes.words((task.pending.set() | shared.set()) & task.blocked);
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
    Taken taken = take(task, wanted);
    if (taken != null) {
      return tell(taken, a[1]);
    }
    if (time == 0) {
      throw new Errno(Errno.EAGAIN);
    }
    task.otherwise = task.blocked;
    block(task, task.blocked & ~wanted);
    if (a[2] != 0) {
      process.scheduler.at(process.after(time), task, () -> {
        awaitNoMore(task);
        process.finish(task, -Errno.EAGAIN);
      });
    }
    process.scheduler.await(task, null, () -> {
      process.scheduler.forget(task);
      awaitNoMore(task);
      Taken came = take(task, wanted);
      process.actFor(task);
      process.answer(task, came == null ? -Errno.EINTR : tell(came, a[1]));
    });
    return Call.ANSWERED;
  }

  private void awaitNoMore(Task task) {
    block(task, task.otherwise);
    task.otherwise = 0;
  }

  /// The result of a call that took a signal.
  private long tell(Taken taken, long to) {
    try {
      if (to != 0) {
        process.write(to, taken.info);
      }
      return taken.signal;
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
    task.suspended = task.blocked;
    block(task, mask);
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
