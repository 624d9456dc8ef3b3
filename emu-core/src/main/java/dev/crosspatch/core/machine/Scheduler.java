package dev.crosspatch.core.machine;

import dev.crosspatch.core.choice.Choice;
import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.cpu.Meeting;
import dev.crosspatch.core.time.ClockUnit;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Runs the core with the smallest local clock, ties by core number, until another core's turn comes, or a little
/// longer ([RunLimits#ahead]).
final class Scheduler {
  private static final long NEVER = Long.MAX_VALUE;

  private static final int CORE_BITS = 6;
  private static final int CORE_MASK = (1 << CORE_BITS) - 1;
  /// Times are below this: 18 hours of a guest at 3.7 GHz.
  private static final long HORIZON = NEVER >> CORE_BITS;

  private final Machine machine;
  private final Agenda agenda;
  private final Core[] cores;
  /// Whether a core that comes to the time of another has to come back for the choice between them, unless it runs
  /// ahead anyway.
  private final boolean choosesTurns;
  /// By core: when it can next do something, with its number in the low bits, so that the smallest is the next in turn.
  private final long[] turns;
  /// By core: up to which time others have to think that it has run, where they meet ([Core#meet]).
  private final long[] fronts;
  /// In this run cores run ahead of others, and their clocks agree where they meet.
  private transient boolean meets;
  /// But there.
  private final transient Set<Meeting> leftOut = EnumSet.noneOf(Meeting.class);
  /// The core whose turn was cut short by the limit of cycles, while others may be behind it; or
  /// [Machine#NOBODY]. It goes on first, unless it is called away.
  private int cut = Machine.NOBODY;
  /// Until when.
  private long turnEnd;

  Scheduler(Machine machine, Core[] cores) {
    this.machine = machine;
    agenda = machine.agenda();
    this.cores = cores;
    choosesTurns = machine.choices().choosesTurns();
    turns = new long[cores.length];
    fronts = new long[cores.length];
  }

  RunResult run(RunLimits limits) {
    long end = Math.min(ClockUnit.units(limits.cycles()), HORIZON);
    long window = ClockUnit.units(limits.slack() + limits.ahead());
    meets = limits.ahead() > 0;
    if (cut != Machine.NOBODY && isCutAgain(limits, end)) {
      return result(RunResult.End.CYCLE_LIMIT, limits);
    }
    long retired = retired();
    refresh(-1L);
    while (true) {
      long first = NEVER;
      long second = NEVER;
      for (long turn : turns) { // minima, not branches: which core is next cannot be predicted
        second = Math.min(second, Math.max(first, turn));
        first = Math.min(first, turn);
      }
      long ready = first >> CORE_BITS;
      long due = agenda.next();
      RunResult.End why = over(limits, retired, Math.min(ready, due), end);
      if (why != null) {
        return result(why, limits);
      }
      if (due <= ready) {
        happen();
        continue;
      }
      int next = (int) first & CORE_MASK;
      long rival = (second >> CORE_BITS) + window + (next < ((int) second & CORE_MASK) ? 1 : 0);
      if (choosesTurns) {
        boolean tied = ready == second >> CORE_BITS;
        next = tied ? chooseOf(ready, next) : next;
        rival = window == 0 ? (second >> CORE_BITS) + (tied ? 1 : 0) : rival;
      }
      long turn = Math.min(Math.min(due, rival), budget(ready, limits.retired() - retired));
      retired += slice(cores[next], Math.min(end, turn));
      if (turn > end && window > 0 && isCut(cores[next], turn)) {
        return result(RunResult.End.CYCLE_LIMIT, limits);
      }
      refresh(machine.takeTouched() | 1L << next);
    }
  }

  /// Whether a core has come to the limit of cycles within its turn. Where others are behind it, the turn goes on when
  /// the run does: a run in pieces is the run in one.
  private boolean isCut(Core core, long turn) {
    if (core.isCalledAway() || core.readyAt() >= turn) {
      return false;
    }
    cut = core.id;
    turnEnd = turn;
    return true;
  }

  /// Goes on with the turn that was cut; returns whether it is cut again.
  private boolean isCutAgain(RunLimits limits, long end) {
    Core core = cores[cut];
    cut = Machine.NOBODY;
    long left = limits.retired() - retired();
    long turn = Math.min(Math.min(turnEnd, agenda.next()), budget(core.readyAt(), left));
    if (left <= 0 || core.readyAt() >= turn) {
      return false;
    }
    slice(core, Math.min(end, turn));
    return turn > end && isCut(core, turn);
  }

  /// Something is to happen between two runs that may be somebody else's turn.
  void callAway() {
    cut = Machine.NOBODY;
  }

  /// All cores have reached the time of what is next on the agenda.
  private void happen() {
    machine.running(Machine.NOBODY);
    agenda.happen();
    refresh(machine.takeTouched());
  }

  /// Which of the cores whose turn comes at `ready` is next: the one of the smallest number, `first`, unless the
  /// choices have another.
  private int chooseOf(long ready, int first) {
    int tied = 0;
    for (long turn : turns) {
      tied += turn >> CORE_BITS == ready ? 1 : 0;
    }
    int left = machine.choices().choose(Choice.TURN, first, tied);
    int core = first;
    for (int i = first + 1; left > 0; i++) {
      if (turns[i] >> CORE_BITS == ready) {
        core = i;
        left--;
      }
    }
    return core;
  }

  /// Why the run is over if nothing is to happen before `next`, or null if it goes on.
  private RunResult.@Nullable End over(RunLimits limits, long retired, long next, long end) {
    if (machine.stopReason() != null) {
      return RunResult.End.STOPPED;
    }
    if (retired >= limits.retired()) {
      return RunResult.End.RETIRED_LIMIT;
    }
    if (next >= HORIZON) {
      return RunResult.End.DEADLOCK;
    }
    return next >= end ? RunResult.End.CYCLE_LIMIT : null;
  }

  /// Asks the cores of these bits again.
  private void refresh(long which) {
    for (long left = which; left != 0; left &= left - 1) {
      int i = Long.numberOfTrailingZeros(left);
      if (i < cores.length) {
        turns[i] = Math.min(cores[i].readyAt(), HORIZON) << CORE_BITS | i;
      }
    }
  }

  /// Runs one core; returns how many instructions it retired.
  private long slice(Core core, long until) {
    long before = core.retired();
    machine.running(core.id);
    core.run(until);
    fronts[core.id] = Math.max(fronts[core.id], Math.min(core.clock(), until));
    return core.retired() - before;
  }

  void leaveOut(Meeting where) {
    leftOut.add(where);
  }

  /// The latest time at which a core other than this one may have done what counts.
  long front(int core, Meeting where) {
    if (!meets || leftOut.contains(where)) {
      return 0;
    }
    long latest = 0;
    for (int i = 0; i < fronts.length; i++) {
      latest = i == core ? latest : Math.max(latest, fronts[i]);
    }
    return latest;
  }

  /// A core has done something that others can see at this time.
  void reached(int core, long clock) {
    fronts[core] = Math.max(fronts[core], clock);
  }

  /// The time until which no more than `left` instructions can retire.
  private long budget(long ready, long left) {
    long least = machine.timing().least();
    long most = left * least;
    return Math.multiplyHigh(left, least) != 0 || most < 0 || most >= NEVER - ready ? NEVER : ready + most;
  }

  private long retired() {
    long sum = 0;
    for (Core core : cores) {
      sum += core.retired();
    }
    return sum;
  }

  private RunResult result(RunResult.End why, RunLimits limits) {
    machine.running(Machine.NOBODY);
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
