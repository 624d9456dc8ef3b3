package dev.crosspatch.sim.linux;

import dev.crosspatch.core.machine.Agenda;
import dev.crosspatch.core.time.ClockUnit;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Calls that wait until files are ready, first come, first served: each is tried anew whenever that may have changed.
///
/// What the program itself changes, it changes in a call; what the host brings ([StandardInput]) is looked for now and
/// then while a thread waits for it. While no thread can run, the host is waited for, and meanwhile time passes for the
/// program as for the host.
final class FileWaits {
  /// What a trial returns that has to wait.
  static final long NOT_YET = Call.ANSWERED + 1;
  /// Cycles between two looks at the host.
  private static final long LOOK = 200_000;

  /// A call, as far as it can be done now.
  @FunctionalInterface
  interface Trial {
    /// Does what can be done.
    ///
    /// @param late whether the time is over, and there is nothing more to wait for
    /// @return the result of the call, or [#NOT_YET], which is no answer once it is late
    long run(boolean late) throws IOException;
  }

  /// A call that may have to wait.
  ///
  /// @param task       whose
  /// @param files      what it waits for
  /// @param until      when it is late, in [ClockUnit]s, or [Scheduler#NEVER]
  /// @param restart    how it goes on if a signal calls it away
  /// @param calledAway what is to be done then first
  /// @param trial      what it does
  record Wait(Task task, List<OpenFile> files, long until, Restart restart, Runnable calledAway, Trial trial) {
    /// The file of these that the host fills, or null.
    private @Nullable StandardInput input() {
      return files.stream().filter(StandardInput.class::isInstance).map(StandardInput.class::cast).findFirst()
          .orElse(null);
    }
  }

  private final UserProcess process;
  private final List<Wait> waits = new ArrayList<>();
  private final Agenda.Alarm looks;
  private boolean looking;
  private boolean changed;

  FileWaits(UserProcess process) {
    this.process = process;
    looks = process.machine.agenda().alarm((clock, _) -> look(clock));
  }

  /// The result of a call, or [Call#ANSWERED] if it waits.
  long await(Wait wait) throws IOException {
    long result = tryNow(wait);
    if (result == NOT_YET) {
      Task task = wait.task;
      wait.files.forEach(OpenFile::hold);
      waits.add(wait);
      process.scheduler.at(wait.until, task, () -> expire(wait));
      process.scheduler.await(task, wait.restart, () -> {
        leave(wait);
        wait.calledAway.run();
      });
      lookLater(process.clock());
      return Call.ANSWERED;
    }
    return result;
  }

  private long tryNow(Wait wait) throws IOException {
    long result = wait.trial.run(false);
    if (result != NOT_YET || process.takers.call(wait.task)) {
      return result;
    }
    if (wait.until <= process.clock()) {
      return wait.trial.run(true);
    }
    StandardInput input = wait.input();
    if (input != null && waits.isEmpty() && process.scheduler.isAlone(wait.task) && wait.until == Scheduler.NEVER) {
      input.await(Long.MAX_VALUE); // nothing else can happen: the program need not know that it took a while
      return wait.trial.run(false);
    }
    return result;
  }

  /// A file that is waited for may be ready now.
  void changed() {
    changed = true;
  }

  /// Lets those go on that need not wait any more.
  void settle() {
    while (changed && !process.isOver()) {
      changed = false;
      List.copyOf(waits).forEach(wait -> finish(wait, false));
    }
  }

  private void expire(Wait wait) {
    finish(wait, true);
    settle();
  }

  private void finish(Wait wait, boolean late) {
    Task task = wait.task;
    Task.Wait waiting = task.waits;
    task.waits = null; // what it does now may send it a signal, which does not call it away
    long result = process.result(task, () -> wait.trial.run(late));
    task.waits = waiting;
    if (result != NOT_YET) {
      leave(wait);
      process.finish(task, result);
    }
  }

  private void leave(Wait wait) {
    waits.remove(wait);
    process.scheduler.forget(wait.task);
    wait.files.forEach(file -> process.result(wait.task, () -> {
      file.release();
      return 0;
    }));
  }

  // ---- what the host brings

  /// Who waits longest for it, or null.
  private @Nullable StandardInput awaited() {
    return waits.stream().map(Wait::input).filter(Objects::nonNull).findFirst().orElse(null);
  }

  private void lookLater(long clock) {
    if (!looking && awaited() != null) {
      looking = true;
      looks.at(clock + ClockUnit.units(LOOK), 0);
    }
  }

  private void look(long clock) {
    looking = false;
    StandardInput input = awaited();
    if (input == null || process.isOver()) {
      return;
    }
    process.clock(clock);
    if (process.scheduler.isIdle()) {
      rest(input, process.scheduler.nextTimer());
    }
    if (input.ready() != 0) {
      changed();
      settle();
      process.scheduler.share(process.clock());
    }
    lookLater(process.clock());
  }

  /// No thread can run: waits for the host, at most until the next timer.
  private void rest(StandardInput input, long next) {
    long most = next == Scheduler.NEVER ? Long.MAX_VALUE : process.nanos(next) - process.nanos();
    long begin = System.nanoTime();
    input.await(most);
    process.clock(Math.min(next, process.after(System.nanoTime() - begin)));
  }
}
