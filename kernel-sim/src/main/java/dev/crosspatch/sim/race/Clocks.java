package dev.crosspatch.sim.race;

import dev.crosspatch.core.mem.PhysicalMemory;
import dev.crosspatch.core.state.Snapshot;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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
  /// Lines of data that others load from.
  private final Map<Long, Line> lines = new HashMap<>();
  /// By interrupt that was sent and has not been taken ([#interrupt]), what comes before its handler.
  private final Map<Long, long[]> sent = new HashMap<>();

  /// A line of data.
  private static final class Line implements Snapshot.ByIdentity {
    /// What comes before who loads from it; null as long as nobody has heard of a store.
    private long @Nullable [] stored;
    /// By CPU, what comes before its load of the line that it has; null if it has none.
    private final long[] @Nullable [] loaded;

    Line(int cpus) {
      loaded = new long[cpus] @Nullable [];
    }
  }

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
    line(line).stored = now[cpu];
  }

  /// A CPU gets a line of data that another stored to. (The first time nobody has heard of that store: as if it had
  /// been the last that CPU did.)
  void load(int cpu, long line, int from) {
    Line of = line(line);
    learn(cpu, of.stored == null ? now[from] : of.stored);
    of.loaded[cpu] = now[cpu];
  }

  private Line line(long line) {
    return lines.computeIfAbsent(line >>> PhysicalMemory.LINE_SHIFT, l -> new Line(now.length));
  }

  /// A CPU is to store to a line that other CPUs, a bit for each, have. (They may have loaded from it again since they
  /// got it, of which nobody has heard.)
  void take(int cpu, long line, long others) {
    Line of = lines.get(line >>> PhysicalMemory.LINE_SHIFT);
    for (long left = others; of != null && left != 0; left &= left - 1) {
      int other = Long.numberOfTrailingZeros(left);
      long[] clock = of.loaded[other];
      if (clock != null) {
        learn(cpu, clock);
        of.loaded[other] = null;
      }
    }
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
