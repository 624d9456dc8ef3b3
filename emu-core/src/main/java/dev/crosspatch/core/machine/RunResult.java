package dev.crosspatch.core.machine;

/// How a run ended.
///
/// @param end     why
/// @param reason  the same for people
/// @param cycles  time of the core that is furthest
/// @param retired instructions of all cores since the machine was made
public record RunResult(End end, String reason, long cycles, long retired) {

  /// Why a run ended.
  public enum End {
    /// [Machine#stop(String)] was called.
    STOPPED,
    /// [RunLimits#cycles()] was reached.
    CYCLE_LIMIT,
    /// [RunLimits#retired()] was reached.
    RETIRED_LIMIT,
    /// Every core waits and no event is under way.
    DEADLOCK
  }
}
