package dev.crosspatch.sim.race;

import dev.crosspatch.core.mem.PhysicalMemory;
import java.util.HashMap;
import java.util.Map;

/// What comes before what: vector clocks. A clock has a number for each CPU, how many of that CPU's steps come before.
/// Steps are counted where somebody may ask for them: stores to text, maintenance that is complete, breakpoints that
/// are met.
///
/// Order is carried from CPU to CPU by what one stores and another loads, and by what one loads before another stores
/// there, by lines of memory, and by interrupts. A CPU's loads come before what it executes behind them; what it
/// *fetches* is known to be no older than that only where it synchronizes its context.
final class Clocks {
  /// Of each CPU, what comes before its next instruction. Clocks are never changed, only replaced.
  private final long[][] now;
  /// Of each CPU, what comes before whatever it fetches.
  private final long[][] fetch;
  /// By line of data, what comes before who loads from it.
  private final Map<Long, long[]> lines = new HashMap<>();
  /// By line of data and CPU that has it ([#copy]), what comes before that CPU's load of it.
  private final Map<Long, long[]> loads = new HashMap<>();
  /// By interrupt that was sent and has not been taken ([#interrupt]), what comes before its handler.
  private final Map<Long, long[]> sent = new HashMap<>();

  Clocks(int cpus) {
    now = new long[cpus][cpus];
    fetch = new long[cpus][cpus];
  }

  int cpus() {
    return now.length;
  }

  /// A step of a CPU. Returns its number, 1 and up.
  long step(int cpu) {
    long[] clock = now[cpu].clone();
    now[cpu] = clock;
    return ++clock[cpu];
  }

  /// What comes before a CPU's next instruction. Not to be changed.
  long[] now(int cpu) {
    return now[cpu];
  }

  /// Whether a step of a CPU comes before another's next instruction.
  boolean isBefore(int of, long step, int cpu) {
    return step <= now[cpu][of];
  }

  /// Whether a step of a CPU comes before whatever another fetches from now on.
  boolean isBeforeFetch(int of, long step, int cpu) {
    return step <= fetch[cpu][of];
  }

  /// A CPU synchronizes its context.
  void synchronize(int cpu) {
    fetch[cpu] = now[cpu];
  }

  /// A CPU knows that something has happened behind `clock`.
  void learn(int cpu, long[] clock) {
    now[cpu] = join(now[cpu], clock);
  }

  /// Whatever a CPU fetches from now on comes behind `clock`.
  void learnByFetch(int cpu, long[] clock) {
    fetch[cpu] = join(fetch[cpu], clock);
  }

  /// A CPU stores to a line of data that others load from.
  void store(int cpu, long line) {
    lines.put(line >>> PhysicalMemory.LINE_SHIFT, now[cpu]);
  }

  /// A CPU gets a line of data that another stored to. (The first time nobody has heard of that store: as if it had
  /// been the last that CPU did.)
  void load(int cpu, long line, int from) {
    long[] clock = lines.get(line >>> PhysicalMemory.LINE_SHIFT);
    learn(cpu, clock == null ? now[from] : clock);
    loads.put(copy(line, cpu), now[cpu]);
  }

  /// A CPU is to store to a line that other CPUs, a bit for each, have. (They may have loaded from it again since they
  /// got it, of which nobody has heard.)
  void take(int cpu, long line, long others) {
    for (long left = others; left != 0; left &= left - 1) {
      long[] clock = loads.remove(copy(line, Long.numberOfTrailingZeros(left)));
      if (clock != null) {
        learn(cpu, clock);
      }
    }
  }

  private static long copy(long line, int cpu) {
    return (line & -PhysicalMemory.LINE) | cpu;
  }

  /// A CPU sends an interrupt.
  void send(int cpu, int target, int vector) {
    sent.merge(interrupt(target, vector), now[cpu], Clocks::join);
  }

  /// A CPU takes one.
  void take(int cpu, int vector) {
    long[] clock = sent.remove(interrupt(cpu, vector));
    if (clock != null) {
      learn(cpu, clock);
    }
  }

  /// A CPU takes what was sent to it.
  void takeAll(int cpu) {
    sent.entrySet().removeIf(e -> {
      boolean own = e.getKey() >>> Integer.SIZE == cpu;
      if (own) {
        learn(cpu, e.getValue());
      }
      return own;
    });
  }

  private static long interrupt(int target, int vector) {
    return (long) target << Integer.SIZE | vector;
  }

  /// What comes before either; the first of them if that knows all.
  static long[] join(long[] a, long[] b) {
    for (int i = 0; i < a.length; i++) {
      if (b[i] > a[i]) {
        return joined(a, b);
      }
    }
    return a;
  }

  private static long[] joined(long[] a, long[] b) {
    long[] joined = a.clone();
    for (int i = 0; i < joined.length; i++) {
      joined[i] = Math.max(joined[i], b[i]);
    }
    return joined;
  }
}
