package dev.crosspatch.core.mem;

import dev.crosspatch.core.time.Geometry;
import java.util.Arrays;

/// Tags of a set-associative cache with a small state per line, least recently used line replaced first.
///
/// A set is kept in order of use, most recent first. An entry is `line << 2 | state`; state 0 is an empty way.
final class Cache {
  static final int EMPTY = 0;
  private final int ways;
  private final int setMask;
  private final int[] entry;

  Cache(Geometry size) {
    ways = size.ways();
    setMask = size.sets() - 1;
    entry = new int[size.entries()];
  }

  /// State of `line`, [#EMPTY] if absent. A present line becomes the most recently used.
  int use(int line) {
    int at = find(line);
    if (at < 0) {
      return EMPTY;
    }
    int found = entry[at];
    int set = (line & setMask) * ways;
    System.arraycopy(entry, set, entry, set + 1, at - set);
    entry[set] = found;
    return found & 3;
  }

  /// State of `line`, [#EMPTY] if absent.
  int state(int line) {
    int at = find(line);
    return at < 0 ? EMPTY : entry[at] & 3;
  }

  /// Changes the state of a line that is present; [#EMPTY] drops it.
  void set(int line, int state) {
    int at = find(line);
    if (at >= 0) {
      entry[at] = state == EMPTY ? EMPTY : line << 2 | state;
    }
  }

  /// The entry that [#insert] of `line` would push out (`line << 2 | state`; state 0 = none).
  int victim(int line) {
    return entry[(line & setMask) * ways + ways - 1];
  }

  /// The entry in a way of a set (`line << 2 | state`).
  int entry(int set, int way) {
    return entry[set * ways + way];
  }

  /// Puts an absent line in as the most recently used, in place of the last one.
  void insert(int line, int state) {
    int set = (line & setMask) * ways;
    int hole = set;
    while (hole < set + ways - 1 && (entry[hole] & 3) != EMPTY) {
      hole++;
    }
    System.arraycopy(entry, set, entry, set + 1, hole - set);
    entry[set] = line << 2 | state;
  }

  void clear() {
    Arrays.fill(entry, EMPTY);
  }

  private int find(int line) {
    int set = (line & setMask) * ways;
    for (int i = set; i < set + ways; i++) {
      if (entry[i] >>> 2 == line && (entry[i] & 3) != EMPTY) {
        return i;
      }
    }
    return -1;
  }
}
