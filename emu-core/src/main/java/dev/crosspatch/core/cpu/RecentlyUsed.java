package dev.crosspatch.core.cpu;

import dev.crosspatch.core.time.Geometry;
import java.util.Arrays;

/// Keys that a core has met lately, in sets of so many, least recently used first to go: what a first-level TLB or a
/// walk cache knows. For time only.
final class RecentlyUsed {
  private static final long NONE = -1;

  private final int ways;
  private final int setMask;
  private final long[] keys;

  RecentlyUsed(Geometry size) {
    ways = size.ways();
    setMask = size.sets() - 1;
    keys = new long[size.entries()];
    Arrays.fill(keys, NONE);
  }

  /// Whether it can hold anything.
  boolean exists() {
    return ways != 0;
  }

  /// Whether `key` is there; it is the most recently used one from now on.
  ///
  /// @param key not -1
  boolean touch(long key) {
    int set = (int) (key & setMask) * ways;
    if (keys[set] == key) {
      return true;
    }
    int at = set;
    while (at < set + ways - 1 && keys[at] != key) {
      at++;
    }
    boolean found = keys[at] == key;
    System.arraycopy(keys, set, keys, set + 1, at - set);
    keys[set] = key;
    return found;
  }
}
