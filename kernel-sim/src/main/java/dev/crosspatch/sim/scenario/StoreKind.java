package dev.crosspatch.sim.scenario;

import java.util.Locale;

/// What a store does to the text of a site, as its bytes before and after show.
public enum StoreKind {
  /// Puts a breakpoint over its beginning.
  TRAP,
  /// Changes bytes behind a breakpoint that stays.
  TAIL,
  /// Puts something else over the breakpoint.
  HEAD,
  /// Changes text without any breakpoint.
  TEXT;

  /// Its bit in a set of kinds.
  public int bit() {
    return 1 << ordinal();
  }

  /// As reports and scenarios say it.
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
