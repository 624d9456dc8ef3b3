package dev.crosspatch.core.machine;

import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.time.TimingTable;
import org.jspecify.annotations.Nullable;

/// Runs the core with the smallest local clock, ties by core number, until another core's turn comes.
final class Scheduler {
  private static final long NEVER = Long.MAX_VALUE;

  private final Machine machine;
  private final Core[] cores;
  /// When each core can next do something.
  private final long[] ready;

  Scheduler(Machine machine, Core[] cores) {
    this.machine = machine;
    this.cores = cores;
    ready = new long[cores.length];
  }

  RunResult run(RunLimits limits) {
    long end = limits.cycles() > NEVER / TimingTable.UNITS ? NEVER : limits.cycles() * TimingTable.UNITS;
    long slack = (long) limits.slack() * TimingTable.UNITS;
    long retired = retired();
    refresh(-1L);
    while (true) {
      int next = first();
      RunResult.End why = over(limits, retired, ready[next], end);
      if (why != null) {
        return result(why, limits);
      }
      long until = Math.min(Math.min(end, turn(next, slack)), budget(ready[next], limits.retired() - retired));
      retired += slice(cores[next], until);
      refresh(machine.takeTouched() | 1L << next);
    }
  }

  private RunResult.@Nullable End over(RunLimits limits, long retired, long nextReady, long end) {
    if (machine.stopReason() != null) {
      return RunResult.End.STOPPED;
    }
    if (retired >= limits.retired()) {
      return RunResult.End.RETIRED_LIMIT;
    }
    if (nextReady == NEVER) {
      return RunResult.End.DEADLOCK;
    }
    return nextReady >= end ? RunResult.End.CYCLE_LIMIT : null;
  }

  /// Asks the cores of these bits again.
  private void refresh(long which) {
    for (long left = which; left != 0; left &= left - 1) {
      int i = Long.numberOfTrailingZeros(left);
      if (i < cores.length) {
        ready[i] = cores[i].readyAt();
      }
    }
  }

  /// Runs one core; returns how many instructions it retired.
  private long slice(Core core, long until) {
    long before = core.retired();
    machine.running(core);
    core.run(until);
    machine.running(null);
    return core.retired() - before;
  }

  /// The core that is first ready; ties by number.
  private int first() {
    int best = 0;
    for (int i = 1; i < ready.length; i++) {
      if (ready[i] < ready[best]) {
        best = i;
      }
    }
    return best;
  }

  /// When core `next` has to let another one run.
  private long turn(int next, long slack) {
    long time = NEVER;
    int rival = next;
    for (int i = 0; i < ready.length; i++) {
      if (ready[i] < time && i != next) {
        rival = i;
        time = ready[i];
      }
    }
    return time == NEVER ? NEVER : time + slack + (next < rival ? 1 : 0);
  }

  /// An instruction costs at least one unit, so within `left` units at most so many retire.
  private static long budget(long ready, long left) {
    return left >= NEVER - ready ? NEVER : ready + left;
  }

  private long retired() {
    long sum = 0;
    for (Core core : cores) {
      sum += core.retired();
    }
    return sum;
  }

  private RunResult result(RunResult.End why, RunLimits limits) {
    long furthest = 0;
    for (Core core : cores) {
      furthest = Math.max(furthest, core.cycles());
      core.flushRows(false);
    }
    String stop = machine.stopReason();
    String reason =
        switch (why) {
          case STOPPED -> stop == null ? "" : stop;
          case CYCLE_LIMIT -> "limit of " + limits.cycles() + " cycles reached";
          case RETIRED_LIMIT -> "limit of " + limits.retired() + " instructions reached";
          case DEADLOCK -> "all CPUs wait for an event that cannot come";
        };
    return new RunResult(why, reason, furthest, retired());
  }
}
