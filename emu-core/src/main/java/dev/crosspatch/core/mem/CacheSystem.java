package dev.crosspatch.core.mem;

import dev.crosspatch.core.time.EventCost;
import dev.crosspatch.core.time.TimingModel;
import java.util.Arrays;

/// The L1 data caches, the shared L2 and the directory between them. They decide what an access costs, and when a dirty
/// line reaches the point of unification by itself.
public final class CacheSystem {
  /// Geometry of L2, for the registers that tell it.
  public static final int L2_SETS = 1024;

  public static final int L2_WAYS = 16;

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
  private final Cache l2 = new Cache(L2_SETS, L2_WAYS);
  private final DataCache[] caches;
  /// Bit per core that holds the line.
  private final long[] sharers;
  /// The core that stored to the line last, or [#NOBODY].
  private final byte[] writers;

  private final int l2Hit;
  private final int beyond;
  private final int remote;
  private final int fetchL2Hit;

  /// @param writesBack whether dirty lines leave L1 by themselves; false keeps code that was stored but not cleaned
  ///                   unseen by fetch for as long as the architecture allows
  /// @param moves      hears what lines go from one core to another
  public CacheSystem(int cores, PhysicalMemory memory, CodeSpace code, TimingModel timing, boolean writesBack,
      Moves moves) {
    this.memory = memory;
    this.moves = moves;
    this.code = code;
    this.writesBack = writesBack;
    caches = new DataCache[cores];
    for (int i = 0; i < cores; i++) {
      caches[i] = new DataCache(this, i);
    }
    sharers = new long[memory.lines()];
    writers = new byte[memory.lines()];
    Arrays.fill(writers, NOBODY);
    l2Hit = timing.cost(EventCost.L2_HIT);
    beyond = timing.cost(EventCost.MEMORY);
    remote = timing.cost(EventCost.REMOTE_LINE);
    fetchL2Hit = timing.cost(EventCost.FETCH_L2_HIT);
  }

  /// The L1 data cache of a core.
  public DataCache cache(int core) {
    return caches[core];
  }

  /// Cost of an instruction-cache refill of `line`, in [dev.crosspatch.core.time.ClockUnit]s.
  public int fetch(int line) {
    int cost = holderOf(line) >= 0 ? remote : 0;
    if (l2.use(line) != Cache.EMPTY) {
      return Math.max(cost, fetchL2Hit);
    }
    l2.insert(line, DataCache.SHARED);
    return cost != 0 ? cost : fetchL2Hit + beyond;
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
    l2.set(line, Cache.EMPTY);
  }

  /// A device stores to `line`: it leaves the data caches and L2, and what is dirty there is part of what is stored.
  public void takeFromAll(int line) {
    takeAway(line, sharers[line]);
    sharers[line] = 0;
    writers[line] = NOBODY;
    l2.set(line, Cache.EMPTY);
  }

  /// WBINVD: every line leaves the L1 data cache of a core, and L2.
  public void flushAll(int core) {
    for (int set = 0; set < DataCache.SETS; set++) {
      for (int way = 0; way < DataCache.WAYS; way++) {
        int line = lineAt(core, set, way);
        if (line >= 0) {
          flush(line);
        }
      }
    }
    l2.clear();
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
    int cost = others == 0 ? alone(line, present) : write ? takeAway(line, others) : share(line);
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

  private int alone(int line, boolean present) {
    if (present) {
      return 0;
    }
    if (l2.use(line) != Cache.EMPTY) {
      return l2Hit;
    }
    l2.insert(line, DataCache.SHARED);
    return beyond;
  }

  private int takeAway(int line, long others) {
    for (long left = others; left != 0; left &= left - 1) {
      DataCache cache = caches[Long.numberOfTrailingZeros(left)];
      cache.lines.set(line, Cache.EMPTY);
      cache.hot.forget(line);
    }
    return remote;
  }

  private int share(int line) {
    int holder = holderOf(line);
    if (holder < 0) {
      long only = sharers[line];
      DataCache owner = caches[Long.numberOfTrailingZeros(only)];
      owner.lines.set(line, DataCache.SHARED);
      owner.hot.forgetWrites(line);
      return l2Hit;
    }
    caches[holder].lines.set(line, DataCache.SHARED);
    caches[holder].hot.forgetWrites(line);
    if (writesBack) {
      writeBack(line);
    }
    return remote;
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
    if (l2.use(out) == Cache.EMPTY) {
      l2.insert(out, DataCache.SHARED);
    }
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
