package dev.crosspatch.sim.run;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.crosspatch.sim.guest.Mark;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import org.HdrHistogram.Histogram;

/// How long patching took, in guest cycles of the patching CPU, from the marks its kernel set; and what it took from the other CPUs.
public final class Latency {
  private static final int DIGITS = 3;
  static final long HIGHEST = 1L << 40;

  private final Map<Mark, Histogram> spans = new EnumMap<>(Mark.class);
  private final int frequencyMhz;
  private final StolenCycles stolen;
  private long interrupted;

  /// Of a run that is over: pairs begin and end marks.
  public Latency(Run run) {
    frequencyMhz = run.machine().timing().frequencyMhz();
    stolen = run.stolen();
    Map<Mark, Long> begun = new EnumMap<>(Mark.class);
    for (Mark.Event e : run.lab().marks()) {
      switch (e.mark()) {
        case FLIP_BEGIN, BATCH_BEGIN, SYNC_BEGIN -> begun.put(e.mark(), e.cycle());
        case FLIP_END -> span(Mark.FLIP_BEGIN, begun, e.cycle());
        case BATCH_END -> span(Mark.BATCH_BEGIN, begun, e.cycle());
        case SYNC_END -> {
          interrupted += e.value();
          span(Mark.SYNC_BEGIN, begun, e.cycle());
        }
      }
    }
  }

  private void span(Mark begin, Map<Mark, Long> begun, long end) {
    Long from = begun.remove(begin);
    if (from != null) {
      spans.computeIfAbsent(begin, m -> histogram()).recordValue(Math.min(HIGHEST, end - from));
    }
  }

  static Histogram histogram() {
    return new Histogram(1, HIGHEST, DIGITS);
  }

  /// Cycles from begin to end of all spans that start with `begin`; empty if there is none.
  public Histogram of(Mark begin) {
    return spans.getOrDefault(begin, histogram());
  }

  /// CPUs interrupted by syncs, added up.
  public long interrupted() {
    return interrupted;
  }

  /// What patching took from bystanders.
  public StolenCycles stolen() {
    return stolen;
  }

  /// Writes the object's fields.
  public void write(JsonGenerator g) throws IOException {
    write(g, "flip", of(Mark.FLIP_BEGIN));
    write(g, "batch", of(Mark.BATCH_BEGIN));
    write(g, "sync", of(Mark.SYNC_BEGIN));
    g.writeNumberField("interrupted_cpus", interrupted);
    write(g, "stolen_per_cpu", stolen.perCpu());
    write(g, "stolen_per_flip", stolen.perFlip());
    g.writeObjectFieldStart("stolen");
    g.writeNumberField("interrupts", stolen.interrupts());
    g.writeNumberField("interrupt_cycles", stolen.interruptCycles());
    g.writeNumberField("traps", stolen.traps());
    g.writeNumberField("trap_cycles", stolen.trapCycles());
    g.writeEndObject();
  }

  private void write(JsonGenerator g, String name, Histogram h) throws IOException {
    g.writeObjectFieldStart(name);
    g.writeNumberField("count", h.getTotalCount());
    for (int p : new int[] {50, 99}) {
      long cycles = h.getValueAtPercentile(p);
      g.writeNumberField("p" + p + "_cycles", cycles);
      g.writeNumberField("p" + p + "_ns", cycles * 1000 / frequencyMhz);
    }
    g.writeEndObject();
  }
}
