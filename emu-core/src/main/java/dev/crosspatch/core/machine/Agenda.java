package dev.crosspatch.core.machine;

import dev.crosspatch.core.cpu.EventQueue;
import java.util.ArrayList;
import java.util.List;

/// What will happen on a machine by itself, not by a core: a device's timers, the end of a transfer. Something happens
/// once every core has reached its time, before any of them goes on; what is due at the same time, in the order in
/// which it was asked for.
public final class Agenda {
  private final EventQueue queue = new EventQueue();
  private final transient List<Action> actions = new ArrayList<>();
  private final transient Runnable interrupt;

  /// What happens when an [Alarm] is due.
  @FunctionalInterface
  public interface Action {
    /// The time has come.
    ///
    /// @param clock the time for which it was asked, in [dev.crosspatch.core.time.ClockUnit]s
    /// @param value as it was given with the time
    void due(long clock, long value);
  }

  /// One of the things that can happen. Those of a machine are made when the machine is, always in the same order: that
  /// is how a snapshot knows them.
  public static final class Alarm {
    private final Agenda agenda;
    private final int number;

    private Alarm(Agenda agenda, int number) {
      this.agenda = agenda;
      this.number = number;
    }

    /// It is to happen at `clock`, besides all other times for which it was asked; a past time is at once.
    public void at(long clock, long value) {
      agenda.queue.post(clock, number, value);
      agenda.interrupt.run();
    }

    /// It is not to happen any more at the times for which it was asked.
    public void cancel() {
      agenda.queue.cancel(number);
    }
  }

  /// @param interrupt calls the core that runs back to the scheduler, which may have asked for too long a turn
  Agenda(Runnable interrupt) {
    this.interrupt = interrupt;
  }

  /// Something more that can happen.
  public Alarm alarm(Action action) {
    actions.add(action);
    return new Alarm(this, actions.size() - 1);
  }

  /// Time of what is next; [Long#MAX_VALUE] if there is nothing.
  long next() {
    return queue.next();
  }

  /// Lets what is next happen.
  void happen() {
    long clock = queue.next();
    long value = queue.firstValue();
    Action action = actions.get(queue.firstKind());
    queue.removeFirst();
    action.due(clock, value);
  }
}
