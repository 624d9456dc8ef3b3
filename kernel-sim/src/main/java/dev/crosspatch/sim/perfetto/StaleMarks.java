package dev.crosspatch.sim.perfetto;

import dev.crosspatch.core.event.Event.StaleExecution;
import dev.crosspatch.sim.Json;
import dev.crosspatch.sim.run.Cursor;
import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.run.StaleLog;
import dev.crosspatch.sim.verify.Symbols;
import dev.crosspatch.sim.window.Sites;
import org.jspecify.annotations.Nullable;

/// What one CPU ran that memory held no longer, or that broke the contract of the poke log, as instants on its track;
/// and how often, as a counter.
final class StaleMarks implements AutoCloseable {
  private final int cpu;
  private final TraceEvents out;
  private final Track track;
  private final Cycles part;
  private final Sites sites;
  private final Symbols symbols;
  private final Ahead<StaleLog.Line> records;
  /// Violations that have a record of their own, and, in a second look at the file, those that have none.
  private final Ahead<StaleLog.Line> recorded;
  private final Ahead<StaleLog.Line> fresh;
  private long stale;

  /// @param violations how many of them have a record of their own: [#withRecord]
  StaleMarks(RunDirectory run, Subject subject, int cpu, Track track, long violations) {
    this.cpu = cpu;
    this.track = track;
    out = subject.out();
    part = subject.part();
    sites = subject.sites();
    symbols = subject.symbols();
    records = new Ahead<>(run.stale(), this::isHere);
    recorded = new Ahead<>(run.violations(), this::isHere);
    Cursor<StaleLog.Line> rest = run.violations();
    for (long i = 0; i < violations; i++) {
      rest.next();
    }
    fresh = new Ahead<>(rest, this::isHere);
  }

  private boolean isHere(StaleLog.Line line) {
    return line.execution().cpu() == cpu;
  }

  /// How many violations of a run have a record in the log of stale executions: they are the first in their file.
  static long withRecord(RunDirectory run) {
    long count = 0;
    try (Cursor<StaleLog.Line> records = run.stale(); Cursor<StaleLog.Line> violations = run.violations()) {
      StaleLog.Line violation = violations.next();
      for (StaleLog.Line r = records.next(); r != null && violation != null; r = records.next()) {
        if (isSame(r.execution(), violation.execution())) {
          count++;
          violation = violations.next();
        }
      }
    }
    return count;
  }

  private static boolean isSame(StaleExecution one, StaleExecution other) {
    return one.cpu() == other.cpu() && one.cycle() == other.cycle() && one.address() == other.address()
        && Json.hex(one.executed()).equals(Json.hex(other.executed()));
  }

  /// The CPU runs the instruction of the next record.
  void record() {
    StaleLog.Line record = records.take();
    if (record == null) {
      return;
    }
    StaleExecution s = record.execution();
    stale += s.isFresh() ? 0 : 1;
    if (part.contains(s.cycle())) {
      mark(s, s.isFresh() ? "faulted" : "stale", s.isFresh() ? "faulted" : "stale " + outcome(s));
      if (!s.isFresh()) {
        out.counter(track, s.cycle(), "stale executions of CPU " + cpu, stale);
      }
    }
    StaleLog.Line violation = recorded.peek();
    if (violation != null && isSame(violation.execution(), s)) {
      violation(recorded.take());
    }
  }

  private String outcome(StaleExecution s) {
    return sites.stale(s.cycle(), s.address(), s.executed());
  }

  /// The CPU runs an instruction at an address that began in this cycle and has no record.
  void run(long address, long cycle) {
    for (StaleLog.Line next = fresh.peek(); next != null && isDue(next.execution(), address, cycle);
        next = fresh.peek()) {
      violation(fresh.take());
    }
  }

  private static boolean isDue(StaleExecution s, long address, long cycle) {
    return s.cycle() < cycle || (s.cycle() == cycle && s.address() == address);
  }

  /// The CPU runs no more.
  void end() {
    for (StaleLog.Line next = fresh.take(); next != null; next = fresh.take()) {
      violation(next);
    }
  }

  private void violation(StaleLog.@Nullable Line line) {
    if (line != null && part.contains(line.execution().cycle())) {
      mark(line.execution(), "violation", line.kind());
    }
  }

  private void mark(StaleExecution s, String category, String name) {
    out.instant(track, s.cycle(), category, name.strip(), g -> {
      g.writeStringField("place", symbols.name(s.address()));
      g.writeStringField("address", Json.address(s.address()));
      g.writeStringField("executed", Json.hex(s.executed()));
      g.writeStringField("memory", Json.hex(s.memory()));
    });
  }

  @Override
  public void close() {
    records.close();
    recorded.close();
    fresh.close();
  }
}
