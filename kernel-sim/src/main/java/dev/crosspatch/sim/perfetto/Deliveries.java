package dev.crosspatch.sim.perfetto;

import dev.crosspatch.sim.run.EventLog;
import dev.crosspatch.sim.run.RunDirectory;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/// Interrupts on their way to one CPU, by their numbers in the log of events: sent, taken with the first interrupt that
/// the CPU takes behind that, answered by its next context synchronization.
final class Deliveries {
  private final int cpu;
  private final Listener listener;
  private final List<Long> sent = new ArrayList<>();
  private final List<Long> taken = new ArrayList<>();

  /// Hears how they go on.
  interface Listener {
    /// That interrupt was taken, at `cycle`.
    void taken(long number, long cycle);

    /// It was answered.
    void answered(long number, long cycle);
  }

  Deliveries(int cpu, Listener listener) {
    this.cpu = cpu;
    this.listener = listener;
  }

  /// Something happened that concerns the CPU.
  void hear(CpuEvents.Numbered event) {
    EventLog.Entry e = event.entry();
    if (e.kind() == EventLog.Kind.SENT && e.detail() == cpu) {
      sent.add(event.number());
    } else if (CpuEvents.isInterrupt(e)) {
      sent.forEach(number -> listener.taken(number, e.cycle()));
      taken.addAll(sent);
      sent.clear();
    } else if (e.kind() == EventLog.Kind.SYNCHRONIZED) {
      taken.forEach(number -> listener.answered(number, e.cycle()));
      taken.clear();
    }
  }

  /// The interrupts of a run that are sent and answered within a part of it.
  static BitSet within(RunDirectory run, Cycles part) {
    BitSet sent = new BitSet();
    BitSet answered = new BitSet();
    for (int cpu = 0; cpu < run.config().cpus(); cpu++) {
      Deliveries deliveries = new Deliveries(cpu, new Listener() {
        @Override
        public void taken(long number, long cycle) {}

        @Override
        public void answered(long number, long cycle) {
          answered.set(Math.toIntExact(number), part.contains(cycle));
        }
      });
      try (CpuEvents events = new CpuEvents(run, cpu)) {
        for (CpuEvents.Numbered e = events.next(); e != null; e = events.next()) {
          deliveries.hear(e);
          sent.set(Math.toIntExact(e.number()), part.contains(e.entry().cycle()));
        }
      }
    }
    answered.and(sent);
    return answered;
  }
}
