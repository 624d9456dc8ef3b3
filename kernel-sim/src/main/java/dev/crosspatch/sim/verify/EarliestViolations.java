package dev.crosspatch.sim.verify;

import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Consumer;

/// Keeps the earliest of the violations that go by; they do not come in order of time.
final class EarliestViolations implements Consumer<Violation> {
  private static final int MOST = 25;

  private final Consumer<Violation> next;
  private final TreeSet<Numbered> kept = new TreeSet<>(
      Comparator.comparingLong((Numbered n) -> n.violation().execution().cycle()).thenComparingLong(Numbered::number));
  private long number;

  private record Numbered(Violation violation, long number) {}

  /// @param next hears all of them
  EarliestViolations(Consumer<Violation> next) {
    this.next = next;
  }

  @Override
  public void accept(Violation violation) {
    kept.add(new Numbered(violation, number++));
    if (kept.size() > MOST) {
      kept.pollLast();
    }
    next.accept(violation);
  }

  /// The earliest, in order of time.
  List<Violation> list() {
    return kept.stream().map(Numbered::violation).toList();
  }
}
