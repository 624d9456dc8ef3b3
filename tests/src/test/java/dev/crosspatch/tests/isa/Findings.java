package dev.crosspatch.tests.isa;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What a comparison with a stranger showed, or a part of it: an example of every kind of difference, and how often
/// what happened.
final class Findings {
  private static final int SHOWN = 40;

  private final Map<String, String> differences = new TreeMap<>();
  private final Map<String, Integer> counts = new TreeMap<>();

  synchronized void add(Findings more) {
    more.differences.forEach(this::difference);
    more.counts.forEach((what, n) -> counts.merge(what, n, Integer::sum));
  }

  /// Keeps the same one of several of a kind, whichever thread is first.
  void difference(String kind, String text) {
    differences.merge(kind, text, (a, b) -> a.compareTo(b) < 0 ? a : b);
  }

  void count(String what) {
    counts.merge(what, 1, Integer::sum);
  }

  int counted(String what) {
    return counts.getOrDefault(what, 0);
  }

  int kinds() {
    return differences.size();
  }

  /// The first differences.
  List<String> shown() {
    return differences.values().stream().limit(SHOWN).toList();
  }
}
