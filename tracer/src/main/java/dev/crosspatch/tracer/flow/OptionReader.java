package dev.crosspatch.tracer.flow;

import dev.crosspatch.core.time.ClockRatio;

/// Takes [TraceOptions] in. Every error names protocol, option, value and what is allowed.
///
/// @param protocol for messages
/// @param given    what was written
public record OptionReader(String protocol, TraceOptions given) {
  private static final long MISSING = -1;
  private static final long MOST_MHZ = 1_000_000;

  /// An option that is on (1) or off (0).
  ///
  /// @throws IllegalArgumentException if it is neither
  public boolean flag(String name, boolean otherwise) {
    return number(name, otherwise ? 1 : 0, 0, 1) != 0;
  }

  /// A number within `least..most`.
  ///
  /// @throws IllegalArgumentException if it is not
  public long number(String name, long otherwise, long least, long most) {
    long value = given.value(name, otherwise);
    if (value < least || value > most) {
      throw new IllegalArgumentException(protocol + " option " + name + ": " + value + " is not within " + least
          + ".." + most);
    }
    return value;
  }

  /// An unsigned 32-bit register, which must be given.
  ///
  /// @throws IllegalArgumentException if it is not, or has more bits
  public int register(String name) {
    if (given.value(name, MISSING) == MISSING) {
      throw new IllegalArgumentException(
          protocol + " option " + name + ": missing; a trace is read by the registers of the unit that made it");
    }
    return (int) number(name, MISSING, 0, 0xffff_ffffL);
  }

  /// `frequency_mhz` and `timer_mhz`; without them a tick is a cycle.
  ///
  /// @param otherwise what both are then
  /// @throws IllegalArgumentException if one is not within 1..1000000
  public ClockRatio clocks(long otherwise) {
    long timer = number("timer_mhz", otherwise, 1, MOST_MHZ);
    return new ClockRatio((int) number("frequency_mhz", otherwise, 1, MOST_MHZ), (int) timer);
  }
}
