package dev.crosspatch.sim.run;

import dev.crosspatch.sim.guest.Mark;
import java.util.Arrays;
import java.util.List;
import org.HdrHistogram.Histogram;

/// Cycles that patching stole from bystanders, the CPUs that did not patch, per flip: what they spent in its interrupts and breakpoints ([BystanderLog]). A
/// diversion belongs to the last flip begun before it. Caches and predictors that the handlers disturbed cost more later, which is not in here.
public final class StolenCycles {
  private final Histogram perCpu = Latency.histogram();
  private final Histogram perFlip = Latency.histogram();
  private long interrupts;
  private long interruptCycles;
  private long traps;
  private long trapCycles;

  /// @param marks those of the run
  /// @param logs  one per CPU
  StolenCycles(List<Mark.Event> marks, List<BystanderLog> logs) {
    List<Mark.Event> flips = marks.stream().filter(m -> m.mark() == Mark.FLIP_BEGIN).toList();
    if (flips.isEmpty()) {
      return;
    }
    long[] begins = flips.stream().mapToLong(Mark.Event::cycle).toArray();
    long[] all = new long[begins.length];
    for (int cpu = 0; cpu < logs.size(); cpu++) {
      if (cpu != flips.getFirst().cpu()) {
        bystander(logs.get(cpu), begins, all);
      }
    }
    if (logs.size() > 1) {
      record(perFlip, all);
    }
  }

  private void bystander(BystanderLog log, long[] begins, long[] all) {
    long[] own = new long[begins.length];
    for (int i = 0; i < log.count(); i++) {
      int flip = flipAt(begins, log.begin(i));
      if (flip >= 0) {
        own[flip] += log.cycles(i);
        count(log.isTrap(i), log.cycles(i));
      }
    }
    record(perCpu, own);
    for (int flip = 0; flip < all.length; flip++) {
      all[flip] += own[flip];
    }
  }

  /// The last flip begun at or before `cycle`, -1 if none had.
  private static int flipAt(long[] begins, long cycle) {
    int found = Arrays.binarySearch(begins, cycle);
    return found >= 0 ? found : -found - 2;
  }

  private void count(boolean trap, long cycles) {
    if (trap) {
      traps++;
      trapCycles += cycles;
    } else {
      interrupts++;
      interruptCycles += cycles;
    }
  }

  private static void record(Histogram histogram, long[] values) {
    for (long value : values) {
      histogram.recordValue(Math.min(Latency.HIGHEST, value));
    }
  }

  /// One value per flip and bystander.
  public Histogram perCpu() {
    return perCpu;
  }

  /// One value per flip: all bystanders together. Empty if there are none.
  public Histogram perFlip() {
    return perFlip;
  }

  /// Interrupts of bystanders by syncs and kicks.
  public long interrupts() {
    return interrupts;
  }

  /// Cycles they took, all together.
  public long interruptCycles() {
    return interruptCycles;
  }

  /// Breakpoints of bystanders.
  public long traps() {
    return traps;
  }

  /// Cycles they took, all together.
  public long trapCycles() {
    return trapCycles;
  }
}
