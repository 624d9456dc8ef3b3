package dev.crosspatch.sim.window;

import java.util.Arrays;

/// Cycles at which something happened, in order.
final class Times {
  private long[] cycles = new long[8];
  private int count;

  void add(long cycle) {
    if (count == cycles.length) {
      cycles = Arrays.copyOf(cycles, 2 * count);
    }
    cycles[count++] = cycle;
  }

  /// The last, or -1.
  long last() {
    return count == 0 ? -1 : cycles[count - 1];
  }

  /// The last that is at or before `cycle`, or -1.
  long last(long cycle) {
    int at = Arrays.binarySearch(cycles, 0, count, cycle);
    int index = at < 0 ? -at - 2 : at;
    return index < 0 ? -1 : cycles[index];
  }

  /// Goes through them forwards.
  final class Cursor {
    private int next;

    /// The last that is at or before `cycle`, or -1. Cycles asked for never decrease.
    long last(long cycle) {
      while (next < count && cycles[next] <= cycle) {
        next++;
      }
      return next == 0 ? -1 : cycles[next - 1];
    }

    /// The first behind the cycle that was asked for, or [Long#MAX_VALUE].
    long next() {
      return next < count ? cycles[next] : Long.MAX_VALUE;
    }
  }
}
