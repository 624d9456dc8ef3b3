package dev.crosspatch.core.event;

import dev.crosspatch.core.mem.Instruction;
import dev.crosspatch.core.mem.PhysicalMemory;
import dev.crosspatch.core.time.ClockUnit;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A row together with those before it that nothing can be told of but that they retired: instructions of a chain, each
/// of which ran on to the next. All are of the same mode.
public final class RetireRun extends RetireRow {
  /// The most rows a run can have.
  static final int LONGEST = PhysicalMemory.LINE;

  private @Nullable Instruction first;
  private long line;
  private long base;

  RetireRun() {}

  /// Makes it the run from `from` to `last`.
  ///
  /// @param line address of their code line
  /// @param base the core's clock where the chain's sums count from, in [ClockUnit]s
  /// @param next where the last went on
  /// @param end  the core's clock behind it, in [ClockUnit]s
  /// @param bits of the last's info besides length and flow
  void set(Instruction from, Instruction last, long line, long base, long next, long end, int bits) {
    first = from;
    this.line = line;
    this.base = base;
    set(line + last.offset, next, ClockUnit.cycles(end), last.info | bits);
  }

  /// Makes it a run of one row.
  void single(long pc, long next, long time, int info) {
    first = null;
    set(pc, next, time, info);
  }

  /// The first row's pc.
  public long startPc() {
    Instruction i = first;
    return i == null ? pc : line + i.offset;
  }

  /// Whether the address lies between the first row's pc and the last's.
  public boolean covers(long address) {
    return address - startPc() >= 0 && pc - address >= 0;
  }

  /// The first row's time.
  public long startTime() {
    Instruction i = first;
    return i == null || startPc() == pc ? time : timeOf(i);
  }

  /// Writes all rows into `rows` from `at` on, and returns the index behind them.
  public int expand(RetireRow[] rows, int at) {
    Instruction i = first;
    int n = at;
    if (i != null) {
      int mode = info & (3 << PRIVILEGE_SHIFT | INTERRUPTS_ENABLED);
      while (line + i.offset != pc) {
        rows[n++].set(line + i.offset, line + i.end, timeOf(i), i.info | mode);
        i = Objects.requireNonNull(i.next);
      }
    }
    rows[n++].set(pc, next, time, info);
    return n;
  }

  /// When an instruction before the last retired.
  private long timeOf(Instruction i) {
    return ClockUnit.cycles(base + i.sum);
  }

  /// Rows enough for any run.
  public static RetireRow[] room() {
    RetireRow[] rows = new RetireRow[LONGEST];
    Arrays.setAll(rows, i -> new RetireRow());
    return rows;
  }
}
