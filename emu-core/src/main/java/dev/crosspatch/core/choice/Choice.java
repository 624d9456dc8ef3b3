package dev.crosspatch.core.choice;

import java.util.Locale;

/// The decisions of a machine, each with what its options mean. Option 0 of those that are not drawn is what a machine
/// does if nobody says otherwise.
public enum Choice {
  /// Which core is next of those whose turn comes at the same time, in order of their numbers. Not drawn.
  TURN(false),
  /// Whether an adversarial core does cache maintenance at its next barrier (0) or at once (1). Not drawn.
  MAINTENANCE(false),
  /// Whether an adversarial core had not fetched a line ahead that changes (0), had for a while (1), or keeps it until
  /// a context synchronization (2).
  FETCHED_AHEAD(true),
  /// For how long: [dev.crosspatch.core.time.ClockUnit]s less one.
  KEPT_FOR(true),
  /// For how long a typical core still runs what its pipeline holds of a line that changed:
  /// [dev.crosspatch.core.time.ClockUnit]s.
  PIPELINE(true),
  /// By how much later a typical core whose lines change together sees a line change than another:
  /// [dev.crosspatch.core.time.ClockUnit]s.
  LINE_SKEW(true),
  /// Which of the versions of a line an adversarial core takes: those fetched ahead, oldest first, then its instruction
  /// cache's.
  VERSION(true),
  /// Whether the instruction cache of an adversarial core had refilled a line that it did not hold before it changed
  /// (0), or not (1).
  REFILLED(true),
  /// Whether the instruction cache of an adversarial core lost a line that changed (0), or not (1).
  EVICTED(true);

  private final boolean drawn;

  Choice(boolean drawn) {
    this.drawn = drawn;
  }

  /// As records and messages name it: `fetched-ahead`.
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// Whether [SeededChoices] draws it.
  public boolean isDrawn() {
    return drawn;
  }
}
