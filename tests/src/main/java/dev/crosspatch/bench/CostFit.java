package dev.crosspatch.bench;

import dev.crosspatch.sim.mechanism.Span;
import dev.crosspatch.sim.run.Latency;
import dev.crosspatch.sim.run.Run;
import java.util.ArrayList;
import java.util.List;

/// Least squares of T = rounds x R + sites x S over some runs: T is the mean of a run's flips in cycles. What a run is
/// off counts in proportion to its T, so that small ones count as large ones do.
final class CostFit {
  /// Below this, relative to what it could be, the determinant says that rounds grow with sites in all runs.
  private static final double DEPENDENT = 0.05;

  private record Point(double rounds, double sites, double cycles) {}

  private final List<Point> points = new ArrayList<>();

  /// Takes up a run.
  void add(Run run, int sites) {
    Latency latency = run.latency();
    add(latency.roundsPerFlip(), sites, (double) latency.cycles(Span.FLIP) / latency.flips());
  }

  void add(double rounds, double sites, double cycles) {
    points.add(new Point(rounds, sites, cycles));
  }

  /// Cycles of a round and of a site.
  ///
  /// @param round cycles of a round, NaN if rounds grow with the sites, or there are none, so that nothing tells the
  ///              two apart, or if T is no such sum
  /// @param site  cycles of a site, NaN likewise
  /// @param error by how much of a run's T the formula is off at most, 0.1 for a tenth
  record Costs(double round, double site, double error) {}

  Costs costs() {
    double rr = 0;
    double rs = 0;
    double ss = 0;
    double r = 0;
    double s = 0;
    for (Point p : points) {
      double rounds = p.rounds / p.cycles;
      double sites = p.sites / p.cycles;
      rr += rounds * rounds;
      rs += rounds * sites;
      ss += sites * sites;
      r += rounds;
      s += sites;
    }
    double determinant = rr * ss - rs * rs;
    if (points.size() < 2 || determinant <= DEPENDENT * rr * ss) {
      return new Costs(Double.NaN, Double.NaN, Double.NaN);
    }
    double round = (r * ss - s * rs) / determinant;
    double site = (s * rr - r * rs) / determinant;
    if (round < 0 || site < 0) {
      return new Costs(Double.NaN, Double.NaN, Double.NaN); // it is no sum of the two
    }
    double error = points.stream()
        .mapToDouble(p -> Math.abs(p.rounds * round + p.sites * site - p.cycles) / p.cycles).max().orElseThrow();
    return new Costs(round, site, error);
  }
}
