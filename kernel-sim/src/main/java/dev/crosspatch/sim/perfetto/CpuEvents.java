package dev.crosspatch.sim.perfetto;

import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.sim.run.Cursor;
import dev.crosspatch.sim.run.EventLog;
import dev.crosspatch.sim.run.RunDirectory;
import org.jspecify.annotations.Nullable;

/// What concerns one CPU in the log of events: what it did, and the interrupts that were sent to it. An exception entry
/// that synchronizes (AArch64) is told as the interrupt first, then as the synchronization that it is.
final class CpuEvents implements Cursor<CpuEvents.Numbered> {
  private final int cpu;
  private final Cursor<EventLog.Entry> all;
  private long number = -1;
  private @Nullable Numbered held;

  /// A record with its number in the log, from 0.
  record Numbered(long number, EventLog.Entry entry) {}

  CpuEvents(RunDirectory run, int cpu) {
    this.cpu = cpu;
    all = run.events().cursor();
  }

  @Override
  public @Nullable Numbered next() {
    Numbered first = held != null ? held : read();
    held = null;
    if (first != null && first.entry.kind() == EventLog.Kind.SYNCHRONIZED) {
      Numbered second = read();
      boolean entered = second != null && isInterrupt(second.entry) && second.entry.cycle() == first.entry.cycle();
      held = entered ? first : second;
      return entered ? second : first;
    }
    return first;
  }

  /// Whether an interrupt is taken.
  static boolean isInterrupt(EventLog.Entry e) {
    return e.kind() == EventLog.Kind.DIVERTED && e.detail() == RetireRow.INTERRUPT;
  }

  private @Nullable Numbered read() {
    EventLog.Entry entry = all.next();
    number++;
    while (entry != null && entry.cpu() != cpu && !isSentHere(entry)) {
      entry = all.next();
      number++;
    }
    return entry == null ? null : new Numbered(number, entry);
  }

  /// Whether it is an interrupt that somebody, perhaps this CPU itself, sent to this CPU.
  private boolean isSentHere(EventLog.Entry e) {
    return e.kind() == EventLog.Kind.SENT && e.detail() == cpu;
  }

  @Override
  public void close() {
    all.close();
  }
}
