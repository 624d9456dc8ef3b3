package dev.crosspatch.sim.linux;

import dev.crosspatch.core.machine.UserContext;
import dev.crosspatch.core.machine.UserMode;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
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
  long pending;
  /// `siginfo` of those that are pending, oldest first.
  private final Map<Integer, ArrayDeque<byte[]>> infos = new HashMap<>();
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
  /// @param restart how the call goes on if a signal comes
  /// @param forget  what is to be done then first
  record Wait(Restart restart, Runnable forget) {}

  Task(int id, UserContext context) {
    this.id = id;
    this.context = context;
  }

  boolean isRunnable() {
    return !dead && waits == null;
  }

  /// A signal is pending from now on: once, or if it is one for real time as often as it came (signal(7)).
  void pend(int signal, byte[] info) {
    ArrayDeque<byte[]> all = infos.computeIfAbsent(signal, _ -> new ArrayDeque<>());
    if (all.isEmpty() || signal >= Signals.REAL_TIME) {
      all.add(info);
    }
    pending |= Signals.bit(signal);
  }

  /// The `siginfo` of a signal that is pending, and now once less.
  byte[] take(int signal) {
    ArrayDeque<byte[]> all = Objects.requireNonNull(infos.get(signal));
    byte[] info = all.remove();
    if (all.isEmpty()) {
      pending &= ~Signals.bit(signal);
    }
    return info;
  }

  /// A signal is no longer pending.
  void forget(int signal) {
    infos.remove(signal);
    pending &= ~Signals.bit(signal);
  }

  /// How many signals are pending.
  int queued() {
    return infos.values().stream().mapToInt(ArrayDeque::size).sum();
  }

  /// Whether a signal is pending that is not blocked.
  boolean hasSignal() {
    return (pending & ~blocked) != 0;
  }
}
