package dev.crosspatch.sim.verify;

import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.core.event.StaleExecution;
import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.truth.TruthReader;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// Holds what ran fresh, from bytes that memory held, against the contract of the poke log: memory itself may hold the old text after its event, the new text
/// before it, or parts of both. The truth of every CPU goes by once, row by row. What ran from stale bytes is told in between ([#stale]) and left out: it
/// is judged by its own record.
///
/// A row's time is known to [TruthReader#TIME_GRAIN] cycles, so what counts is certain: memory held forbidden text all the time in which the CPU may have begun
/// the instruction. Of each CPU and stretch of such time the first execution is told. A breakpoint or a fault counts as an execution, an interrupt does not.
final class FreshExecutions implements AutoCloseable {
  private final ForbiddenText text;
  private final Consumer<Violation> violations;
  private final int slack;
  private final long start;
  /// Offsets of the text that are still worth a look.
  private final BitSet watched;
  private final List<Cpu> cpus = new ArrayList<>();

  /// @param violations hears what breaks the contract, CPU by CPU in order of time
  FreshExecutions(RunDirectory run, ForbiddenText text, Consumer<Violation> violations) {
    this.text = text;
    this.violations = violations;
    slack = run.config().slack();
    start = text.start();
    watched = text.mayChange();
    for (int cpu = 0; cpu < run.config().cpus(); cpu++) {
      cpus.add(new Cpu(cpu, run.truth(cpu)));
    }
  }

  /// Takes up the next stale execution of the run, of any CPU.
  void stale(StaleExecution s) {
    if (s.cpu() < cpus.size()) {
      cpus.get(s.cpu()).stale(s);
    }
  }

  /// Goes to the end of all truths.
  void finish() {
    cpus.forEach(Cpu::finish);
  }

  @Override
  public void close() {
    cpus.forEach(cpu -> cpu.truth.close());
  }

  /// One CPU's truth, which stands on the first row not yet judged.
  private final class Cpu {
    private final int number;
    private final TruthReader truth;
    private boolean more;
    /// Time of the row before: the present one began then at the earliest.
    private long began;
    /// Per address, which of its stretches have been told.
    private final Map<Long, BitSet> told = new HashMap<>();

    Cpu(int number, TruthReader truth) {
      this.number = number;
      this.truth = truth;
      more = truth.next();
    }

    private void step() {
      began = truth.time();
      more = truth.next();
    }

    void finish() {
      for (; more; step()) {
        judge();
      }
    }

    void stale(StaleExecution s) {
      for (; more && truth.time() + TruthReader.TIME_GRAIN <= s.cycle(); step()) {
        judge();
      }
      int before = more ? rowsBefore(s) : -1;
      if (before >= 0) {
        for (int i = 0; i < before; i++, step()) {
          judge();
        }
        step();
      }
    }

    /// How many rows stand before that of a stale execution; -1 if it has none, since an interrupt came first.
    private int rowsBefore(StaleExecution s) {
      TruthReader ahead = truth.copy();
      long earliest = began;
      for (int rows = 0; earliest <= s.cycle(); rows++) {
        if (ahead.address() == s.address() && executes(ahead)) {
          return rows;
        }
        earliest = ahead.time();
        if (!ahead.next()) {
          break;
        }
      }
      return -1;
    }

    private static boolean executes(TruthReader row) {
      return row.kind() <= RetireRow.FAULT;
    }

    private void judge() {
      long offset = truth.address() - start;
      if (offset >= 0 && offset < watched.length() && watched.get((int) offset) && executes(truth)) {
        look((int) offset);
      }
    }

    private void look(int offset) {
      List<Stretch> stretches = text.at(truth.address());
      if (stretches.isEmpty()) {
        watched.clear(offset);
        return;
      }
      int index = last(stretches, began - slack);
      if (index >= 0 && stretches.get(index).last() >= truth.time() + TruthReader.TIME_GRAIN + slack) {
        tell(stretches.get(index), index);
      }
    }

    /// Index of the last stretch that began at or before `cycle`, or -1.
    private static int last(List<Stretch> stretches, long cycle) {
      int low = -1;
      int high = stretches.size();
      while (high - low > 1) {
        int middle = (low + high) >>> 1;
        if (stretches.get(middle).first() <= cycle) {
          low = middle;
        } else {
          high = middle;
        }
      }
      return low;
    }

    private void tell(Stretch stretch, int index) {
      BitSet of = told.computeIfAbsent(truth.address(), a -> new BitSet());
      if (!of.get(index)) {
        of.set(index);
        violations.accept(
            new Violation(new StaleExecution(number, truth.time(), truth.address(), stretch.bytes(), stretch.bytes()), stretch.kind()));
      }
    }
  }
}
