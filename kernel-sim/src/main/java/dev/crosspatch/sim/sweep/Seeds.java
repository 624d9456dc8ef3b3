package dev.crosspatch.sim.sweep;

/// A range of seeds.
///
/// @param first the first, 0 or more
/// @param last  the last, not below the first, and not the largest number there is
public record Seeds(long first, long last) {

  /// Checks the range.
  public Seeds {
    if (first < 0 || last < first || last == Long.MAX_VALUE) {
      throw new IllegalArgumentException(first + ".." + last);
    }
  }

  /// How many there are.
  public long count() {
    return last - first + 1;
  }
}
