package dev.crosspatch.bench;

import java.util.Arrays;

/// What several measurements of one thing say.
///
/// @param median of an even number the greater of the middle two
record Spread(double median, double min, double max) {

  static Spread of(double... values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return new Spread(sorted[sorted.length / 2], sorted[0], sorted[sorted.length - 1]);
  }
}
