package dev.crosspatch.sim.verify;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.crosspatch.sim.run.RunConfig;
import dev.crosspatch.sim.run.TextStores;
import dev.crosspatch.sim.scenario.FailureKind;
import dev.crosspatch.tracer.text.Mapping;
import dev.crosspatch.tracer.text.MappingEvent;
import dev.crosspatch.tracer.text.MappingLog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The mappings of a run: which of them somebody copied while they were there, and for whom the kernel waits no more.
/// What nobody copied in time is text that nobody knows, so such a run fails even where a decoder had luck.
public final class Copies {
  private static final int SHOWN = 3;

  private final RunConfig config;
  private final @Nullable TextStores stores;
  private final MappingLog log;
  private final List<Mapping> missing;
  /// What is said of the first of them: a run's files are where they are only as long as it is judged.
  private final List<String> texts;

  Copies(Evidence evidence) {
    config = evidence.config();
    stores = evidence.stores();
    log = evidence.mappings();
    missing = log.mappings().stream().filter(m -> !m.isCopied()).toList();
    texts = missing.stream().limit(SHOWN).map(this::text).toList();
  }

  /// Mappings that nobody copied while they were there.
  public int missing() {
    return missing.size();
  }

  /// The first mapping without a copy as a failure: from its announcement on nobody knows what ran there.
  ///
  /// @param seen what went wrong first besides
  Optional<Failure> failure(Optional<Failure> seen) {
    String then = seen.map(f -> "; first seen as " + f.brief() + ", cycle " + f.cycle()).orElse("");
    return missing.stream().findFirst().map(m -> new Failure(FailureKind.UNCOPIED, m.announced().cpu(),
        config.cycles(m.announced().time()), m.announced().address(), m.announced().name(), "", "",
        texts.getFirst() + then));
  }

  /// Whether something had been announced until that cycle that nobody copied.
  boolean explain(long cycle) {
    return missing.stream().anyMatch(m -> config.cycles(m.announced().time()) <= cycle);
  }

  private String text(Mapping mapping) {
    StringBuilder text = new StringBuilder(mapping + ": announced at cycle "
        + config.cycles(mapping.announced().time()));
    if (mapping.withdrawn() != Long.MAX_VALUE) {
      text.append(", given up at cycle ").append(config.cycles(mapping.withdrawn()));
    }
    overwritten(mapping).ifPresent(cycle -> text.append(", overwritten from cycle ").append(cycle));
    next(mapping).ifPresent(m -> text.append(", used again at cycle ").append(config.cycles(m.announced().time()))
        .append(" by mapping ").append(m.announced().mapping()).append(" (").append(m.announced().name()).append(")"));
    Optional<MappingEvent.Copied> copy = mapping.copy();
    text.append(copy.isEmpty() ? "; no observer ever copied it" : ", and copied by observer " + copy.get().observer()
        + " only at cycle " + config.cycles(copy.get().time()) + ": what it has is not what ran");
    return text.toString();
  }

  /// Cycle of the first store to a mapping behind its end.
  private Optional<Long> overwritten(Mapping mapping) {
    if (stores == null || mapping.withdrawn() == Long.MAX_VALUE) {
      return Optional.empty();
    }
    return stores.near(mapping.announced().address(), mapping.announced().length(), config.cycles(mapping.withdrawn()),
        0, 1).stream().findFirst().map(TextStores.Store::cycle);
  }

  private Optional<Mapping> next(Mapping mapping) {
    return log.mappings().stream().filter(m -> m.announced().mapping() > mapping.announced().mapping()
        && m.overlaps(mapping)).findFirst();
  }

  /// Lines for people; none if there is no mapping.
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    int all = log.mappings().size();
    if (all == 0) {
      return lines;
    }
    lines.add(String.format("mappings: %,d announced, %,d copied while they were there", all, all - missing()));
    for (MappingEvent.TimedOut t : log.timeouts()) {
      lines.add(String.format("mappings: observer %d timed out at cycle %d, it had not acknowledged mapping %d; the "
          + "kernel waits for it no more", t.observer(), config.cycles(t.time()), t.mapping()));
    }
    texts.forEach(text -> lines.add("mappings: not copied: " + text));
    if (missing() > SHOWN) {
      lines.add(String.format("mappings: not copied: and %,d more", missing() - SHOWN));
    }
    return lines;
  }

  /// Writes `mappings`: `{announced, copied, timeouts}`.
  void write(JsonGenerator g) throws IOException {
    g.writeObjectFieldStart("mappings");
    g.writeNumberField("announced", log.mappings().size());
    g.writeNumberField("copied", log.mappings().size() - missing());
    g.writeArrayFieldStart("timeouts");
    for (MappingEvent.TimedOut timeout : log.timeouts()) {
      g.writeStartObject();
      g.writeNumberField("observer", timeout.observer());
      g.writeNumberField("mapping", timeout.mapping());
      g.writeNumberField("cpu", timeout.cpu());
      g.writeNumberField("cycle", config.cycles(timeout.time()));
      g.writeEndObject();
    }
    g.writeEndArray();
    g.writeEndObject();
  }
}
