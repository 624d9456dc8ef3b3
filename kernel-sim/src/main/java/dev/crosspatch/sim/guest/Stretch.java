package dev.crosspatch.sim.guest;

/// Stretches of time in which CPUs do something else than their work.
///
/// @param length ticks of the trace clock that one lasts at least; 0: there are none
/// @param every  iterations of a CPU from one to the next
public record Stretch(long length, long every) {
  /// Longest, in ticks, and rarest, in iterations.
  public static final int MOST = 1 << 30;

  /// There are none.
  public static final Stretch NONE = new Stretch(0, 1);

  /// Checks ranges.
  ///
  /// @throws IllegalArgumentException `field: what is wrong`
  public Stretch {
    Check.range("length", length, 0, MOST);
    Check.range("every", every, 1, MOST);
  }

  /// Whether there are any.
  public boolean isThere() {
    return length > 0;
  }
}
