package dev.crosspatch.sim.guest;

import java.util.List;

/// Which keys change when.
///
/// @param order    keys in the order they are flipped, over and over
/// @param total    flips in all; 0 to go on until the work of all CPUs is done or, if that is endless, until the
///                 machine stops
/// @param interval ticks of the trace clock (TSC, generic timer) from the begin of a flip to the begin of the next, 0
///                 for no pause
public record Flips(List<Integer> order, long total, long interval) {

  /// Checks ranges.
  ///
  /// @throws IllegalArgumentException `field: what is wrong`
  public Flips {
    Check.range("flips", total, 0, Long.MAX_VALUE);
    Check.range("flipInterval", interval, 0, Long.MAX_VALUE);
    order = List.copyOf(order);
  }
}
