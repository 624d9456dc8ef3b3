package dev.crosspatch.sim.cli;

import dev.crosspatch.sim.mechanism.Span;
import dev.crosspatch.sim.run.Latency;
import dev.crosspatch.sim.scenario.Window;
import dev.crosspatch.sim.verify.Failure;
import dev.crosspatch.sim.verify.Summary;
import java.util.List;
import java.util.stream.Collectors;

/// Lines of a table with a row for each seed.
final class Sweep {
  static final String HEAD = String.format("%8s %-13s %8s %8s %8s %10s  %s", "seed", "verdict", "pokes", "stale",
      "flip p50", "p99", "first failure, or windows that nobody met");
  private static final int SHOWN = 20;

  private Sweep() {}

  /// The row of one run.
  static String line(Summary summary) {
    var flips = summary.latency().of(Span.FLIP);
    String why = summary.firstFailure().map(Sweep::why).orElseGet(() -> summary.verification().missed().stream()
        .map(Window::name).collect(Collectors.joining(", ")));
    return String.format("%8d %-13s %8d %8d %8s %10s  %s%s", summary.run().scenario().machine().seed(),
        summary.verdict(), summary.verification().pokes(), summary.verification().contract().checked(),
        Latency.shown(flips, 50), Latency.shown(flips, 99), why, summary.asExpected() ? "" : " (not as expected)")
        .stripTrailing();
  }

  private static String why(Failure failure) {
    return failure.kind().label() + (failure.cpu() < 0 ? "" : ", CPU " + failure.cpu())
        + (failure.symbol().isEmpty() ? "" : ", " + failure.symbol());
  }

  /// All runs of a scenario in a line.
  static String sum(String name, long good, List<String> bad) {
    String seeds = String.join(", ", bad.subList(0, Math.min(SHOWN, bad.size()))) + (bad.size() > SHOWN ? ", ..." : "");
    return String.format("%s: %d of %d seeds as expected", name, good, good + bad.size())
        + (bad.isEmpty() ? "" : "; not: " + seeds);
  }
}
