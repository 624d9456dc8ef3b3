package dev.crosspatch.sim.verify;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.crosspatch.sim.race.TextRace;
import dev.crosspatch.sim.scenario.FailureKind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The races on text that a run had: what its CPUs might have fetched, whether they did or not. A run with one fails
/// even where it went well.
public final class Races {
  private static final int SHOWN = 3;

  private final Evidence evidence;
  private final List<TextRace> all;

  Races(Evidence evidence, List<TextRace> all) {
    this.evidence = evidence;
    this.all = List.copyOf(all);
  }

  /// How many there are.
  public int count() {
    return all.size();
  }

  /// Whether there is one before `cycle`.
  boolean isBefore(long cycle) {
    return all.stream().anyMatch(race -> race.cycle() < cycle);
  }

  /// Whether there is one on that CPU before `cycle`.
  boolean isBefore(long cycle, int cpu) {
    return all.stream().anyMatch(race -> race.cpu() == cpu && race.cycle() < cycle);
  }

  /// The earliest, as a failure.
  Optional<Failure> failure() {
    return all.stream().min(Comparator.comparingLong(TextRace::cycle)).map(race -> new Failure(FailureKind.RACE,
        race.cpu(), race.cycle(), race.address(), name(race), "", "", race.text()));
  }

  private String name(TextRace race) {
    return evidence.name(race.address(), race.cycle());
  }

  /// Lines for people; none if there is no race.
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    all.stream().limit(SHOWN).forEach(race -> lines.add("race: " + race.line(name(race))));
    if (all.size() > SHOWN) {
      lines.add(String.format("race: and %,d more", all.size() - SHOWN));
    }
    return lines;
  }

  /// Writes `races`: how many of each kind.
  void write(JsonGenerator g) throws IOException {
    Map<TextRace.Kind, Integer> kinds = new EnumMap<>(TextRace.Kind.class);
    all.forEach(race -> kinds.merge(race.kind(), 1, Integer::sum));
    g.writeObjectFieldStart("races");
    for (Map.Entry<TextRace.Kind, Integer> e : kinds.entrySet()) {
      g.writeNumberField(e.getKey().label(), e.getValue());
    }
    g.writeEndObject();
  }
}
