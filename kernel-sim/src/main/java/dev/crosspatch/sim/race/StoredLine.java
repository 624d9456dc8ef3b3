package dev.crosspatch.sim.race;

import dev.crosspatch.core.mem.PhysicalMemory;
import dev.crosspatch.core.state.Snapshot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// A line of text that was stored to, with all its versions that some CPU may still fetch.
final class StoredLine implements Snapshot.ByIdentity {
  /// Writes that are kept although some CPU has never synchronized: one that is parked.
  private static final int MOST = 256;

  /// Before all writes that are kept.
  private final byte[] base;
  private final List<TextWrite> writes;
  /// By CPU, what it may fetch.
  private final transient Map<Integer, LineView> views = new HashMap<>();
  /// A bit for each byte that is text no more.
  private long gone;
  private long stores;
  /// A bit for each CPU that may fetch what memory does not hold.
  private long open;
  /// The kernel has said something of some of it.
  private boolean claimed;

  StoredLine(byte[] base, List<TextWrite> writes) {
    this.base = base;
    this.writes = writes;
  }

  /// @param bytes of the line before the first store, which are kept
  static StoredLine of(byte[] bytes) {
    return new StoredLine(bytes, new ArrayList<>());
  }

  List<TextWrite> writes() {
    return writes;
  }

  /// Appends a store.
  void add(TextWrite write) {
    writes.add(write);
    stores++;
  }

  /// A CPU may fetch what memory does not hold. Returns whether that is news.
  boolean open(int cpu) {
    boolean news = (open >>> cpu & 1) == 0;
    open |= 1L << cpu;
    return news;
  }

  /// Whether a CPU may fetch what memory does not hold.
  boolean isOpen(int cpu) {
    return (open >>> cpu & 1) != 0;
  }

  /// A CPU fetches what memory holds.
  void close(int cpu) {
    open &= ~(1L << cpu);
  }

  /// A bit for each byte from `from` up to `to`, which is not among them.
  static long bits(int from, int to) {
    return from >= to ? 0 : -1L >>> (PhysicalMemory.LINE - (to - from)) << from;
  }

  /// Text in bytes `from` to `to` has gone, or has come.
  void set(int from, int to, boolean isGone) {
    gone = isGone ? gone | bits(from, to) : gone & ~bits(from, to);
  }

  /// A bit for each byte that is text no more.
  long gone() {
    return gone;
  }

  /// The kernel says something of some of it.
  void claim() {
    claimed = true;
  }

  boolean isClaimed() {
    return claimed;
  }

  /// Forgets what no CPU can fetch any more.
  ///
  /// @param settled whether all have seen it
  void forget(Predicate<TextWrite> settled) {
    int known = 0;
    while (known < writes.size() && (writes.size() - known > MOST || settled.test(writes.get(known)))) {
      writes.get(known++).apply(base);
    }
    writes.subList(0, known).clear();
  }

  /// What a CPU may fetch.
  ///
  /// @param seen  whether what was there before a write is not fetched any more
  /// @param stamp as long as it is the same, so is the view, but for further stores
  LineView view(int cpu, int unit, Predicate<TextWrite> seen, long stamp) {
    LineView view = views.get(cpu);
    if (view == null || view.stamp() != stamp + stores) {
      view = LineView.of(base, writes, unit, seen, stamp + stores);
      views.put(cpu, view);
    }
    return view;
  }

  /// The newest write behind which the line held these bytes, or null if it is not known any more.
  @Nullable TextWrite made(byte[] bytes) {
    byte[] line = base.clone();
    TextWrite made = null;
    for (TextWrite w : writes) {
      w.apply(line);
      if (Arrays.equals(line, bytes)) {
        made = w;
      }
    }
    return made;
  }

  /// The oldest write to these bytes that is not seen, or null.
  @Nullable TextWrite unseen(int from, int to, Predicate<TextWrite> seen) {
    return writes.stream().filter(w -> w.touches(from, to) && !seen.test(w)).findFirst().orElse(null);
  }
}
