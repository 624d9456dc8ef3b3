package dev.crosspatch.sim.window;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.run.TextLog;
import dev.crosspatch.sim.truth.TruthReader;
import java.util.function.IntConsumer;

/// What one CPU executed, row by row: its truth, each row with the time at which it began and with the text it was
/// executed from. It stands before the first row.
public final class ExecutedRows implements AutoCloseable {
  private final TruthReader truth;
  private final ExecutedText text;
  private final IntConsumer changed;
  private long began;
  private boolean exact;
  private boolean recorded;

  /// Opens those of a CPU; to be closed.
  ///
  /// @param image    the run's initial image
  /// @param versions of all CPUs, which stay open
  /// @param changed  hears the number of a line, as [ExecutedText] counts, of which the CPU executes another version
  ///                 from the coming row on, before that row
  public ExecutedRows(RunDirectory run, Image image, int cpu, TextLog versions, IntConsumer changed) {
    truth = run.truth(cpu);
    text = new ExecutedText(run.config().isa(), image, versions);
    this.changed = changed;
    truth.hearText(this::hear);
  }

  private void hear(long version) {
    began = truth.time();
    exact = true;
    recorded |= version == 0;
    if (version > 0) {
      changed.accept(text.goOn(version));
    }
  }

  /// Goes to the next row; false at the end.
  public boolean next() {
    began = truth.time();
    exact = false;
    recorded = false;
    return truth.next();
  }

  /// The present row, as the truth has it.
  public TruthReader row() {
    return truth;
  }

  /// The text as the present row was executed from it.
  public ExecutedText text() {
    return text;
  }

  /// The cycle in which the row before the present one happened: that in which the present one began at the earliest.
  /// Where the CPU went on to another version of a line for it, exactly that of its fetch.
  public long began() {
    return began;
  }

  /// Whether [#began] is known exactly.
  public boolean isExact() {
    return exact;
  }

  /// Whether the present row has a record in `truth/stale.jsonl`.
  public boolean isRecorded() {
    return recorded;
  }

  @Override
  public void close() {
    truth.close();
  }
}
