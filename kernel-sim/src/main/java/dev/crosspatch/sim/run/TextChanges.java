package dev.crosspatch.sim.run;

import dev.crosspatch.core.event.Event;
import dev.crosspatch.core.event.Probe;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.sim.run.EventLog.Kind;
import dev.crosspatch.sim.truth.TruthLog;
import java.util.List;
import java.util.function.LongUnaryOperator;

/// Writes what cores do while text changes: from a store to it until every core has synchronized its context behind the
/// last store and, where instruction caches do not follow stores by themselves, behind the last invalidation; and from
/// an interrupt to another core until that has synchronized. Within that time the truth tells exact times.
final class TextChanges {
  private final EventLog.Writer out;
  private final transient Machine machine;
  private final transient List<TruthLog> truths;
  /// Address at which the text at a physical address runs.
  private final transient LongUnaryOperator running;
  private final transient long everyCpu;
  private final transient boolean snooped;
  /// A bit for each CPU that has not yet synchronized. None: no text changes.
  private long pending;

  /// @param truths  of all CPUs
  /// @param running address at which the text at a physical address runs
  TextChanges(EventLog.Writer out, Machine machine, List<TruthLog> truths, LongUnaryOperator running) {
    this.out = out;
    this.machine = machine;
    this.truths = truths;
    this.running = running;
    everyCpu = -1L >>> (Long.SIZE - machine.cpus());
    snooped = machine.traits().fetch().snooped();
    hear(machine.probe());
  }

  private void hear(Probe probe) {
    probe.textStores.hear(e -> await(everyCpu));
    probe.maintenanceCompleted.hear(this::maintained);
    probe.synchronizations.hear(e -> {
      add(Kind.SYNCHRONIZED, e, 0, 0);
      synchronizedBy(e);
    });
    probe.interruptsSent.hear(this::sent);
    probe.diversions.hear(e -> add(Kind.DIVERTED, e, e.from(), e.kind()));
    probe.barriers.hear(e -> add(Kind.BARRIER, e, 0, e.completed()));
  }

  private void add(Kind kind, Event e, long address, int detail) {
    if (pending != 0) {
      out.add(kind, e.cpu(), e.cycle(), address, detail);
    }
  }

  /// The guest reported a change of the text at `address`.
  void reported(int cpu, long cycle, long address) {
    out.add(Kind.REPORTED, cpu, cycle, address, 0);
  }

  private void maintained(Event.MaintenanceCompleted e) {
    boolean invalidated = switch (e.what()) {
      case CLEAN, FLUSH -> false;
      case INVALIDATE, INVALIDATE_ALL, INVALIDATE_OWN -> true;
    };
    if (invalidated && !snooped) {
      await(everyCpu);
    }
    add(invalidated ? Kind.INVALIDATED : Kind.CLEANED, e, e.line() == 0 ? 0 : running.applyAsLong(e.line()), 0);
  }

  private void sent(Event.InterruptSent e) {
    if (e.target() != e.cpu()) {
      await(1L << e.target());
    }
    add(Kind.SENT, e, e.vector(), e.target());
  }

  private void await(long who) {
    if (pending == 0) {
      for (int cpu = 0; cpu < truths.size(); cpu++) {
        machine.core(cpu).flushRows(false);
        truths.get(cpu).mark(Long.MAX_VALUE);
      }
    }
    pending |= who;
  }

  private void synchronizedBy(Event.ContextSynchronized e) {
    boolean last = pending == 1L << e.cpu();
    pending &= ~(1L << e.cpu());
    for (int cpu = 0; last && cpu < truths.size(); cpu++) {
      machine.core(cpu).flushRows(false);
      truths.get(cpu).mark(e.cycle());
    }
  }
}
