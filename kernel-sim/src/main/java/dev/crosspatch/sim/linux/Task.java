package dev.crosspatch.sim.linux;

import dev.crosspatch.core.machine.UserContext;
import dev.crosspatch.core.machine.UserMode;
import org.jspecify.annotations.Nullable;

/// A thread of the program.
final class Task {
  static final int NO_CPU = -1;

  final int id;
  /// Its registers while it is at the gate or does not run.
  final UserContext context;
  /// Where it runs.
  int cpu = NO_CPU;
  /// It waits, or null.
  @Nullable Wait waits;
  /// A signal has called it away from a call: how that goes on; or null.
  @Nullable Restart restart;
  /// What is left of that call, for `restart_syscall`; or null.
  @Nullable Call rest;
  boolean dead;
  /// Where a zero goes when it ends, and who waits there is woken (`set_tid_address`).
  long clearAtEnd;
  long robustList;
  /// Bits of an address that the kernel does not look at (`PR_SET_TAGGED_ADDR_CTRL`).
  long tagBits;
  /// Its structure of restartable sequences, or 0.
  long restartable;

  // ---- signals, a bit each, bit 0 for signal 1
  long blocked;
  /// What it blocks otherwise, while it waits for some of that (`rt_sigtimedwait`; Linux: real_blocked).
  long otherwise;
  /// Those that are pending for it alone.
  final PendingSignals pending = new PendingSignals();
  /// It is to look for signals of the whole process (Linux: TIF_SIGPENDING).
  boolean summoned;
  /// `stack_t`: sp, flags, size.
  long[] altStack = {0, 2, 0};
  /// What is kept of its faults ([UserMode#kept]).
  long[] fault = new long[UserMode.FAULT_WORDS];
  /// What the fault was for whose signal is pending.
  UserMode.@Nullable Trap trap;
  /// The mask to be put back once a signal was delivered (`rt_sigsuspend`), or null.
  @Nullable Long suspended;

  /// What a call waits for.
  ///
  /// @param restart how the call goes on if a signal comes; null if `forget` answers it
  /// @param forget  what is to be done then first
  record Wait(@Nullable Restart restart, Runnable forget) {}

  Task(int id, UserContext context) {
    this.id = id;
    this.context = context;
  }

  boolean isRunnable() {
    return !dead && waits == null;
  }
}
