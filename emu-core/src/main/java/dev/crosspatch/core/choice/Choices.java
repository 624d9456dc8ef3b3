package dev.crosspatch.core.choice;

/// Who decides.
@FunctionalInterface
public interface Choices {

  /// Whether [Choice#TURN] may be anything but 0. If not, it is not asked.
  default boolean choosesTurns() {
    return true;
  }

  /// Decides.
  ///
  /// @param what    the decision
  /// @param cpu     number of the core it is about
  /// @param options how many options there are, at least 1
  /// @return 0..options-1
  int choose(Choice what, int cpu, int options);
}
