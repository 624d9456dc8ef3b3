package dev.crosspatch.sim.verify;

import dev.crosspatch.sim.truth.TruthReader;
import java.util.Arrays;

/// A stretch of truth in which decoded rows are looked up: each run of `need` rows by its hash, so that a search costs
/// the rows it is for, and not their product with the rows of truth.
final class TruthWindow {
  private static final int PRIME = 0x01000193;

  private final int need;
  private final long skipped;
  private final long[] from;
  private final long[] to;
  private final int rows;
  /// Per hash bucket the first candidate, from 1; per candidate the next of its bucket.
  private final int[] first;
  private final int[] next;

  /// @param start      stands on the first row that may be found; is not moved
  /// @param time       rows before this cycle are passed over
  /// @param candidates rows, from there on, at which what is looked up may begin
  /// @param need       rows that must agree
  /// @param most       rows that are compared at most
  TruthWindow(TruthReader start, long time, int candidates, int need, int most) {
    this.need = need;
    TruthReader truth = start.copy();
    boolean more = true;
    long passed = 0;
    while (more && truth.time() < time) {
      more = truth.next();
      passed++;
    }
    skipped = passed;
    from = new long[candidates + most];
    to = new long[candidates + most];
    int n = 0;
    for (; more && n < from.length; more = truth.next()) {
      from[n] = truth.address();
      to[n++] = truth.isInstruction() ? truth.address() : truth.target();
    }
    rows = n;
    first = new int[Integer.highestOneBit(candidates) << 1];
    next = new int[candidates + 1];
    // backwards: the first in the truth is the first of its bucket
    for (int i = Math.min(candidates, rows - need + 1) - 1; i >= 0; i--) {
      int bucket = bucket(from, to, i);
      next[i + 1] = first[bucket];
      first[bucket] = i + 1;
    }
  }

  /// Rows between the start and the first row of the window.
  long skipped() {
    return skipped;
  }

  /// The first place where the `need` rows from `at` on agree, or -1.
  int find(long[] heldFrom, long[] heldTo, int at) {
    for (int i = first[bucket(heldFrom, heldTo, at)]; i != 0; i = next[i]) {
      if (agreeing(i - 1, heldFrom, heldTo, at, at + need) == need) {
        return i - 1;
      }
    }
    return -1;
  }

  /// The place where the most of the rows from `at` to `end` agree, `need` at least, or -1. Any turn of a loop looks
  /// like the next; how long it goes on tells them apart.
  int findLongest(long[] heldFrom, long[] heldTo, int at, int end) {
    int longest = need - 1;
    int found = -1;
    for (int i = first[bucket(heldFrom, heldTo, at)]; i != 0 && longest < end - at; i = next[i]) {
      int length = agreeing(i - 1, heldFrom, heldTo, at, end);
      if (length > longest) {
        longest = length;
        found = i - 1;
      }
    }
    return found;
  }

  /// The last row before `row` that is this one; `otherwise` if none is.
  int lastBefore(int row, long heldFrom, long heldTo, int otherwise) {
    int at = row - 1;
    while (at >= 0 && (from[at] != heldFrom || to[at] != heldTo)) {
      at--;
    }
    return at < 0 ? otherwise : at;
  }

  private int agreeing(int row, long[] heldFrom, long[] heldTo, int at, int end) {
    int most = Math.min(end - at, rows - row);
    int differs = Arrays.mismatch(from, row, row + most, heldFrom, at, at + most);
    int differsTo = Arrays.mismatch(to, row, row + most, heldTo, at, at + most);
    return Math.min(differs < 0 ? most : differs, differsTo < 0 ? most : differsTo);
  }

  private int bucket(long[] f, long[] t, int at) {
    int hash = 0;
    for (int i = at; i < at + need; i++) {
      hash = (hash ^ Long.hashCode(f[i])) * PRIME ^ Long.hashCode(t[i] - f[i]);
    }
    return (hash ^ hash >>> 16) & first.length - 1;
  }
}
