package dev.crosspatch.bench;

import java.util.Arrays;
import java.util.Locale;

/// How good predicted cycles are beside measured ones.
///
/// @param blocks how many there are
/// @param run    how many of them have a prediction at all
/// @param mape   mean of |predicted - measured| / measured; a block without prediction counts 1
/// @param median of the same
/// @param tau    Kendall's rank correlation (tau-b) of predicted and measured cycles, rounded to hundredths, over the
///               blocks with a prediction; 0 if all are predicted or measured alike
public record Accuracy(int blocks, int run, double mape, double median, double tau) {
  private static final double HUNDREDTHS = 100;

  /// Holds predictions against measurements.
  ///
  /// @param measured  positive cycles
  /// @param predicted cycles; NaN for none
  public static Accuracy of(double[] measured, double[] predicted) {
    double[] errors = errors(measured, predicted);
    double mean = Arrays.stream(errors).average().orElse(Double.NaN);
    Arrays.sort(errors);
    int half = errors.length / 2;
    double median = errors.length == 0 ? Double.NaN : errors.length % 2 == 1 ? errors[half]
        : (errors[half - 1] + errors[half]) / 2;
    int run = (int) Arrays.stream(predicted).filter(p -> !Double.isNaN(p)).count();
    return new Accuracy(measured.length, run, mean, median, tau(measured, predicted));
  }

  /// The mean error alone.
  static double error(double[] measured, double[] predicted) {
    return Arrays.stream(errors(measured, predicted)).average().orElse(Double.NaN);
  }

  private static double[] errors(double[] measured, double[] predicted) {
    double[] errors = new double[measured.length];
    for (int i = 0; i < measured.length; i++) {
      errors[i] = Double.isNaN(predicted[i]) ? 1 : Math.abs(predicted[i] - measured[i]) / measured[i];
    }
    return errors;
  }

  private static double tau(double[] a, double[] b) {
    long agree = 0;
    long differ = 0;
    long onlyA = 0;
    long onlyB = 0;
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < i && !Double.isNaN(b[i]); j++) {
        if (!Double.isNaN(b[j])) {
          int x = Long.compare(rounded(a[i]), rounded(a[j]));
          int y = Long.compare(rounded(b[i]), rounded(b[j]));
          agree += x * y > 0 ? 1 : 0;
          differ += x * y < 0 ? 1 : 0;
          onlyA += x != 0 && y == 0 ? 1 : 0;
          onlyB += x == 0 && y != 0 ? 1 : 0;
        }
      }
    }
    double pairs = Math.sqrt((double) (agree + differ + onlyA) * (agree + differ + onlyB));
    return pairs == 0 ? 0 : (agree - differ) / pairs;
  }

  private static long rounded(double cycles) {
    return Math.round(cycles * HUNDREDTHS);
  }

  /// One line: `blocks N run N mape X median X tau X`, errors in percent.
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "blocks %d run %d mape %.2f%% median %.2f%% tau %.3f", blocks, run, 100 * mape,
        100 * median, tau);
  }
}
