package dev.crosspatch.core.mem;

import dev.crosspatch.core.time.Geometry;

/// L1 data cache of one core: tags and states only, for time; the bytes are in [PhysicalMemory]. MESI states.
public final class DataCache {
  static final int SHARED = 1;
  static final int EXCLUSIVE = 2;
  static final int MODIFIED = 3;
  /// What the core's loads and stores try first.
  public final HotLines hot = new HotLines();

  final Cache lines;
  private final CacheSystem system;
  private final int core;
  private long misses;

  DataCache(CacheSystem system, int core, Geometry size) {
    this.system = system;
    this.core = core;
    lines = new Cache(size);
  }

  /// Brings `line` in, for writing if `write`. Returns what that costs beyond a hit, in
  /// [dev.crosspatch.core.time.ClockUnit]s.
  public int access(int line, boolean write) {
    int state = lines.use(line);
    if (state >= EXCLUSIVE) {
      if (write && state == EXCLUSIVE) {
        lines.set(line, MODIFIED);
        system.wrote(core, line);
      }
      return 0;
    }
    if (state == SHARED && !write) {
      return 0;
    }
    misses++;
    return system.acquire(core, line, write, state == SHARED);
  }

  /// Whether a store to `line` needs no word with other cores.
  public boolean modified(int line) {
    return lines.state(line) == MODIFIED;
  }

  /// Whether a load from `line` finds it here.
  public boolean holds(int line) {
    return lines.state(line) != Cache.EMPTY;
  }

  /// Accesses that did not find their line in a fitting state.
  public long misses() {
    return misses;
  }

  /// Line that makes room for `line`, as `line << 2 | state`. Lines used by the short way were not seen by the tags, so
  /// they get a second chance.
  int chooseVictim(int line) {
    int victim = lines.victim(line);
    while ((victim & 3) != Cache.EMPTY && hot.forget(victim >>> 2)) {
      lines.use(victim >>> 2);
      victim = lines.victim(line);
    }
    return victim;
  }
}
