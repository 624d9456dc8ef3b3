package dev.crosspatch.sim.run;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.crosspatch.core.state.Snapshot;
import dev.crosspatch.sim.guest.SpanLog;
import dev.crosspatch.sim.mechanism.Span;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import org.HdrHistogram.Histogram;

/// How long patching took, in guest cycles of the patching CPU, from the calls of its kernel's functions; and what it
/// took from the other CPUs. Of several patching CPUs, which wait for each other, each is measured by its own clock,
/// without its wait for the text mutex; the others are all that never patch.
public final class Latency implements SpanLog.Listener, Snapshot.ByHand {
  private static final int DIGITS = 3;
  static final long HIGHEST = 1L << 40;

  private final transient Map<Span, Histogram> spans = new EnumMap<>(Span.class);
  private final int frequencyMhz;
  private final StolenCycles stolen;
  private long interrupted;
  private long firstFlip = -1;
  private long lastFlip = -1;

  /// Before the first span.
  Latency(int frequencyMhz, StolenCycles stolen) {
    this.frequencyMhz = frequencyMhz;
    this.stolen = stolen;
  }

  @Override
  public void save(DataOutputStream out) throws IOException {
    for (Span span : Span.values()) {
      Histograms.save(of(span), out);
    }
  }

  @Override
  public void load(DataInputStream in) throws IOException {
    for (Span span : Span.values()) {
      Histogram saved = Histograms.load(in);
      if (saved.getTotalCount() > 0) {
        spans.put(span, saved);
      }
    }
  }

  @Override
  public void begun(Span span, long cycle) {
    if (span == Span.FLIP) {
      firstFlip = firstFlip < 0 ? cycle : Math.min(firstFlip, cycle);
      stolen.flip(cycle);
    }
  }

  @Override
  public void ended(Span span, long begin, long end) {
    spans.computeIfAbsent(span, s -> histogram()).recordValue(Math.min(HIGHEST, end - begin));
    lastFlip = span == Span.FLIP ? Math.max(lastFlip, end) : lastFlip;
  }

  /// A sync interrupted a CPU.
  void interrupt() {
    interrupted++;
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

  /// Cycles from begin to end of all such spans; empty if there is none.
  public Histogram of(Span span) {
    Histogram known = spans.get(span);
    return known == null ? histogram() : known;
  }

  /// Flips that have ended.
  public long flips() {
    Histogram known = spans.get(Span.FLIP);
    return known == null ? 0 : known.getTotalCount();
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
    write(g, "flip", of(Span.FLIP));
    write(g, "batch", of(Span.BATCH));
    write(g, "sync", of(Span.SYNC));
    g.writeNumberField("interrupted_cpus", interrupted);
    write(g, "stolen_per_cpu", stolen.perCpu());
    write(g, "stolen_per_flip", stolen.perFlip());
    g.writeObjectFieldStart("stolen");
    g.writeNumberField("interrupts", stolen.interrupts());
    g.writeNumberField("interrupt_cycles", stolen.interruptCycles());
    g.writeNumberField("traps", stolen.traps());
    g.writeNumberField("trap_cycles", stolen.trapCycles());
    g.writeEndObject();
    g.writeArrayFieldStart("stolen_by_cpu");
    for (StolenCycles.Loss loss : stolen.byCpu()) {
      g.writeStartObject();
      g.writeNumberField("cpu", loss.cpu());
      g.writeNumberField("interrupt_cycles", loss.interruptCycles());
      g.writeNumberField("trap_cycles", loss.trapCycles());
      g.writeEndObject();
    }
    g.writeEndArray();
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
