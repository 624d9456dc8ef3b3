package dev.crosspatch.sim.linux;

import dev.crosspatch.core.machine.UserMode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Which thread takes a signal that is pending, its own or the process's.
final class SignalTakers {
  private final UserProcess process;
  /// Those that are pending for the whole process: the first thread that does not block one takes it.
  final PendingSignals shared = new PendingSignals();
  /// The thread that was called last for one of them.
  private int turn = UserProcess.ID;

  SignalTakers(UserProcess process) {
    this.process = process;
  }

  /// Calls who is to take a signal of the process: the first thread if it wants it, or else the next in turn
  /// (kernel/signal.c, complete_signal); nobody if all block it.
  void callFor(int signal) {
    Task first = process.tasks.get(UserProcess.ID);
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
    return !task.dead && (task.blocked & Signals.bit(signal)) == 0
        && (signal == Signals.KILL || task.cpu != Task.NO_CPU || !call(task));
  }

  private void summon(Task task) {
    task.summoned = true;
    process.scheduler.callAway(task);
  }

  /// Whether a thread has a signal to look for, which another may have taken meanwhile.
  boolean call(Task task) {
    return (task.pending.set() & ~task.blocked) != 0 || task.summoned;
  }

  /// A thread blocks these signals from now on. If it was called for one of the process that it blocks now, another is
  /// called (kernel/signal.c, __set_task_blocked).
  void block(Task task, long mask) {
    if (call(task)) {
      pass(task, mask & ~task.blocked);
    }
    task.blocked = mask;
    look(task);
  }

  /// Another mask holds until a signal was delivered, or [#resume].
  void suspend(Task task, long mask) {
    task.suspended = task.blocked;
    block(task, mask);
  }

  /// The mask is as it was before [#suspend].
  void resume(Task task) {
    if (task.suspended != null) {
      block(task, task.suspended);
      task.suspended = null;
    }
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
  /// @return null if there is none
  @Nullable Taken take(Task task, long wanted) {
    UserMode.Trap trap = task.trap;
    PendingSignals from = task.pending.first(wanted) == 0 ? shared : task.pending;
    boolean isFault = trap != null && from == task.pending && (from.set() & wanted & Signals.bit(trap.signal())) != 0;
    int signal = isFault && trap != null ? trap.signal() : from.first(wanted);
    Taken taken = signal == 0 ? null : new Taken(signal, from.take(signal));
    look(task);
    return taken;
  }

  /// A signal that was taken.
  ///
  /// @param info `siginfo`
  record Taken(int signal, byte[] info) {}
}
