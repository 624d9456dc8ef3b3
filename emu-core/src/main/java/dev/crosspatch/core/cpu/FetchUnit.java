package dev.crosspatch.core.cpu;

import dev.crosspatch.core.choice.Choice;
import dev.crosspatch.core.event.Channel;
import dev.crosspatch.core.event.Event.VersionExecuted;
import dev.crosspatch.core.mem.CacheSystem;
import dev.crosspatch.core.mem.CodeLine;
import dev.crosspatch.core.mem.CodeSpace;
import dev.crosspatch.core.mem.DecodedLine;
import dev.crosspatch.core.mem.HotLines;
import dev.crosspatch.core.mem.PhysicalMemory;
import dev.crosspatch.core.time.EventCost;
import dev.crosspatch.core.time.Geometry;
import dev.crosspatch.core.time.Structure;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Instruction fetch of one core: its L1 instruction cache, which holds versions of lines, and what the core had
/// fetched ahead when a line changed ([Retained]).
///
/// The *short way* maps virtual lines to versions in the instruction cache that are current and uncontested; the engine
/// stays on it while nothing changes. Everything else goes through [#fetch], at every instruction if need be
/// ([#careful]).
final class FetchUnit {
  private static final int SHORT = 1024;
  private static final int PAGE_LINES = 64;
  private static final long NO_KEY = 2;

  private final Core core;
  private final Uncore machine;
  private final transient Channel<VersionExecuted> versions;
  private final PhysicalMemory memory;
  private final CodeSpace code;
  private final CacheSystem caches;
  private final FetchPolicy policy;
  private final Retained retained;
  /// What is executed of a line may be parts of several versions.
  private final boolean mixes;

  // ---- L1 instruction cache, by set * ways + way
  private final int setMask;
  private final int ways;
  private final @Nullable CodeLine[] held;
  /// When the core left each for another; where it is, anything.
  private final long[] used;
  private final long[] fetchedFrom;

  // ---- the short way, by virtual line
  private final long[] key = new long[SHORT];
  private final @Nullable CodeLine[] target = new @Nullable CodeLine[SHORT];
  /// The same as decoded in the core's mode, or null: nobody has asked yet.
  private final transient @Nullable DecodedLine[] decoded = new @Nullable DecodedLine[SHORT];
  private final int[] way = new int[SHORT];
  private final boolean[] guards = new boolean[SHORT];

  /// The version fetched last may not be the one to use for the next instruction, or is stale: fetch anew for each
  /// instruction.
  boolean careful;
  /// It lies in a guarded page ([Translations#GUARDED]).
  private boolean guarded;

  long hits;
  long misses;
  /// Where the core fetched last.
  private int lastWay;
  /// By virtual line, the version that the machine was told of last.
  private final Map<Long, CodeLine> told = new HashMap<>();

  FetchUnit(Core core, Uncore machine) {
    this.core = core;
    this.machine = machine;
    memory = machine.memory();
    code = machine.code();
    caches = machine.caches();
    policy = machine.traits().fetch();
    Geometry size = machine.timing().table().size(Structure.L1I);
    setMask = size.sets() - 1;
    ways = size.ways();
    held = new @Nullable CodeLine[size.entries()];
    used = new long[size.entries()];
    fetchedFrom = new long[size.entries()];
    mixes = !policy.unit().isLine() && policy.unit().straddled();
    versions = machine.probe().versions;
    retained = new Retained(core, policy, code);
    forgetTranslations();
  }

  /// The line of `pc` by the short way, or null.
  @Nullable DecodedLine hit(long pc, boolean user) {
    int i = index(pc);
    if (key[i] != HotLines.key(pc, user)) {
      return null;
    }
    hit(way[i]);
    DecodedLine line = decoded[i];
    return line == null ? decode(i) : line;
  }

  /// The joined line of the instruction at `pc`, which runs from `first`, where the core is, into the next line; null
  /// if that is not on the short way, or nobody has joined them.
  @Nullable DecodedLine hit(DecodedLine first, long pc, boolean user) {
    long next = (pc | Frame.LINE_MASK) + 1;
    int i = index(next);
    CodeLine second = target[i];
    if (second == null || key[i] != HotLines.key(next, user)) {
      return null;
    }
    DecodedLine joined = first.join((int) pc & Frame.LINE_MASK, second);
    if (joined != null) {
      hit(way[i]);
    }
    return joined;
  }

  private static int index(long va) {
    return (int) (va >>> PhysicalMemory.LINE_SHIFT) & SHORT - 1;
  }

  private void hit(int at) {
    if (at != lastWay) {
      hits++;
      enter(at);
    }
  }

  private @Nullable DecodedLine decode(int i) {
    CodeLine version = target[i];
    DecodedLine line = version == null ? null : version.in(core.codeMode);
    decoded[i] = line;
    return line;
  }

  /// Whether the line of `va`, where the core is, lies in a guarded page.
  boolean isGuarded(long va) {
    int i = index(va);
    return key[i] == HotLines.key(va, core.user) ? guards[i] : guarded;
  }

  /// Whether the line of `va` is known to lie in a page that is not guarded.
  boolean isOpen(long va) {
    int i = index(va);
    return key[i] == HotLines.key(va, core.user) && !guards[i];
  }

  /// The core's mode has changed: lines are decoded otherwise.
  void forgetDecoded() {
    Arrays.fill(decoded, null);
  }

  /// The version of the line of `va` that the core executes now; null if the fetch faults. Sets [#careful].
  @Nullable CodeLine fetch(long va) {
    return fetch(va, Long.MAX_VALUE);
  }

  /// The same of the next line, for the rest of an instruction.
  ///
  /// @param began when its first line was fetched
  @Nullable CodeLine fetchRest(long va, long began) {
    boolean first = guarded;
    CodeLine rest = fetch(va, policy.visibility().isJoint() ? began : Long.MAX_VALUE);
    guarded = first;
    return rest;
  }

  /// @param latest as which time's what is kept is fetched, if that is before now
  private @Nullable CodeLine fetch(long va, long latest) {
    DecodedLine quick = hit(va, core.user);
    if (quick != null) {
      careful = false;
      return quick.code;
    }
    core.fetching(false);
    CodeLine version = fetchSlowly(va, latest);
    core.fetching(true);
    return version;
  }

  private @Nullable CodeLine fetchSlowly(long va, long latest) {
    long pa = core.data.translate(va, Core.FETCH, core.user);
    if (pa == -1) {
      return null;
    }
    if (!memory.contains(pa)) {
      machine.stop(String.format("CPU %d fetches from 0x%x, which is not RAM", core.id, pa));
      return null;
    }
    guarded = core.translations.tlb.isGuarded(va);
    int line = memory.offset(pa) >> PhysicalMemory.LINE_SHIFT;
    long now = Math.min(latest, core.clock);
    CodeLine ahead = mixes ? null : retained.choose(line, (int) va & PhysicalMemory.LINE - 1, now);
    if (ahead != null) {
      hits++;
      careful = true;
      tell(va, ahead);
      return ahead;
    }
    CodeLine version = cached(line, va);
    retained.fetched(version);
    careful = version.superseded || retained.holds(line);
    if (!careful) {
      remember(va, version);
    } else if (mixes) {
      version = retained.mix(version, now);
    }
    tell(va, version);
    return version;
  }

  /// Tells which version of a line that was ever stored to is executed, if it is another one than last. (Only here, on
  /// the long way, can that change.)
  private void tell(long va, CodeLine version) {
    if ((memory.flags(version.line) & PhysicalMemory.STORED) != 0 && versions.isHeard()) {
      long at = va & -PhysicalMemory.LINE;
      if (told.put(at, version) != version) {
        versions.tell(new VersionExecuted(core.id, core.cycles(), at,
            memory.address(version.line << PhysicalMemory.LINE_SHIFT), version.born, version.bytes));
      }
    }
  }

  private void remember(long va, CodeLine version) {
    int i = index(va);
    key[i] = HotLines.key(va, core.user);
    target[i] = version;
    decoded[i] = null;
    way[i] = lastWay;
    guards[i] = guarded;
  }

  /// The version in the instruction cache, refilled if need be.
  private CodeLine cached(int line, long va) {
    int at = find(line);
    CodeLine version = at < 0 ? null : held[at];
    if (version == null) {
      misses++;
      core.refill(caches.fetch(core.id, line));
      version = code.current(line);
      caches.watch(line);
      at = insert(version);
      fetchedFrom[at] = va & -PhysicalMemory.LINE;
    } else if (at != lastWay) {
      hits++;
    }
    enter(at);
    return version;
  }

  /// The core leaves the line where it fetched last for another one. (How often it comes back to one line counts for
  /// nothing: that hangs on how far the line is decoded, and on turns.)
  private void enter(int at) {
    used[lastWay] = core.clock;
    lastWay = at;
  }

  private int find(int line) {
    int set = (line & setMask) * ways;
    for (int i = set; i < set + ways; i++) {
      CodeLine version = held[i];
      if (version != null && version.line == line) {
        return i;
      }
    }
    return -1;
  }

  private int insert(CodeLine version) {
    int set = (version.line & setMask) * ways;
    int at = set;
    used[lastWay] = core.clock;
    for (int i = set; i < set + ways; i++) {
      if (held[i] == null) {
        at = i;
        break;
      }
      if (used[i] < used[at]) {
        at = i;
      }
    }
    drop(at);
    held[at] = version;
    return at;
  }

  private void drop(int at) {
    CodeLine version = held[at];
    if (version != null) {
      forget(version.line);
      held[at] = null;
    }
  }

  /// Takes a line off the short way.
  private void forget(int line) {
    for (int i = line & PAGE_LINES - 1; i < SHORT; i += PAGE_LINES) {
      CodeLine version = target[i];
      if (version != null && version.line == line) {
        key[i] = NO_KEY;
        target[i] = null;
        decoded[i] = null;
      }
    }
  }

  /// Takes everything off the short way (translations changed).
  void forgetTranslations() {
    Arrays.fill(key, NO_KEY);
    Arrays.fill(target, null);
    forgetDecoded();
  }

  /// A context synchronization event: what was fetched ahead is gone.
  void synchronize() {
    retained.clear();
    core.resynchronize();
  }

  /// Makes the next instruction from a line be fetched the long way.
  void takeCare(int line) {
    forget(line);
    core.resynchronize();
  }

  /// Forgets all that was fetched of a line.
  void discard(int line) {
    int at = find(line);
    if (at >= 0) {
      drop(at);
    }
    retained.drop(line);
    core.resynchronize();
  }

  /// A line changed for those who refill from the point of unification.
  ///
  /// @param writer     number of the core whose store or maintenance did it, or that of none
  /// @param time       when
  /// @param storedFrom virtual address of that store
  /// @param whole      whether it is fetched whole or not at all, as it lies within an atom ([FetchPolicy.Unit])
  void lineChanged(CodeLine old, int writer, long time, long storedFrom, boolean whole) {
    forget(old.line);
    if (policy.adversarial()) {
      adversarialChange(old, writer, time, storedFrom, whole);
    } else {
      typicalChange(old, writer, time, whole);
    }
    core.resynchronize();
  }

  private void typicalChange(CodeLine old, int writer, long time, boolean whole) {
    int at = find(old.line);
    if (!policy.snooped() || at < 0) {
      return;
    }
    CodeLine version = held[at];
    if (writer == core.id && policy.ownStores()) {
      core.spend(EventCost.SMC_CLEAR);
      retained.clear();
    } else if (version != null && recently(at)) {
      retained.keepFor(version, time, whole);
    }
    drop(at);
  }

  /// Whether the line can still be in the pipeline.
  private boolean recently(int at) {
    return at == lastWay || used[at] >= core.clock - policy.visibility().most();
  }

  private void adversarialChange(CodeLine old, int writer, long time, long storedFrom, boolean whole) {
    int at = find(old.line);
    boolean noticed = writer == core.id && policy.ownStores()
        && (at < 0 || fetchedFrom[at] == (storedFrom & -PhysicalMemory.LINE));
    if (noticed) {
      retained.drop(old.line);
    } else {
      retained.keepPerhaps(old, time, whole);
    }
    if (policy.snooped()) {
      if (at >= 0) {
        drop(at);
      }
    } else if (at < 0 && core.choose(Choice.REFILLED, 2) == 0) {
      used[insert(old)] = core.clock;
    } else if (at >= 0 && core.choose(Choice.EVICTED, 2) == 0) {
      drop(at);
    }
  }

  /// An instruction-cache invalidation of a line reached this core.
  void invalidate(int line, boolean own, long time) {
    int at = find(line);
    CodeLine version = at < 0 ? null : held[at];
    if (version != null) {
      if (version.superseded && !own) {
        if (policy.adversarial()) {
          retained.keepPerhaps(version, time, false);
        } else if (recently(at)) {
          retained.keepFor(version, time, false);
        }
      }
      drop(at);
    }
    if (own) {
      retained.drop(line);
    } else {
      retained.invalidated(line, code.changes());
    }
    core.resynchronize();
  }

  void invalidateAll(boolean own, long time) {
    for (CodeLine version : held.clone()) {
      if (version != null) {
        invalidate(version.line, own, time);
      }
    }
    if (own) {
      retained.clear();
    } else {
      retained.invalidatedAll(code.changes());
    }
  }
}
