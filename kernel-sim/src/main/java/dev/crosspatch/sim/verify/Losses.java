package dev.crosspatch.sim.verify;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.crosspatch.sim.run.RunConfig;
import dev.crosspatch.sim.scenario.FailureKind;
import dev.crosspatch.tracer.text.Loss;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// The text events that a poke log has lost because a buffer was full, and what is left all the same. Which sites
/// changed there nobody knows, so a run that lost events fails even where a decoder had luck.
public final class Losses {
  private static final int SHOWN = 3;

  private final RunConfig config;
  private final List<Loss> all;
  private final List<CpuVerification> cpus;

  Losses(Evidence evidence, List<CpuVerification> cpus) {
    config = evidence.config();
    all = evidence.pokes().losses();
    this.cpus = cpus;
  }

  /// How many events were lost.
  public long events() {
    return all.stream().mapToLong(Loss::count).sum();
  }

  /// The earliest loss as a failure: it happened behind the last event before it.
  ///
  /// @param seen what went wrong first besides
  Optional<Failure> failure(Optional<Failure> seen) {
    String then = seen.map(f -> "; first seen as " + f.brief() + ", cycle " + f.cycle()).orElse("");
    return all.stream().min(Comparator.comparingLong(Loss::since)).map(loss -> new Failure(FailureKind.LOST_EVENTS,
        loss.cpu(), config.cycles(loss.since()), 0, "", "", "",
        text(loss) + ": what changed there is unknown" + then + "; " + left()));
  }

  /// Whether something was lost until that cycle.
  boolean explain(long cycle) {
    return all.stream().anyMatch(loss -> config.cycles(loss.since()) <= cycle);
  }

  private String text(Loss loss) {
    return String.format("%,d text %s of CPU %d lost between cycles %d and %d", loss.count(),
        loss.count() == 1 ? "event" : "events", loss.cpu(), config.cycles(loss.since()), config.cycles(loss.time()));
  }

  /// What still decodes.
  private String left() {
    if (cpus.stream().anyMatch(c -> !c.comparison().compares())) {
      return "what still decodes is unknown, the truth was not kept";
    }
    long right = cpus.stream().filter(CpuVerification::clean).count();
    long agree = cpus.stream().mapToLong(c -> c.comparison().matched()).sum();
    long missed = cpus.stream().mapToLong(c -> c.comparison().missed()).sum();
    return String.format("%d of %d CPUs still decode exactly, and %,d of the %,d rows of the truth outside of gaps",
        right, cpus.size(), agree, agree + missed);
  }

  /// Lines for people; none if nothing was lost.
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    all.stream().limit(SHOWN).forEach(loss -> lines.add("lost: " + text(loss)));
    if (all.size() > SHOWN) {
      lines.add(String.format("lost: and %,d more losses, %,d events in all", all.size() - SHOWN, events()));
    }
    if (!all.isEmpty()) {
      lines.add("lost: " + left());
    }
    return lines;
  }

  /// Writes `lost_events`, how many, and `losses`, which.
  void write(JsonGenerator g) throws IOException {
    g.writeNumberField("lost_events", events());
    g.writeArrayFieldStart("losses");
    for (Loss loss : all) {
      g.writeStartObject();
      g.writeNumberField("cpu", loss.cpu());
      g.writeNumberField("count", loss.count());
      g.writeNumberField("from_cycle", config.cycles(loss.since()));
      g.writeNumberField("to_cycle", config.cycles(loss.time()));
      g.writeEndObject();
    }
    g.writeEndArray();
  }
}
