package dev.crosspatch.sim.truth;

import dev.crosspatch.core.event.RetireBatch;
import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.core.event.RetireSink;
import dev.crosspatch.tracer.flow.ByteSink;
import java.util.Arrays;

/// Records one CPU's retire events in the form of [TruthFormat].
public final class TruthLog implements RetireSink {
  /// Bytes held back at most.
  static final int BUFFER = 1 << 16;
  /// Most bytes of one row with its time.
  private static final int ROW = 64;

  private final ByteSink sink;
  private final byte[] out = Arrays.copyOf(TruthFormat.MAGIC, BUFFER);
  private int size = TruthFormat.MAGIC.length;
  private long previous;
  private long time;
  /// A time token is due once the clock reaches this.
  private long due = TruthFormat.TIME_GRAIN;
  /// Times are exact up to here.
  private long exactUntil;
  /// When the last row happened.
  private long last;
  private long retired;

  /// A log that goes to `sink`, all of it by [#end].
  public TruthLog(ByteSink sink) {
    this.sink = sink;
  }

  @Override
  public void retired(RetireBatch batch) {
    for (int i = 0; i < batch.rows(); i++) {
      RetireRow row = batch.row(i);
      makeRoom();
      int kind = row.kind();
      if (kind == RetireRow.INSN) {
        stamp(row.time);
        last = row.time;
        put(TruthFormat.zigzag(row.pc - previous) << 2 | TruthFormat.RETIRED);
        previous = row.pc;
        retired++;
      } else if (kind <= RetireRow.CALL) {
        stamp(row.time);
        last = row.time;
        diverted(kind, row.pc, row.next);
      }
    }
  }

  /// The CPU executes version `number` of [dev.crosspatch.sim.run.TextLog] of its line from its next row on. All rows
  /// before have been heard.
  public void version(long cycle, int number) {
    makeRoom();
    exactly(cycle);
    put((long) number << 2 | TruthFormat.TEXT);
  }

  /// The next row stands in `truth/stale.jsonl`. All rows before have been heard.
  public void stale(long cycle) {
    version(cycle, 0);
  }

  /// Times are to be exact from the last row on until a little behind `cycle`, or without end at [Long#MAX_VALUE]. All
  /// rows before have been heard.
  public void mark(long cycle) {
    exactUntil = cycle == Long.MAX_VALUE ? cycle : cycle + 2 * TruthFormat.TIME_GRAIN;
    makeRoom();
    exactly(last);
  }

  /// Whether they are to be exact without end.
  public boolean isExact() {
    return exactUntil == Long.MAX_VALUE;
  }

  @Override
  public void end() {
    flush();
  }

  private void flush() {
    sink.write(out, 0, size);
    size = 0;
  }

  private void makeRoom() {
    if (size > BUFFER - ROW) {
      flush();
    }
  }

  private void stamp(long now) {
    if (now >= due) {
      exactly(now);
    }
  }

  private void exactly(long now) {
    if (now > time) {
      put((now - time) << 2 | TruthFormat.TIME);
      time = now;
    }
    due = time + (time < exactUntil ? 1 : TruthFormat.TIME_GRAIN);
  }

  private void diverted(int kind, long from, long to) {
    put((long) kind << 2 | TruthFormat.DIVERTED);
    put(TruthFormat.zigzag(from - previous));
    put(TruthFormat.zigzag(to - from));
    previous = to;
  }

  private void put(long value) {
    long v = value;
    while (v < 0 || v > 0x7f) {
      out[size++] = (byte) (v | 0x80);
      v >>>= 7;
    }
    out[size++] = (byte) v;
  }

  /// Instructions recorded.
  public long count() {
    return retired;
  }
}
