package dev.crosspatch.sim.run;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.crosspatch.core.state.Snapshot;
import dev.crosspatch.sim.guest.SpanLog;
import dev.crosspatch.sim.mechanism.Span;
import dev.crosspatch.tracer.text.MappingEvent;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongConsumer;
import org.HdrHistogram.Histogram;

/// How long patching took, in guest cycles of the patching CPU, from the calls of its kernel's functions; and what it
/// took from the other CPUs. Of several patching CPUs, which wait for each other, each is measured by its own clock,
/// without its wait for the text mutex; the others are all that never patch.
public final class Latency implements Snapshot.ByHand {
  private static final int DIGITS = 3;
  static final long HIGHEST = 1L << 40;

  private final transient Map<Span, Histogram> spans = new EnumMap<>(Span.class);
  private final transient Histogram newText = histogram();
  private final transient Histogram locked = histogram();
  private final int frequencyMhz;
  private final StolenCycles stolen;
  private final NewText settling;
  private final List<Patcher> patchers = new ArrayList<>();
  /// By span, cycles of all that have ended.
  private final long[] cycles = new long[Span.values().length];
  private long interrupted;
  /// Of flips that have ended.
  private long rounds;
  private long ipis;
  private long firstFlip = -1;
  private long lastFlip = -1;

  /// Before the first span.
  ///
  /// @param stolen   what bystanders lose
  /// @param settling tells when all CPUs are on new text
  Latency(int frequencyMhz, StolenCycles stolen, Function<LongConsumer, NewText> settling) {
    this.frequencyMhz = frequencyMhz;
    this.stolen = stolen;
    this.settling = settling.apply(recorder(newText));
  }

  @Override
  public void save(DataOutputStream out) throws IOException {
    for (Span span : Span.values()) {
      Histograms.save(of(span), out);
    }
    Histograms.save(newText, out);
    Histograms.save(locked, out);
  }

  @Override
  public void load(DataInputStream in) throws IOException {
    for (Span span : Span.values()) {
      Histogram saved = Histograms.load(in);
      if (saved.getTotalCount() > 0) {
        spans.put(span, saved);
      }
    }
    newText.add(Histograms.load(in));
    locked.add(Histograms.load(in));
  }

  /// What a patching CPU does is told to this.
  SpanLog.Listener of(int cpu) {
    Patcher patcher = new Patcher(cpu);
    patchers.add(patcher);
    return patcher;
  }

  /// A patching CPU.
  private final class Patcher implements SpanLog.Listener {
    private final int cpu;
    private boolean flips;
    /// When it got the text mutex, -1 if there is none.
    private long lockedAt = -1;
    /// Of the flip that lasts.
    private long roundsNow;
    private long ipisNow;

    Patcher(int cpu) {
      this.cpu = cpu;
    }

    @Override
    public void begun(Span span, long cycle) {
      if (span == Span.FLIP) {
        flips = true;
        roundsNow = 0;
        ipisNow = 0;
        firstFlip = firstFlip < 0 ? cycle : Math.min(firstFlip, cycle);
        stolen.flip(cycle);
        settling.begun(cpu, cycle);
      }
    }

    @Override
    public void ended(Span span, long begin, long end) {
      spans.computeIfAbsent(span, s -> histogram()).recordValue(Math.min(HIGHEST, end - begin));
      cycles[span.ordinal()] += end - begin;
      switch (span) {
        case FLIP -> {
          flips = false;
          lastFlip = Math.max(lastFlip, end);
          rounds += roundsNow;
          ipis += ipisNow;
          locked.recordValue(Math.min(HIGHEST, end - (lockedAt < 0 ? begin : lockedAt)));
          settling.ended(cpu);
        }
        case SYNC -> roundsNow++;
        case LOCK -> lockedAt = end;
        case BATCH -> {}
      }
    }
  }

  /// A patching CPU has interrupted another.
  ///
  /// @param inSync whether that was for a sync
  void interrupt(int cpu, boolean inSync) {
    interrupted += inSync ? 1 : 0;
    for (Patcher patcher : patchers) {
      patcher.ipisNow += patcher.cpu == cpu && patcher.flips ? 1 : 0;
    }
  }

  /// The kernel tells of text: so many bytes `before` become so many `after`.
  void reported(int cpu, long address, int before, int after) {
    settling.reported(cpu, address, before, after);
  }

  /// Something happened to a mapping.
  void mapping(MappingEvent event) {
    settling.mapping(event);
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

  private static LongConsumer recorder(Histogram h) {
    return value -> h.recordValue(Math.min(HIGHEST, value));
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

  /// Cycles of all such spans together.
  public long cycles(Span span) {
    return cycles[span.ordinal()];
  }

  /// Syncs in a flip, on average; 0 without flips.
  public double roundsPerFlip() {
    return perFlip(rounds);
  }

  /// Interrupts that a flip sends to other CPUs, on average.
  public double ipisPerFlip() {
    return perFlip(ipis);
  }

  /// Breakpoints that bystanders take for a flip, on average.
  public double trapsPerFlip() {
    return perFlip(stolen.traps());
  }

  private double perFlip(long sum) {
    return flips() == 0 ? 0 : (double) sum / flips();
  }

  /// Cycles from the begin of a flip until every CPU has synchronized its context behind the last store to text that it
  /// makes ([NewText]).
  public Histogram newText() {
    return newText;
  }

  /// Cycles for which a flip keeps others from patching: from the text mutex to its end; where one CPU patches, which
  /// needs no mutex, all of it.
  public Histogram locked() {
    return locked;
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
    write(g, "lock", of(Span.LOCK));
    write(g, "locked", locked);
    write(g, "new_text", newText);
    g.writeObjectFieldStart("per_flip");
    g.writeNumberField("rounds", roundsPerFlip());
    g.writeNumberField("ipis", ipisPerFlip());
    g.writeNumberField("traps", trapsPerFlip());
    g.writeEndObject();
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
