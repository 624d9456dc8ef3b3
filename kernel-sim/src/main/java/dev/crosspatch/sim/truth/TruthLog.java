package dev.crosspatch.sim.truth;

import dev.crosspatch.core.event.RetireBatch;
import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.core.event.RetireSink;
import java.util.Arrays;

/// Records one CPU's retire events in the form of [TruthFormat].
public final class TruthLog implements RetireSink {
  private byte[] out = Arrays.copyOf(TruthFormat.MAGIC, 1 << 16);
  private int size = TruthFormat.MAGIC.length;
  private long previous;
  private long time;
  private long retired;

  @Override
  public void retired(RetireBatch batch) {
    for (int i = 0; i < batch.rows(); i++) {
      RetireRow row = batch.row(i);
      if (size + 64 > out.length) {
        out = Arrays.copyOf(out, 2 * out.length);
      }
      int kind = row.kind();
      if (kind == RetireRow.INSN) {
        stamp(row.time);
        put(TruthFormat.zigzag(row.pc - previous) << 2 | TruthFormat.RETIRED);
        previous = row.pc;
        retired++;
      } else if (kind <= RetireRow.CALL) {
        stamp(row.time);
        diverted(kind, row.pc, row.next);
      }
    }
  }

  private void stamp(long now) {
    if (now - time >= TruthFormat.TIME_GRAIN) {
      put((now - time) << 2 | TruthFormat.TIME);
      time = now;
    }
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

  /// The log so far, in file form.
  public byte[] bytes() {
    return Arrays.copyOf(out, size);
  }
}
