package dev.crosspatch.bench;

import dev.crosspatch.core.event.RetireBatch;
import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.core.event.RetireSink;
import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.sim.run.Run;
import java.util.Arrays;
import java.util.List;

/// When one CPU began each of its work iterations. Held against the same CPU undisturbed, that tells what a disturbance
/// cost in all: its handlers, and the caches, predictors and instruction lines that have to be filled again. Every
/// iteration is the same work in all runs, but for the way sites go.
final class LostWork implements RetireSink {
  private final long iteration;
  private long[] begins = new long[1024];
  private int count;

  private LostWork(long iteration) {
    this.iteration = iteration;
  }

  /// One for each CPU of a run that has not started.
  static LostWork[] watch(Run run) {
    LostWork[] clocks = new LostWork[run.machine().cpus()];
    for (int cpu = 0; cpu < clocks.length; cpu++) {
      clocks[cpu] = new LostWork(run.image().address("work_iteration"));
      run.machine().attach(cpu, clocks[cpu]);
    }
    return clocks;
  }

  @Override
  public void retired(RetireBatch batch) {
    for (int i = 0; i < batch.rows(); i++) {
      RetireRow row = batch.row(i);
      if (row.pc == iteration && row.kind() == RetireRow.INSN) {
        if (count == begins.length) {
          begins = Arrays.copyOf(begins, 2 * count);
        }
        begins[count++] = row.time;
      }
    }
  }

  /// Cycles of work that a CPU lost between `from` and `to`: how much longer it took for what it did in that time than
  /// `quiet`, the same CPU undisturbed, took for the same iterations.
  double lost(long from, long to, LostWork quiet) {
    return to - from - (quiet.time(done(to)) - quiet.time(done(from)));
  }

  /// Cycles of work lost per flip and bystander, from the first flip to the last. Sites jump half of that time, so it
  /// is held against the mean of runs without flips in which they always and never do.
  static long perFlip(LatencyCase c, Run run, LostWork[] work) {
    long from = run.latency().firstFlip();
    long to = run.latency().lastFlip();
    double sum = 0;
    for (int key = 0; key < 2 && c.cpus() > 1; key++) {
      LostWork[] quiet = quiet(c, key, to);
      for (int cpu = 1; cpu < c.cpus(); cpu++) {
        sum += work[cpu].lost(from, to, quiet[cpu]);
      }
    }
    return c.cpus() > 1 ? Math.round(sum / 2 / (c.cpus() - 1) / c.flips()) : 0;
  }

  /// The work of a run of `cycles` without flips but for one at the very start: of key 0, which has the sites, or of
  /// key 1, which has none.
  private static LostWork[] quiet(LatencyCase c, int key, long cycles) {
    Run run = c.run(c.guest(key).flips(0).flipInterval(Long.MAX_VALUE / 2),
        RunLimits.ofCycles(cycles));
    LostWork[] work = watch(run);
    run.execute(r -> {});
    return work;
  }

  /// Iterations begun by `cycle`, with the part of the last that was over.
  private double done(long cycle) {
    int found = Arrays.binarySearch(begins, 0, count, cycle);
    int at = Math.clamp(found >= 0 ? found : -found - 2, 0, count - 2);
    return at + (double) (cycle - begins[at]) / (begins[at + 1] - begins[at]);
  }

  private double time(double iterations) {
    int at = Math.clamp((int) iterations, 0, count - 2);
    return begins[at] + (iterations - at) * (begins[at + 1] - begins[at]);
  }
}
