package dev.crosspatch.core.machine;

import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.time.TimingTable;

/// Runs the core with the smallest local clock, ties by core number, until another core's turn comes.
final class Scheduler {
  private static final long NEVER = Long.MAX_VALUE;

  private final Machine machine;
  private final Core[] cores;

  Scheduler(Machine machine, Core[] cores) {
    this.machine = machine;
    this.cores = cores;
  }

  RunResult run(RunLimits limits) {
    long end = limits.cycles() > NEVER / TimingTable.UNITS ? NEVER : limits.cycles() * TimingTable.UNITS;
    long slack = (long) limits.slack() * TimingTable.UNITS;
    long retired = retired();
    RunResult.End why;
    while (true) {
      int next = first(-1);
      long ready = cores[next].readyAt();
      if (retired >= limits.retired()) {
        why = RunResult.End.RETIRED_LIMIT;
        break;
      }
      if (ready == NEVER) {
        why = RunResult.End.DEADLOCK;
        break;
      }
      if (ready >= end) {
        why = RunResult.End.CYCLE_LIMIT;
        break;
      }
      retired += slice(cores[next], Math.min(Math.min(end, turn(next, slack)), budget(ready, limits.retired() - retired)));
      if (machine.stopReason() != null) {
        why = RunResult.End.STOPPED;
        break;
      }
    }
    return result(why, limits);
  }

  /// Runs one core; returns how many instructions it retired.
  private long slice(Core core, long until) {
    long before = core.retired();
    machine.running(core);
    core.run(until);
    machine.running(null);
    return core.retired() - before;
  }

  /// The core that is first ready, other than `except`; ties by number.
  private int first(int except) {
    int best = -1;
    long bestTime = NEVER;
    for (int i = 0; i < cores.length; i++) {
      if (i != except) {
        long time = cores[i].readyAt();
        if (best < 0 || time < bestTime) {
          best = i;
          bestTime = time;
        }
      }
    }
    return best;
  }

  /// When core `next` has to let another one run.
  private long turn(int next, long slack) {
    int rival = first(next);
    long time = rival < 0 ? NEVER : cores[rival].readyAt();
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
