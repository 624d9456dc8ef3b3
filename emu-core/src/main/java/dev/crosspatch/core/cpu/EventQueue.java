package dev.crosspatch.core.cpu;

import java.util.Arrays;

/// Events under way to one core, or to what is around the cores, in order of time, then of posting.
public final class EventQueue {
  /// Time of the next event when there is none.
  public static final long NEVER = Long.MAX_VALUE;

  private long[] time = new long[16];
  private int[] kind = new int[16];
  private long[] value = new long[16];
  private int count;

  /// Time of the first event ([dev.crosspatch.core.time.ClockUnit]s).
  public long next() {
    return count == 0 ? NEVER : time[0];
  }

  /// Kind of the first event.
  public int firstKind() {
    return kind[0];
  }

  /// Its value.
  public long firstValue() {
    return value[0];
  }

  /// Forgets it.
  public void removeFirst() {
    remove(0);
  }

  /// Adds an event.
  public void post(long at, int ofKind, long withValue) {
    if (count == time.length) {
      time = Arrays.copyOf(time, 2 * count);
      kind = Arrays.copyOf(kind, 2 * count);
      value = Arrays.copyOf(value, 2 * count);
    }
    int i = count++;
    for (; i > 0 && time[i - 1] > at; i--) {
      time[i] = time[i - 1];
      kind[i] = kind[i - 1];
      value[i] = value[i - 1];
    }
    time[i] = at;
    kind[i] = ofKind;
    value[i] = withValue;
  }

  /// Forgets the events of a kind.
  public void cancel(int ofKind) {
    for (int i = count - 1; i >= 0; i--) {
      if (kind[i] == ofKind) {
        remove(i);
      }
    }
  }

  private void remove(int i) {
    count--;
    System.arraycopy(time, i + 1, time, i, count - i);
    System.arraycopy(kind, i + 1, kind, i, count - i);
    System.arraycopy(value, i + 1, value, i, count - i);
  }
}
