package dev.crosspatch.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/// Rounds and sites told apart by what runs took.
final class CostFitTest {
  private static CostFit.Costs of(double[]... runs) {
    CostFit fit = new CostFit();
    for (double[] run : runs) {
      fit.add(run[0], run[1], run[2]);
    }
    return fit.costs();
  }

  @Test
  void findsWhatMadeTheTimes() {
    CostFit.Costs costs = of(new double[] {3, 56, 3 * 5000 + 56 * 2000}, new double[] {168, 56, 168 * 5000 + 56 * 2000},
        new double[] {3, 1, 3 * 5000 + 2000});
    assertEquals(5000, costs.round(), 1e-6);
    assertEquals(2000, costs.site(), 1e-6);
    assertEquals(0, costs.error(), 1e-9);
  }

  /// A run of a tenth more, be it small or large, is told as such.
  @Test
  void tellsHowFarItIsOff() {
    CostFit.Costs costs = of(new double[] {3, 4, 23_000}, new double[] {3, 4, 27_000}, new double[] {3, 400, 800_000});
    assertTrue(costs.error() > 0.05 && costs.error() < 0.1, () -> costs.toString());
  }

  @Test
  void roundsThatGrowWithSitesAreNotToldApart() {
    assertTrue(Double.isNaN(of(new double[] {2, 1, 100}, new double[] {16, 8, 810}).round()));
    assertTrue(Double.isNaN(of(new double[] {0, 1, 100}, new double[] {0, 8, 810}).site()));
    assertTrue(Double.isNaN(of(new double[] {3, 1, 100}).site()));
  }
}
