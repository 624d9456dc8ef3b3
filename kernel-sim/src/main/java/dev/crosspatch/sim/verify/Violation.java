package dev.crosspatch.sim.verify;

import dev.crosspatch.core.event.Event.StaleExecution;
import dev.crosspatch.sim.scenario.FailureKind;

/// A stale execution that breaks the contract of the poke log: before a poke's time a CPU runs the old bytes or the
/// trap, after it the new bytes or the trap. A decoder that trusts the log may be right all the same, by luck; the
/// protocol is not.
///
/// @param execution what ran
/// @param kind      how it breaks the contract
public record Violation(StaleExecution execution, FailureKind kind) {

  /// One line for people.
  static String text(FailureKind kind) {
    return switch (kind) {
      case OLD_AFTER_EVENT -> "the old instruction ran after the time of its poke";
      case NEW_BEFORE_EVENT -> "the new instruction ran before the time of its poke";
      case TORN -> "what ran was never the text of the site";
      case UNREPORTED -> "what ran was written without a poke in the log";
      default -> kind.label();
    };
  }
}
