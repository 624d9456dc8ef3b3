package dev.crosspatch.core.mem;

import dev.crosspatch.core.time.Distance;
import dev.crosspatch.core.time.Geometry;
import dev.crosspatch.core.time.Structure;
import dev.crosspatch.core.time.TimingModel;
import java.util.Arrays;

/// The L1 data caches, the caches behind them and the directory between them. They decide what an access costs, and
/// when a dirty line reaches the point of unification by itself.
public final class CacheSystem {
  private static final byte NOBODY = -1;

  /// Hears that lines move between cores, and that cores lose them.
  public interface Moves {
    /// Core `to` gets `line`, which core `from` has stored to last.
    void moved(int line, int from, int to);

    /// Core `to` is to store to `line`, which cores `others`, a bit for each, lose.
    default void taken(int line, long others, int to) {}
  }

  private final PhysicalMemory memory;
  private final transient Moves moves;
  private final CodeSpace code;
  private final boolean writesBack;
  private final transient TimingModel timing;
  private final Geometry first;
  private final SharedCaches shared;
  private final DataCache[] caches;
  /// Bit per core that holds the line.
  private final long[] sharers;
  /// The core that stored to the line last, or [#NOBODY].
  private final byte[] writers;

  /// @param writesBack whether dirty lines leave L1 by themselves; false keeps code that was stored but not cleaned
  ///                   unseen by fetch for as long as the architecture allows
  /// @param moves      hears what lines go from one core to another
  public CacheSystem(int cores, PhysicalMemory memory, CodeSpace code, TimingModel timing, boolean writesBack,
      Moves moves) {
    this.memory = memory;
    this.moves = moves;
    this.code = code;
    this.writesBack = writesBack;
    this.timing = timing;
    first = timing.table().size(Structure.L1D);
    shared = new SharedCaches(cores, timing);
    caches = new DataCache[cores];
    for (int i = 0; i < cores; i++) {
      caches[i] = new DataCache(this, i, first);
    }
    sharers = new long[memory.lines()];
    writers = new byte[memory.lines()];
    Arrays.fill(writers, NOBODY);
  }

  /// The L1 data cache of a core.
  public DataCache cache(int core) {
    return caches[core];
  }

  /// Cost of a refill of `line` into the instruction cache of a core, in [dev.crosspatch.core.time.ClockUnit]s.
  public int fetch(int core, int line) {
    int holder = holderOf(line);
    return shared.fetch(core, line, holder < 0 ? 0 : timing.transfer(timing.distance(core, holder)));
  }

  /// DC CVAU: what the data side has of `line` reaches the point of unification.
  public void clean(int line) {
    int holder = holderOf(line);
    if (holder >= 0) {
      caches[holder].lines.set(line, DataCache.EXCLUSIVE);
      caches[holder].hot.forgetWrites(line);
    }
    writeBack(line);
  }

  /// CLFLUSH, DC CIVAC: `line` leaves the data caches and L2; what was dirty has reached the point of unification, too.
  public void flush(int line) {
    clean(line);
    takeAway(line, sharers[line]);
    sharers[line] = 0;
    shared.drop(line);
  }

  /// A device stores to `line`: it leaves the data caches and L2, and what is dirty there is part of what is stored.
  public void takeFromAll(int line) {
    takeAway(line, sharers[line]);
    sharers[line] = 0;
    writers[line] = NOBODY;
    shared.drop(line);
  }

  /// WBINVD: every line leaves the L1 data cache of a core, and the caches behind it.
  public void flushAll(int core) {
    for (int set = 0; set < first.sets(); set++) {
      for (int way = 0; way < first.ways(); way++) {
        int line = lineAt(core, set, way);
        if (line >= 0) {
          flush(line);
        }
      }
    }
    shared.clear(core);
  }

  /// The line in a way of a set of a core's L1 data cache, or -1.
  public int lineAt(int core, int set, int way) {
    int entry = caches[core].lines.entry(set, way);
    return (entry & 3) == Cache.EMPTY ? -1 : entry >>> 2;
  }

  /// From now on somebody has to hear of stores to `line`, which is all that changes.
  public void tellWrites(int line) {
    for (DataCache cache : caches) {
      cache.hot.tellWrites(line);
    }
  }

  /// Makes the next store of every core to `line` take the long way: somebody wants to know of it.
  public void watch(int line) {
    for (DataCache cache : caches) {
      cache.hot.forgetWrites(line);
    }
  }

  /// A core stores to a line that it alone has.
  void wrote(int core, int line) {
    writers[line] = (byte) core;
    shared.own(core, line);
  }

  int acquire(int core, int line, boolean write, boolean present) {
    int writer = writers[line];
    if (writer != core && writer != NOBODY) {
      moves.moved(line, writer, core);
    }
    if (write) {
      wrote(core, line);
    }
    long others = sharers[line] & ~(1L << core);
    if (write && others != 0) {
      moves.taken(line, others, core);
    }
    int cost = others == 0 ? alone(core, line, present) : write ? take(core, line, others) : share(core, line);
    if (present) {
      caches[core].lines.set(line, DataCache.MODIFIED);
    } else {
      makeRoom(core, line);
      caches[core].lines.insert(line, write ? DataCache.MODIFIED : others == 0
          ? DataCache.EXCLUSIVE : DataCache.SHARED);
    }
    sharers[line] = write ? 1L << core : sharers[line] | 1L << core;
    return cost;
  }

  private int alone(int core, int line, boolean present) {
    return present ? 0 : shared.load(core, line);
  }

  /// Takes a line away from `others`: it takes as long as to the farthest of them.
  private int take(int core, int line, long others) {
    takeAway(line, others);
    Distance farthest = Distance.CLUSTER;
    for (long left = others; left != 0; left &= left - 1) {
      farthest = Distance.farther(farthest, timing.distance(core, Long.numberOfTrailingZeros(left)));
    }
    return timing.transfer(farthest);
  }

  private void takeAway(int line, long others) {
    for (long left = others; left != 0; left &= left - 1) {
      DataCache cache = caches[Long.numberOfTrailingZeros(left)];
      cache.lines.set(line, Cache.EMPTY);
      cache.hot.forget(line);
    }
  }

  private int share(int core, int line) {
    int holder = holderOf(line);
    if (holder < 0) {
      long who = sharers[line];
      int nearest = Integer.MAX_VALUE;
      for (long left = who; left != 0; left &= left - 1) {
        nearest = Math.min(nearest, timing.transfer(timing.distance(core, Long.numberOfTrailingZeros(left))));
      }
      DataCache owner = caches[Long.numberOfTrailingZeros(who)];
      owner.lines.set(line, DataCache.SHARED);
      owner.hot.forgetWrites(line);
      return shared.share(core, line, nearest);
    }
    caches[holder].lines.set(line, DataCache.SHARED);
    caches[holder].hot.forgetWrites(line);
    if (writesBack) {
      writeBack(line);
    }
    return timing.transfer(timing.distance(core, holder));
  }

  private void makeRoom(int core, int line) {
    int victim = caches[core].chooseVictim(line);
    if ((victim & 3) == Cache.EMPTY) {
      return;
    }
    int out = victim >>> 2;
    sharers[out] &= ~(1L << core);
    caches[core].lines.set(out, Cache.EMPTY);
    if ((victim & 3) == DataCache.MODIFIED && writesBack) {
      writeBack(out);
    }
    shared.fill(core, out);
  }

  private void writeBack(int line) {
    if (memory.clean(line)) {
      code.changed(line);
    }
  }

  /// The core whose L1 holds `line` modified, or -1.
  private int holderOf(int line) {
    long who = sharers[line];
    if (who == 0 || (who & who - 1) != 0) {
      return -1;
    }
    int core = Long.numberOfTrailingZeros(who);
    return caches[core].modified(line) ? core : -1;
  }
}
