package dev.crosspatch.sim.mechanism;

import java.util.Locale;

/// A sort of text event that a mechanism sends.
public enum Report {
  /// Text changes: old and new bytes.
  CHANGE,
  /// Text appears where there was none: no old bytes.
  APPEAR,
  /// Text goes away: no new bytes.
  VANISH;

  /// As a manifest says it.
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
