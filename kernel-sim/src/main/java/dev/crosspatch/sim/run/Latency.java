package dev.crosspatch.sim.run;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.crosspatch.core.state.Snapshot;
import dev.crosspatch.sim.guest.Mark;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import org.HdrHistogram.Histogram;

/// How long patching took, in guest cycles of the patching CPU, from the marks its kernel set; and what it took from
/// the other CPUs.
public final class Latency implements Snapshot.ByHand {
  private static final int DIGITS = 3;
  static final long HIGHEST = 1L << 40;

  private final transient Map<Mark, Histogram> spans = new EnumMap<>(Mark.class);
  private final Map<Mark, Long> begun = new EnumMap<>(Mark.class);
  private final int frequencyMhz;
  private final StolenCycles stolen;
  private long interrupted;
  private long firstFlip = -1;
  private long lastFlip = -1;

  /// Before the first mark.
  Latency(int frequencyMhz, StolenCycles stolen) {
    this.frequencyMhz = frequencyMhz;
    this.stolen = stolen;
  }

  @Override
  public void save(DataOutputStream out) throws IOException {
    for (Mark mark : Mark.values()) {
      Histograms.save(of(mark), out);
    }
  }

  @Override
  public void load(DataInputStream in) throws IOException {
    for (Mark mark : Mark.values()) {
      Histogram saved = Histograms.load(in);
      if (saved.getTotalCount() > 0) {
        spans.put(mark, saved);
      }
    }
  }

  /// Takes the next mark: pairs those that begin with those that end.
  void mark(Mark.Event e) {
    switch (e.mark()) {
      case FLIP_BEGIN -> {
        begun.put(e.mark(), e.cycle());
        firstFlip = firstFlip < 0 ? e.cycle() : firstFlip;
        stolen.flip(e.cycle());
      }
      case BATCH_BEGIN, SYNC_BEGIN -> begun.put(e.mark(), e.cycle());
      case FLIP_END -> {
        span(Mark.FLIP_BEGIN, e.cycle());
        lastFlip = e.cycle();
      }
      case BATCH_END -> span(Mark.BATCH_BEGIN, e.cycle());
      case SYNC_END -> {
        interrupted += e.value();
        span(Mark.SYNC_BEGIN, e.cycle());
      }
    }
  }

  private void span(Mark begin, long end) {
    Long from = begun.remove(begin);
    if (from != null) {
      spans.computeIfAbsent(begin, m -> histogram()).recordValue(Math.min(HIGHEST, end - from));
    }
  }

  /// The run is over.
  void end() {
    stolen.end();
  }

  /// Cycle at which the first flip began, -1 without flips.
  public long firstFlip() {
    return firstFlip;
  }

  /// Cycle at which the last flip ended, -1 if none did.
  public long lastFlip() {
    return lastFlip;
  }

  /// A percentile for people; `-` where there is nothing to take it of.
  public static String shown(Histogram h, double percentile) {
    return h.getTotalCount() == 0 ? "-" : String.format("%,d", h.getValueAtPercentile(percentile));
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
      if (h.getTotalCount() == 0) {
        g.writeNullField("p" + p + "_cycles");
        g.writeNullField("p" + p + "_ns");
      } else {
        long cycles = h.getValueAtPercentile(p);
        g.writeNumberField("p" + p + "_cycles", cycles);
        g.writeNumberField("p" + p + "_ns", cycles * 1000 / frequencyMhz);
      }
    }
    g.writeEndObject();
  }
}
