package dev.crosspatch.core.mem;

import dev.crosspatch.core.time.Count;
import dev.crosspatch.core.time.EventCost;
import dev.crosspatch.core.time.Structure;
import dev.crosspatch.core.time.TimingModel;
import org.jspecify.annotations.Nullable;

/// The caches behind those of single cores: an L2 for so many cores, and an L3 for so many, which takes what an L2
/// drops. Tags only. Neither needs to hold what an L1 cache does.
final class SharedCaches {
  private final TimingModel timing;
  private final int l2Cores;
  private final int l3Cores;
  private final Cache[] l2;
  /// Empty if there is none.
  private final Cache[] l3;

  private final int l2Hit;
  private final int l3Hit;
  private final int beyond;
  private final int fetchL2Hit;
  private final int fetchL3Hit;

  SharedCaches(int cores, TimingModel timing) {
    this.timing = timing;
    l2Cores = timing.table().count(Count.L2_CORES);
    l3Cores = timing.table().count(Count.L3_CORES);
    l2 = caches((cores - 1) / l2Cores + 1, timing, Structure.L2);
    boolean third = timing.table().size(Structure.L3).exists();
    l3 = caches(third ? (cores - 1) / l3Cores + 1 : 0, timing, Structure.L3);
    l2Hit = timing.cost(EventCost.L2_HIT);
    l3Hit = timing.cost(EventCost.L3_HIT);
    beyond = timing.cost(EventCost.MEMORY);
    fetchL2Hit = timing.cost(EventCost.FETCH_L2_HIT);
    fetchL3Hit = timing.cost(EventCost.FETCH_L3_HIT);
  }

  private static Cache[] caches(int number, TimingModel timing, Structure which) {
    Cache[] caches = new Cache[number];
    for (int i = 0; i < number; i++) {
      caches[i] = new Cache(timing.table().size(which));
    }
    return caches;
  }

  private Cache l2(int core) {
    return l2[core / l2Cores];
  }

  private @Nullable Cache l3(int core) {
    return l3.length == 0 ? null : l3[core / l3Cores];
  }

  /// Brings `line`, which no L1 cache has, to a core: what that costs a load or store.
  int load(int core, int line) {
    if (l2(core).use(line) != Cache.EMPTY) {
      return l2Hit;
    }
    int cost = behind(core, line, l3Hit, beyond);
    fill(core, line);
    return cost;
  }

  /// Brings `line` to a core's L1 instruction cache: what that costs the fetch.
  ///
  /// @param transfer what it costs to take it from the core that has it modified, or 0
  int fetch(int core, int line, int transfer) {
    if (l2(core).use(line) != Cache.EMPTY) {
      return Math.max(transfer, fetchL2Hit);
    }
    int cost = transfer != 0 ? transfer : behind(core, line, fetchL3Hit, fetchL2Hit + beyond);
    fill(core, line);
    return cost;
  }

  /// Where a line that is not in a core's own L2 comes from: its L3, caches of other cores, memory.
  private int behind(int core, int line, int third, int memory) {
    Cache own = l3(core);
    if (own != null && own.use(line) != Cache.EMPTY) {
      return third;
    }
    return Math.min(nearest(l2, l2Cores, core, line, memory), nearest(l3, l3Cores, core, line, memory));
  }

  /// What it costs to take a line from the nearest of the caches of a level that have it, or `otherwise`, if that is
  /// less.
  private int nearest(Cache[] level, int cores, int core, int line, int otherwise) {
    int best = otherwise;
    for (int i = 0; level.length > 1 && i < level.length; i++) {
      if (level[i].state(line) != Cache.EMPTY) {
        best = Math.min(best, timing.transfer(timing.distance(core, i * cores)));
      }
    }
    return best;
  }

  /// A core has `line` in its L2 from now on.
  void fill(int core, int line) {
    Cache own = l2(core);
    if (own.use(line) != Cache.EMPTY) {
      return;
    }
    Cache third = l3(core);
    int victim = own.victim(line);
    own.insert(line, DataCache.SHARED);
    if (third != null && (victim & 3) != Cache.EMPTY && third.use(victim >>> 2) == Cache.EMPTY) {
      third.insert(victim >>> 2, DataCache.SHARED);
    }
  }

  /// What a load of `line` costs that L1 caches of other cores share.
  ///
  /// @param transfer what it costs to take it from the nearest of them
  int share(int core, int line, int transfer) {
    if (l2.length == 1 || l2(core).use(line) != Cache.EMPTY) {
      return l2Hit;
    }
    Cache third = l3(core);
    int cost = third != null && third.use(line) != Cache.EMPTY ? Math.min(l3Hit, transfer) : transfer;
    fill(core, line);
    return cost;
  }

  /// A core is about to store to `line`: caches of others lose it.
  void own(int core, int line) {
    dropBut(l2, core / l2Cores, line);
    dropBut(l3, core / l3Cores, line);
  }

  private static void dropBut(Cache[] level, int own, int line) {
    for (int i = 0; level.length > 1 && i < level.length; i++) {
      if (i != own) {
        level[i].set(line, Cache.EMPTY);
      }
    }
  }

  /// No cache has `line` any more.
  void drop(int line) {
    for (Cache cache : l2) {
      cache.set(line, Cache.EMPTY);
    }
    for (Cache cache : l3) {
      cache.set(line, Cache.EMPTY);
    }
  }

  /// Empties those that a core uses.
  void clear(int core) {
    l2(core).clear();
    Cache third = l3(core);
    if (third != null) {
      third.clear();
    }
  }
}
