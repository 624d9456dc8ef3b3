package dev.crosspatch.sim.mechanism;

/// A sort of text event that a mechanism sends.
public enum Report {
  /// Text changes: old and new bytes.
  CHANGE,
  /// Text appears where there was none: no old bytes.
  APPEAR,
  /// Text goes away: no new bytes.
  VANISH
}
