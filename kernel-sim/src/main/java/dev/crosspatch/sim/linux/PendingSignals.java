package dev.crosspatch.sim.linux;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/// Signals that are pending, of a thread or of the whole process, each with its `siginfo`.
final class PendingSignals {
  /// What faults raise, which comes before all others: SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV, SIGSYS
  /// (kernel/signal.c, SYNCHRONOUS_MASK).
  private static final long SYNCHRONOUS =
      Signals.bit(4) | Signals.bit(5) | Signals.bit(7) | Signals.bit(8) | Signals.bit(Signals.SEGV) | Signals.bit(31);

  /// A bit each, bit 0 for signal 1.
  private long set;
  /// `siginfo` of those that are pending, oldest first.
  private final Map<Integer, ArrayDeque<byte[]>> infos = new HashMap<>();

  /// Which are pending, a bit each, bit 0 for signal 1.
  long set() {
    return set;
  }

  /// A signal is pending from now on: once, or if it is one for real time as often as it came (signal(7)).
  void add(int signal, byte[] info) {
    ArrayDeque<byte[]> all = infos.computeIfAbsent(signal, _ -> new ArrayDeque<>());
    if (all.isEmpty() || signal >= Signals.REAL_TIME) {
      all.add(info);
    }
    set |= Signals.bit(signal);
  }

  /// Which of these signals comes first (kernel/signal.c, next_signal), or 0 if none is pending.
  int first(long wanted) {
    long ready = set & wanted;
    long urgent = ready & SYNCHRONOUS;
    return ready == 0 ? 0 : 1 + Long.numberOfTrailingZeros(urgent != 0 ? urgent : ready);
  }

  /// The `siginfo` of a signal that is pending, and now once less.
  byte[] take(int signal) {
    ArrayDeque<byte[]> all = Objects.requireNonNull(infos.get(signal));
    byte[] info = all.remove();
    if (all.isEmpty()) {
      set &= ~Signals.bit(signal);
    }
    return info;
  }

  /// These signals are no longer pending.
  void forget(long signals) {
    infos.keySet().removeIf(signal -> (signals & Signals.bit(signal)) != 0);
    set &= ~signals;
  }

  /// How many are pending.
  int queued() {
    return infos.values().stream().mapToInt(ArrayDeque::size).sum();
  }
}
