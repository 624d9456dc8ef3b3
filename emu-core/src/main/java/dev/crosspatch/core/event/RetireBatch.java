package dev.crosspatch.core.event;

import dev.crosspatch.core.mem.Instruction;
import java.util.Arrays;

/// Consecutive retire events of one core, in order. The engine fills it, sinks read it; nobody keeps it.
///
/// A sink that cares for every instruction reads [#row]s. One that cares for branches and exceptions, as trace hardware
/// does, reads [#run]s, of which there are far fewer: the rows are made only if a sink asks for them.
public final class RetireBatch {
  /// Runs a batch holds.
  public static final int CAPACITY = 64;

  private final RetireRun[] runs = new RetireRun[CAPACITY];
  private int count;
  private RetireRow[] rows = {};
  private int rowCount;
  private boolean expanded;

  public RetireBatch() {
    Arrays.setAll(runs, i -> new RetireRun());
  }

  // ---- reading

  /// Number of runs.
  public int runs() {
    return count;
  }

  public RetireRun run(int index) {
    return runs[index];
  }

  /// Number of rows.
  public int rows() {
    if (!expanded) {
      expand();
    }
    return rowCount;
  }

  /// The row at an index below [#rows()], which has been called.
  public RetireRow row(int index) {
    return rows[index];
  }

  private void expand() {
    int n = 0;
    for (int i = 0; i < count; i++) {
      if (n + RetireRun.LONGEST > rows.length) {
        grow();
      }
      n = runs[i].expand(rows, n);
    }
    rowCount = n;
    expanded = true;
  }

  private void grow() {
    int had = rows.length;
    rows = Arrays.copyOf(rows, had + RetireRun.LONGEST);
    System.arraycopy(RetireRun.room(), 0, rows, had, RetireRun.LONGEST);
  }

  // ---- writing

  public boolean isFull() {
    return count == CAPACITY;
  }

  /// Appends the run of instructions from `first` to `last`, as [RetireRun#set] has it.
  public void add(Instruction first, Instruction last, long line, long base, long next, long end, int bits) {
    runs[count++].set(first, last, line, base, next, end, bits);
  }

  /// Appends one row.
  public void add(int kind, long pc, long next, long time, int info) {
    runs[count++].single(pc, next, time, info | kind << RetireRow.KIND_SHIFT);
  }

  public void clear() {
    count = 0;
    expanded = false;
  }
}
