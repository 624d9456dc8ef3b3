package dev.crosspatch.sim.sweep;

import dev.crosspatch.sim.fields.Setting;
import dev.crosspatch.sim.sweep.Row.Cycles;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/// How long flips took with each value of a key: a series for each scenario and each combination of the other keys that
/// were swept.
///
/// @param name   of the scenario and the other keys, as far as there are several
/// @param places of the values in their list, in order, each with the medians of all runs that had it
record LatencySeries(String name, Map<Integer, Cycles> places) {

  /// All series of some runs; those without any flip are in none.
  static List<LatencySeries> of(Axis over, List<Row> rows) {
    boolean several = rows.stream().map(Row::scenario).distinct().count() > 1;
    Map<String, Map<Integer, List<Cycles>>> all = new LinkedHashMap<>();
    for (Row row : rows) {
      int place = over.values().stream().filter(row.swept()::contains).mapToInt(over.values()::indexOf).findFirst()
          .orElse(-1);
      if (row.found() != null && row.found().flip().count() > 0 && place >= 0) {
        all.computeIfAbsent(name(row, over, several), n -> new TreeMap<>())
            .computeIfAbsent(place, p -> new ArrayList<>()).add(row.found().flip());
      }
    }
    return all.entrySet().stream().map(e -> new LatencySeries(e.getKey(), medians(e.getValue()))).toList();
  }

  private static String name(Row row, Axis over, boolean several) {
    return (several ? row.scenario() + " " : "") + row.swept().stream()
        .filter(s -> !s.key().equals(over.key()) && !s.key().equals("seed")).map(Setting::toString)
        .collect(Collectors.joining(" "));
  }

  private static Map<Integer, Cycles> medians(Map<Integer, List<Cycles>> places) {
    Map<Integer, Cycles> medians = new TreeMap<>();
    places.forEach((place, all) -> medians.put(place, new Cycles(all.size(), median(all, Cycles::p50),
        median(all, Cycles::p99), median(all, Cycles::max))));
    return medians;
  }

  private static long median(List<Cycles> all, ToLongFunction<Cycles> value) {
    return all.stream().mapToLong(value).sorted().skip((all.size() - 1) / 2).findFirst().orElse(0);
  }
}
