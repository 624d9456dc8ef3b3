package dev.crosspatch.core.time;

/// The core clock and the trace clock (TSC, generic timer), both of which are 0 at the start and run at constant rates.
///
/// @param coreMhz  core clock
/// @param timerMhz trace clock
public record ClockRatio(int coreMhz, int timerMhz) {

  /// What the trace clock reads at `cycle`.
  public long ticks(long cycle) {
    return isOne() ? cycle : cycle / coreMhz * timerMhz + cycle % coreMhz * timerMhz / coreMhz;
  }

  /// First cycle at which the trace clock reads `ticks`; [Long#MAX_VALUE] if it cannot be told.
  public long cycles(long ticks) {
    return ticks / timerMhz >= Long.MAX_VALUE / coreMhz
        ? Long.MAX_VALUE
        : ticks / timerMhz * coreMhz + Math.ceilDiv(ticks % timerMhz * coreMhz, (long) timerMhz);
  }

  /// Whether a cycle is a tick.
  public boolean isOne() {
    return coreMhz == timerMhz;
  }
}
