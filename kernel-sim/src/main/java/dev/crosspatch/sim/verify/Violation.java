package dev.crosspatch.sim.verify;

import dev.crosspatch.core.event.StaleExecution;

/// A stale execution that breaks the contract of the poke log: before a poke's time a CPU runs the old bytes or the trap, after it the new bytes or the
/// trap. A decoder that trusts the log may be right all the same, by luck; the protocol is not.
///
/// @param execution what ran
/// @param kind      how it breaks the contract
public record Violation(StaleExecution execution, Kind kind) {

  /// Ways to break the contract.
  public enum Kind {
    /// The text before a poke ran after its time.
    OLD_AFTER_EVENT,
    /// The text after a poke ran before its time.
    NEW_BEFORE_EVENT,
    /// What ran was never the text of the site: parts of different versions.
    TORN
  }

  /// One line for people.
  String text() {
    return switch (kind) {
      case OLD_AFTER_EVENT -> "the old instruction ran after the time of its poke";
      case NEW_BEFORE_EVENT -> "the new instruction ran before the time of its poke";
      case TORN -> "what ran was never the text of the site";
    };
  }
}
