package dev.crosspatch.sim.guest;

/// A CPU that is parked and brought up again while others patch.
///
/// @param cpu   which; none that patches
/// @param every flips from its parking to its coming up, and from that to the next parking; 0: none is parked
public record Hotplug(int cpu, long every) {
  /// No CPU is parked.
  public static final Hotplug NONE = new Hotplug(0, 0);

  /// Checks ranges.
  ///
  /// @throws IllegalArgumentException `field: what is wrong`
  public Hotplug {
    Check.range("hotplug.cpu", cpu, 0, Work.CPUS_MAX - 1);
    Check.range("hotplug.every", every, 0, Integer.MAX_VALUE);
  }

  /// Whether a CPU is.
  public boolean isThere() {
    return every > 0;
  }

  /// States of a CPU. Symbols `HOTPLUG_...`.
  enum State {
    /// At work.
    UP,
    /// It is to park.
    ASKED,
    /// Nobody calls it.
    PARKED,
    /// It is to come up.
    COMING,
    /// It has no work left and parks no more.
    DONE
  }
}
