package dev.crosspatch.sim.run;

import dev.crosspatch.core.event.Event;
import dev.crosspatch.core.event.Probe;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.state.Snapshot;
import dev.crosspatch.tracer.text.MappingEvent;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/// How long it takes from the begin of a flip until the last CPU is on its new text: until every CPU has synchronized
/// its context behind the last store to text that the flip makes or, where instruction caches do not follow stores by
/// themselves, behind the last invalidation (what is stored without one there is data). From then on nobody fetches
/// what stood there before.
///
/// A store or invalidation counts for the flip that its CPU makes; if that makes none (whoever comes last may write
/// while the machine is stopped), for the flip begun last of those that last. In the room for text that appears, what
/// is written before it appears counts as it does, and what is written behind its end not at all. A flip that stores
/// nothing, or that some CPU has not synchronized behind when the run ends, has no such time.
final class NewText {
  private final transient long everyCpu;
  /// Address of the room where it runs and in memory.
  private final transient long room;
  private final transient long roomMemory;
  private final transient int roomLength;
  private final transient LongConsumer found;
  /// Where in the room there is text.
  private final BitSet there = new BitSet();
  private final Map<Long, MappingEvent.Announced> mappings = new HashMap<>();
  private final List<Flip> open = new ArrayList<>();
  /// What was written last to the room where there was none.
  private Waiting absent = new Waiting();

  /// CPUs that have not synchronized behind the last of some stores: a bit for each; and the cycle of the last that
  /// happened of that, -1 if there was no store.
  private static final class Waiting implements Snapshot.ByIdentity {
    private long cpus;
    private long last = -1;

    void stored(long everyCpu, long cycle) {
      cpus = everyCpu;
      last = Math.max(last, cycle);
    }

    void synchronizedBy(Event e) {
      long bit = 1L << e.cpu();
      if ((cpus & bit) != 0) {
        cpus &= ~bit;
        last = Math.max(last, e.cycle());
      }
    }

    void add(Waiting other) {
      cpus |= other.cpus;
      last = Math.max(last, other.last);
    }
  }

  /// A flip that lasts, or that has ended before all CPUs had synchronized.
  private static final class Flip implements Snapshot.ByIdentity {
    private final int cpu;
    private final long begin;
    private final Waiting waiting;
    private boolean ended;

    Flip(int cpu, long begin, Waiting waiting) {
      this.cpu = cpu;
      this.begin = begin;
      this.waiting = waiting;
    }
  }

  /// @param room       where text that appears runs
  /// @param roomMemory its physical address
  /// @param length     bytes of it; 0 if there is none
  /// @param found      takes the cycles of each flip
  NewText(Machine machine, long room, long roomMemory, int length, LongConsumer found) {
    everyCpu = -1L >>> (Long.SIZE - machine.cpus());
    this.room = room;
    this.roomMemory = roomMemory;
    roomLength = length;
    this.found = found;
    hear(machine.probe(), machine.traits().fetch().snooped());
  }

  private void hear(Probe probe, boolean snooped) {
    if (snooped) {
      probe.textStores.hear(e -> changed(e.cpu(), e.address(), e.cycle()));
    } else {
      probe.maintenanceCompleted.hear(e -> {
        switch (e.what()) {
          case CLEAN, FLUSH, INVALIDATE_OWN -> {}
          case INVALIDATE -> changed(e.cpu(), e.line(), e.cycle());
          case INVALIDATE_ALL -> changed(e.cpu(), 0, e.cycle());
        }
      });
    }
    probe.synchronizations.hear(e -> {
      absent.synchronizedBy(e);
      if (!open.isEmpty()) {
        open.forEach(f -> f.waiting.synchronizedBy(e));
        settle();
      }
    });
  }

  private void changed(int cpu, long address, long cycle) {
    if (isAbsent(address)) {
      absent.stored(everyCpu, cycle);
      return;
    }
    Flip flip = of(cpu);
    if (flip != null) {
      flip.waiting.stored(everyCpu, cycle);
    }
  }

  private boolean isAbsent(long address) {
    long at = address - roomMemory;
    return at >= 0 && at < roomLength && !there.get((int) at);
  }

  /// The flip that a CPU's stores belong to.
  private @Nullable Flip of(int cpu) {
    Flip last = null;
    for (Flip flip : open) {
      if (!flip.ended) {
        if (flip.cpu == cpu) {
          return flip;
        }
        last = flip;
      }
    }
    return last;
  }

  /// The kernel tells of text at an address where it runs: it appears if there are no bytes `before`, and goes away if
  /// there are none `after`.
  void reported(int cpu, long address, int before, int after) {
    long at = address - room;
    int length = Math.max(before, after);
    if ((before != 0 && after != 0) || at < 0 || at + length > roomLength) {
      return;
    }
    there.set((int) at, (int) at + length, after != 0);
    Flip flip = of(cpu);
    if (after != 0 && flip != null) {
      flip.waiting.add(absent);
    }
  }

  /// Something happened to a mapping.
  void mapping(MappingEvent event) {
    if (event instanceof MappingEvent.Announced a) {
      mappings.put(a.mapping(), a);
      reported(a.cpu(), a.address(), 0, a.length());
    } else if (event instanceof MappingEvent.Withdrawn w) {
      MappingEvent.Announced a = mappings.remove(w.mapping());
      if (a != null) {
        reported(w.cpu(), a.address(), a.length(), 0);
      }
    }
  }

  /// A flip begins.
  void begun(int cpu, long cycle) {
    open.add(new Flip(cpu, cycle, new Waiting()));
  }

  /// The flip of a CPU has ended.
  void ended(int cpu) {
    open.forEach(f -> f.ended |= f.cpu == cpu);
    settle();
  }

  private void settle() {
    open.removeIf(f -> {
      boolean settled = f.ended && f.waiting.cpus == 0;
      if (settled && f.waiting.last >= 0) {
        found.accept(Math.max(0, f.waiting.last - f.begin)); // what appears may have been written before
      }
      return settled;
    });
  }
}
