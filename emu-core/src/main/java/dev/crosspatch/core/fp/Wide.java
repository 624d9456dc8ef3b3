package dev.crosspatch.core.fp;

/// An unsigned number of 128 bits: a product of significands.
record Wide(long high, long low) implements Comparable<Wide> {

  static Wide product(long a, long b) {
    return new Wide(Math.unsignedMultiplyHigh(a, b), a * b);
  }

  boolean isZero() {
    return (high | low) == 0;
  }

  int leadingZeros() {
    return high != 0 ? Long.numberOfLeadingZeros(high) : 64 + Long.numberOfLeadingZeros(low);
  }

  /// Left by 0 to 127 bits.
  Wide left(int by) {
    return by == 0 ? this : by >= 64
        ? new Wide(low << (by - 64), 0) : new Wide(high << by | low >>> (64 - by), low << by);
  }

  /// Right; the lowest bit stands for all that is below.
  Wide jam(int by) {
    if (by == 0) {
      return this;
    }
    if (by >= 64) {
      return new Wide(0, Rounder.jam(high, by - 64) | sticky(low));
    }
    return new Wide(high >>> by, high << (64 - by) | low >>> by | sticky(low << (64 - by)));
  }

  /// The high half; its lowest bit stands for all that is below.
  long jammed() {
    return high | sticky(low);
  }

  private static long sticky(long rest) {
    return rest == 0 ? 0 : 1;
  }

  Wide plus(Wide o) {
    long sum = low + o.low;
    return new Wide(high + o.high + (Long.compareUnsigned(sum, low) < 0 ? 1 : 0), sum);
  }

  Wide minus(Wide o) {
    return new Wide(high - o.high - (Long.compareUnsigned(low, o.low) < 0 ? 1 : 0), low - o.low);
  }

  @Override
  public int compareTo(Wide o) {
    int order = Long.compareUnsigned(high, o.high);
    return order != 0 ? order : Long.compareUnsigned(low, o.low);
  }
}
