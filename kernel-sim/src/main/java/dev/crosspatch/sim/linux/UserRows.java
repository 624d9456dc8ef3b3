package dev.crosspatch.sim.linux;

import dev.crosspatch.core.event.RetireBatch;
import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.core.event.RetireRun;
import dev.crosspatch.core.event.RetireSink;

/// Hands on the instructions that retired in user mode, and nothing else.
final class UserRows implements RetireSink {
  private final RetireSink out;
  private final int user;
  private final RetireRow[] rows = RetireRun.room();
  private final RetireBatch batch = new RetireBatch();
  /// The core is in user mode.
  private boolean within;
  private long count;

  /// @param user privilege of user mode
  UserRows(int user, RetireSink out) {
    this.user = user;
    this.out = out;
  }

  @Override
  public void retired(RetireBatch all) {
    for (int i = 0; i < all.runs(); i++) {
      RetireRun run = all.run(i);
      if (within) {
        add(run);
      }
      within = run.privilege() == user;
    }
    handOn();
  }

  private void add(RetireRun run) {
    int n = run.expand(rows, 0);
    for (int i = 0; i < n; i++) {
      RetireRow row = rows[i];
      if (row.kind() == RetireRow.INSN) {
        if (batch.isFull()) {
          handOn();
        }
        batch.add(RetireRow.INSN, row.pc, row.next, row.time, row.info);
        count++;
      }
    }
  }

  private void handOn() {
    out.retired(batch);
    batch.clear();
  }

  /// How many instructions there were.
  long count() {
    return count;
  }

  @Override
  public void end() {
    out.end();
  }
}
