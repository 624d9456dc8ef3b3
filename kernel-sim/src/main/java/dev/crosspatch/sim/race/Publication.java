package dev.crosspatch.sim.race;

import dev.crosspatch.core.event.Event;
import dev.crosspatch.core.event.Event.Maintenance;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// How far stores to text have come towards instruction fetch, and who fetches nothing older any more.
///
/// A store is published when it has been cleaned to the point of unification, and instruction caches invalidated behind
/// that, as far as the machine asks for either; maintenance has happened when a barrier behind it has completed it. A
/// clean that only a DMB is behind has happened for whoever reads what its CPU stores next, and not for an invalidation
/// by that CPU, which a DMB does not hold back; nor is a store that needs no clean before an invalidation by its CPU,
/// but behind a DSB (DDI0487 B2.7.4.2).
final class Publication {

  /// Maintenance on its way: the writes that it brings along.
  private record Pending(Maintenance what, List<TextWrite> writes) {

    boolean cleans() {
      return switch (what) {
        case CLEAN, FLUSH -> true;
        case INVALIDATE, INVALIDATE_ALL, INVALIDATE_OWN -> false;
      };
    }
  }

  private final Clocks clocks;
  private final transient boolean cleans;
  private final transient boolean invalidates;
  private final transient boolean coherent;
  /// By CPU: maintenance that it has asked for and that no barrier has completed.
  private final List<List<Pending>> pending = new ArrayList<>();
  /// By CPU: the newest of its writes that is not behind a fence that waits for stores, or null.
  private final @Nullable TextWrite[] unfenced;
  /// By CPU: the newest that is behind such a fence, but that later instructions need not wait for.
  private final @Nullable TextWrite[] fenced;
  /// By CPU: the newest of all writes when its own were last visible to all, and the same at its last synchronization.
  private final long[] drained;
  private final long[] synced;
  private long writes;
  /// How often maintenance was completed.
  private long completions;

  /// @param cleans      whether stores have to be cleaned
  /// @param invalidates whether instruction caches have to be invalidated
  /// @param coherent    whether fetch keeps up with stores by itself
  Publication(Clocks clocks, boolean cleans, boolean invalidates, boolean coherent) {
    this.clocks = clocks;
    this.cleans = cleans;
    this.invalidates = invalidates;
    this.coherent = coherent;
    int cpus = clocks.cpus();
    unfenced = new @Nullable TextWrite[cpus];
    fenced = new @Nullable TextWrite[cpus];
    drained = new long[cpus];
    synced = new long[cpus];
    for (int cpu = 0; cpu < cpus; cpu++) {
      pending.add(new ArrayList<>());
    }
  }

  /// How many stores there have been.
  long writes() {
    return writes;
  }

  /// As long as it is the same, nothing has been published.
  long completions() {
    return completions;
  }

  /// A CPU stores.
  ///
  /// @param offset within its line
  TextWrite store(int cpu, long cycle, int offset, byte[] before, byte[] after) {
    int cpus = clocks.cpus();
    long step = clocks.step(cpu);
    TextWrite write = new TextWrite(cpu, cycle, ++writes, step, clocks.now(cpu), offset, before, after, new long[cpus],
        new long[cpus], new long[cpus]);
    if (!cleans) {
      write.cleaned[cpu] = step;
      if (!invalidates) {
        write.published[cpu] = step;
      }
    }
    unfenced[cpu] = write;
    return write;
  }

  /// A CPU asks for maintenance of some lines: of the writes that come before that, and where it invalidates, that are
  /// clean before that.
  void begin(int cpu, Maintenance what, Iterable<@Nullable StoredLine> lines) {
    Pending asked = new Pending(what, new ArrayList<>());
    for (StoredLine line : lines) {
      if (line != null) {
        line.writes().stream().filter(w -> asked.cleans() ? clocks.isBefore(w.cpu, w.step, cpu) : isClean(w, cpu))
            .forEach(asked.writes()::add);
      }
    }
    if (!asked.writes().isEmpty()) {
      pending.get(cpu).add(asked);
    }
  }

  private boolean isClean(TextWrite w, int cpu) {
    if (!cleans && w.cpu == cpu) {
      return w.number <= drained[cpu];
    }
    for (int by = 0; by < w.cleaned.length; by++) {
      if (w.cleaned[by] != 0 && (by == cpu ? w.isSettled(cpu) : clocks.isBefore(by, w.cleaned[by], cpu))) {
        return true;
      }
    }
    return false;
  }

  /// A CPU executes a fence.
  void fence(Event.FenceExecuted e) {
    int cpu = e.cpu();
    if (!pending.get(cpu).isEmpty()) {
      switch (e.maintenance()) {
        case NOTHING -> {}
        case CLEANS -> order(cpu);
        case OWN -> complete(cpu, p -> p.what() == Maintenance.INVALIDATE_OWN);
        case ALL -> complete(cpu, p -> true);
      }
    }
    if (e.stores() && e.instructions()) {
      drained[cpu] = writes;
    }
    if (e.stores() && unfenced[cpu] != null) {
      fenced[cpu] = unfenced[cpu];
      unfenced[cpu] = null;
    }
    if (e.instructions()) {
      fenced[cpu] = null;
    }
  }

  /// A DMB: who reads what the CPU stores behind it has its cleans before that.
  private void order(int cpu) {
    List<TextWrite> cleaned = pending.get(cpu).stream().filter(Pending::cleans).flatMap(p -> p.writes().stream())
        .filter(w -> w.cleaned[cpu] == 0).toList();
    if (!cleaned.isEmpty()) {
      long step = clocks.step(cpu);
      cleaned.forEach(w -> clean(w, cpu, step));
      completions++;
    }
  }

  /// A DSB: what the CPU asked for has happened; of one for this CPU alone, what concerns it alone.
  private void complete(int cpu, Predicate<Pending> which) {
    List<Pending> done = pending.get(cpu).stream().filter(which).toList();
    if (done.isEmpty()) {
      return;
    }
    long step = clocks.step(cpu);
    for (Pending p : done) {
      for (TextWrite w : p.writes()) {
        if (p.cleans()) {
          clean(w, cpu, step);
          w.settle(cpu);
        } else {
          first(p.what() == Maintenance.INVALIDATE_OWN ? w.own : w.published, cpu, step);
        }
      }
    }
    pending.get(cpu).removeAll(done);
    completions++;
  }

  private void clean(TextWrite w, int cpu, long step) {
    first(w.cleaned, cpu, step);
    if (!invalidates) {
      first(w.published, cpu, step);
    }
  }

  private static void first(long[] steps, int cpu, long step) {
    if (steps[cpu] == 0) {
      steps[cpu] = step;
    }
  }

  /// The newest store of a CPU that an interrupt which it sends now may overtake, or null.
  @Nullable TextWrite loose(int cpu) {
    return unfenced[cpu] == null ? fenced[cpu] : unfenced[cpu];
  }

  /// A CPU synchronizes its context.
  void synchronize(int cpu) {
    synced[cpu] = drained[cpu];
  }

  /// Whether what was there before a write is not fetched by a CPU any more. Where fetch does not keep up by itself, a
  /// CPU's own stores have to be visible before it synchronizes, unless it has heard of maintenance by another, to
  /// which they were.
  boolean isSeen(TextWrite w, int cpu) {
    boolean visible = w.cpu != cpu || coherent || w.number <= synced[cpu];
    if (visible && w.own[cpu] != 0 && clocks.isBeforeFetch(cpu, w.own[cpu], cpu)) {
      return true;
    }
    for (int by = 0; by < w.published.length; by++) {
      if (w.published[by] != 0 && (visible || by != cpu) && clocks.isBeforeFetch(by, w.published[by], cpu)) {
        return true;
      }
    }
    return false;
  }

  /// Whether nobody fetches what was there before a write.
  boolean isSeenByAll(TextWrite w) {
    for (int cpu = 0; cpu < clocks.cpus(); cpu++) {
      if (!isSeen(w, cpu)) {
        return false;
      }
    }
    return true;
  }
}
