package dev.crosspatch.sim.guest;

import java.util.Locale;

/// What patches text, as the poke log names it.
public enum Mechanism {
  /// Static keys.
  JUMP_LABEL;

  /// The name in the poke log, e.g. `jump_label`.
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
