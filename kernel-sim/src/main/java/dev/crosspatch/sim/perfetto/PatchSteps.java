package dev.crosspatch.sim.perfetto;

import dev.crosspatch.sim.Json;
import dev.crosspatch.sim.run.EventLog;
import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.run.TextStores;
import java.util.BitSet;

/// What one CPU does about text that changes, as instants on its track: stores to text, interrupts that it sends,
/// context synchronizations, maintenance, barriers, reports; with arrows from an interrupt sent to the same one taken
/// and to the synchronization that answers it.
final class PatchSteps implements AutoCloseable {
  private final int cpu;
  private final TraceEvents out;
  private final Track track;
  private final Cycles part;
  private final Subject subject;
  private final BitSet arrows;
  private final Ahead<TextStores.Store> stores;
  private final Ahead<CpuEvents.Numbered> events;
  private final Deliveries deliveries;
  /// When the next of them is due.
  private long due;

  /// @param arrows numbers of the interrupts, in the log of events, that get one
  PatchSteps(RunDirectory run, Subject subject, int cpu, Track track, BitSet arrows) {
    this.cpu = cpu;
    this.track = track;
    this.arrows = arrows;
    out = subject.out();
    part = subject.part();
    this.subject = subject;
    stores = new Ahead<>(run.stores().cursor(), s -> s.cpu() == cpu);
    events = new Ahead<>(new CpuEvents(run, cpu), e -> true);
    deliveries = new Deliveries(cpu, new Deliveries.Listener() {
      @Override
      public void taken(long number, long cycle) {
        arrow("t", number, cycle);
      }

      @Override
      public void answered(long number, long cycle) {
        arrow("f", number, cycle);
      }
    });
    due = next();
  }

  private void arrow(String phase, long number, long cycle) {
    if (part.contains(cycle) && arrows.get((int) number)) {
      out.arrow(phase, track, cycle, number);
    }
  }

  /// When the next thing is due; what another CPU did is told at once.
  private long next() {
    TextStores.Store store = stores.peek();
    CpuEvents.Numbered event = events.peek();
    long stored = store == null ? Long.MAX_VALUE : store.cycle();
    return event == null ? stored : event.entry().cpu() != cpu ? 0 : Math.min(stored, event.entry().cycle());
  }

  /// Writes all up to a cycle.
  void until(long cycle) {
    while (due <= cycle && due != Long.MAX_VALUE) {
      TextStores.Store store = stores.peek();
      if (store != null && store.cycle() == due) {
        stores.take();
        stored(store);
      } else {
        event();
      }
      due = next();
    }
  }

  private void stored(TextStores.Store store) {
    if (part.contains(store.cycle())) {
      store(subject, track, store);
    }
  }

  /// Writes a store.
  static void store(Subject subject, Track track, TextStores.Store store) {
    String what = subject.sites().kind(store);
    subject.out().instant(track, store.cycle(), "store",
        "store " + (what.isEmpty() ? "" : what + " ") + subject.place(store.address()), g -> {
          g.writeStringField("address", Json.address(store.address()));
          g.writeStringField("bytes", Json.hex(store.bytes()));
        });
  }

  private void event() {
    CpuEvents.Numbered event = events.take();
    if (event == null) {
      return;
    }
    EventLog.Entry e = event.entry();
    boolean tells = e.cpu() == cpu && part.contains(e.cycle());
    if (tells && e.kind() == EventLog.Kind.SENT) {
      sent(event);
      return;
    }
    if (tells) {
      write(e);
    }
    deliveries.hear(event);
  }

  private void write(EventLog.Entry e) {
    switch (e.kind()) {
      case SYNCHRONIZED -> out.instant(track, e.cycle(), "sync", "context synchronization", g -> {});
      case CLEANED -> line(e, "clean");
      case INVALIDATED -> line(e, "invalidate");
      case BARRIER -> out.instant(track, e.cycle(), "maintenance", "barrier",
          g -> g.writeNumberField("completed", e.detail()));
      case REPORTED -> out.instant(track, e.cycle(), "report", "report " + subject.place(e.address()),
          g -> g.writeStringField("address", Json.address(e.address())));
      case SENT, DIVERTED -> {} // the former is a group of its own, the latter a slice
    }
  }

  private void line(EventLog.Entry e, String what) {
    out.instant(track, e.cycle(), "maintenance", e.address() == 0 ? what + " all lines" : what + " line",
        g -> g.writeStringField("line", Json.address(e.address())));
  }

  /// Interrupts that are sent at once, to several CPUs.
  private void sent(CpuEvents.Numbered first) {
    EventLog.Entry e = first.entry();
    StringBuilder to = new StringBuilder("IPI to CPU ").append(e.detail());
    BitSet numbers = new BitSet();
    numbers.set((int) first.number());
    deliveries.hear(first);
    for (CpuEvents.Numbered more = events.peek(); more != null && isSameCall(more.entry(), e); more = events.peek()) {
      to.append(", ").append(more.entry().detail());
      numbers.set((int) more.number());
      deliveries.hear(more);
      events.take();
    }
    out.instant(track, e.cycle(), "sync", to.toString(),
        g -> g.writeNumberField("vector", e.address()));
    numbers.stream().filter(arrows::get).forEach(number -> out.arrow("s", track, e.cycle(), number));
  }

  private static boolean isSameCall(EventLog.Entry e, EventLog.Entry first) {
    return e.kind() == EventLog.Kind.SENT && e.cpu() == first.cpu() && e.cycle() == first.cycle()
        && e.address() == first.address();
  }

  @Override
  public void close() {
    stores.close();
    events.close();
  }
}
