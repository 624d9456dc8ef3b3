package dev.crosspatch.sim.linux;

import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.machine.Agenda;
import dev.crosspatch.core.machine.UserMode;
import dev.crosspatch.core.time.ClockUnit;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Objects;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/// Which thread runs where: first come, first served. While more threads can run than there are CPUs, each has a slice.
final class Scheduler {
  /// A time that does not come.
  static final long NEVER = Long.MAX_VALUE;
  /// Cycles of a slice.
  private static final long SLICE = 200_000;

  /// Something that is to happen at a time.
  private record Timer(long clock, long order, Task task, Runnable what) {}

  private final UserProcess process;
  private final Deque<Task> ready = new ArrayDeque<>();
  private final @Nullable Task[] running;
  private final boolean[] idle;
  private final Agenda.Alarm slices;
  private final Agenda.Alarm timers;
  private final PriorityQueue<Timer> due = new PriorityQueue<>(
      (a, b) -> a.clock != b.clock ? Long.compare(a.clock, b.clock) : Long.compare(a.order, b.order));
  private long orders;
  private boolean slicing;
  /// By core: it is to give its thread's place to another.
  private final boolean[] gives;

  Scheduler(UserProcess process) {
    this.process = process;
    int cpus = process.machine.cpus();
    running = new @Nullable Task[cpus];
    idle = new boolean[cpus];
    gives = new boolean[cpus];
    slices = process.machine.agenda().alarm((clock, _) -> slice(clock));
    timers = process.machine.agenda().alarm((clock, _) -> expire(clock));
  }

  /// The thread that runs on a core, or null.
  @Nullable Task running(Core core) {
    return running[core.id];
  }

  /// A thread can run: an idle core is called for it.
  void ready(Task task) {
    ready.add(task);
    for (int i = 0; i < idle.length; i++) {
      if (idle[i]) {
        idle[i] = false;
        process.user.kick(process.machine.core(i), process.clock());
        return;
      }
    }
  }

  /// A thread waits until it is woken, or a signal calls it away, which may have come already.
  ///
  /// @param restart how its call goes on then; null if `forget` answers it
  /// @param forget  what is to be done if a signal calls it away
  void await(Task task, @Nullable Restart restart, Runnable forget) {
    if (process.takers.call(task)) {
      task.restart = restart;
      forget.run();
    } else {
      task.waits = new Task.Wait(restart, forget);
    }
  }

  /// A signal has come for a thread: it does not wait any longer, and comes to the gate.
  void callAway(Task task) {
    Task.Wait waits = task.waits;
    if (waits != null) {
      task.restart = waits.restart();
      waits.forget().run();
      wake(task);
    } else if (task.cpu != Task.NO_CPU && task.cpu != process.gateCpu()) {
      process.user.kick(process.machine.core(task.cpu), process.clock());
    }
  }

  /// A thread that waits goes on.
  void wake(Task task) {
    if (task.waits != null) {
      task.waits = null;
      ready(task);
    }
  }

  /// The thread gives way to others (`sched_yield`).
  void giveWay(Task task) {
    gives[task.cpu] = true;
  }

  /// A core was called to the gate.
  void called(Core core) {
    gives[core.id] = true;
  }

  /// Says what a core does next.
  void next(Core core) {
    Task task = running[core.id];
    if (task != null && (!task.isRunnable() || (gives[core.id] && !ready.isEmpty()))) {
      running[core.id] = null;
      task.cpu = Task.NO_CPU;
      if (task.isRunnable()) {
        ready.add(task);
      }
      task = null;
    }
    gives[core.id] = false;
    if (task == null) {
      task = ready.poll();
    }
    if (task == null) {
      idle[core.id] = true;
      process.user.idle(core, process.gate);
      return;
    }
    idle[core.id] = false;
    if (running[core.id] != task) {
      running[core.id] = task;
      task.cpu = core.id;
      process.restartable.restart(task);
    }
    process.handlers.deliver(task);
    for (UserMode.Trap refused = refused(task); refused != null; refused = refused(task)) {
      process.signals.force(task, refused);
      process.handlers.deliver(task);
    }
    if (process.isOver()) {
      return;
    }
    if (task.dead) {
      next(core);
      return;
    }
    process.user.resume(core, process.gate, task.context);
    share(core.clock());
  }

  /// While threads wait for a CPU, those that run have slices.
  void share(long clock) {
    if (!ready.isEmpty() && !slicing) {
      slicing = true;
      slices.at(clock + ClockUnit.units(SLICE), 0);
    }
  }

  /// Why a thread cannot run where it is to, or null.
  private UserMode.@Nullable Trap refused(Task task) {
    return task.dead || process.isOver() ? null : process.user.refused(task.context);
  }

  private void slice(long clock) {
    slicing = false;
    if (ready.isEmpty() || process.isOver()) {
      return;
    }
    for (int i = 0; i < running.length; i++) {
      if (running[i] != null) {
        process.user.kick(process.machine.core(i), clock);
      }
    }
    share(clock);
  }

  /// Lets something happen to a thread at `clock`, which may be [#NEVER], unless the thread goes on before.
  void at(long clock, Task task, Runnable what) {
    if (clock != NEVER) {
      due.add(new Timer(clock, orders++, task, what));
      timers.at(clock, 0);
    }
  }

  /// When what comes next happens to a thread, or [#NEVER].
  long nextTimer() {
    Timer first = due.peek();
    return first == null ? NEVER : first.clock;
  }

  /// Whether no thread can run.
  boolean isIdle() {
    return ready.isEmpty() && Arrays.stream(running).allMatch(Objects::isNull);
  }

  /// Whether nothing can happen but by what this thread, which runs, does.
  boolean isAlone(Task task) {
    return ready.isEmpty() && due.isEmpty() && Arrays.stream(running).allMatch(t -> t == null || t == task);
  }

  /// Forgets what was to happen to a thread.
  void forget(Task task) {
    due.removeIf(timer -> timer.task == task);
  }

  private void expire(long clock) {
    for (Timer first = due.peek(); first != null && first.clock <= clock; first = due.peek()) {
      due.poll();
      process.clock(clock);
      first.what.run();
    }
    share(clock); // no CPU may come to the gate by itself
  }
}
