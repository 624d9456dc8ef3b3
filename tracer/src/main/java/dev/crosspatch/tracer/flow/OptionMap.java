package dev.crosspatch.tracer.flow;

import dev.crosspatch.core.time.ClockRatio;
import java.util.Map;

/// The options given to a trace protocol, by name; one that is not given has its default. Every error names protocol,
/// option, value and what is allowed.
///
/// @param protocol for messages
/// @param defaults of every option
/// @param given    what a run has set
public record OptionMap(String protocol, Map<String, Long> defaults, Map<String, Long> given) {
  /// Smallest buffer of a trace unit, in bytes: it holds what the longest sequence of packets needs, twice.
  public static final int LEAST_FIFO = 256;

  /// An option that is on (1) or off (0).
  ///
  /// @throws IllegalArgumentException if it is neither
  public boolean flag(String name) {
    return number(name, 0, 1) != 0;
  }

  /// A number within `least..most`.
  ///
  /// @throws IllegalArgumentException if it is not
  public long number(String name, long least, long most) {
    long value = given.getOrDefault(name, defaults.getOrDefault(name, 0L));
    if (value < least || value > most) {
      throw new IllegalArgumentException(protocol + " option " + name + ": " + value + " is not within " + least
          + ".." + most);
    }
    return value;
  }

  /// A number that is 0 or a power of two within `least..most`, as fields of registers encode them.
  ///
  /// @throws IllegalArgumentException if it is not
  public void checkPower(String name, long least, long most) {
    long value = number(name, 0, Long.MAX_VALUE);
    if (value != 0 && (value < least || value > most || Long.bitCount(value) != 1)) {
      throw new IllegalArgumentException(
          protocol + " option " + name + ": " + value + " is neither 0 nor a power of two within " + least + ".." + most
              + ", which is what hardware has");
    }
  }

  /// `frequency_mhz` and `timer_mhz`.
  ///
  /// @throws IllegalArgumentException if one is not within 1..1000000
  public ClockRatio clocks() {
    return new ClockRatio((int) number("frequency_mhz", 1, 1_000_000), (int) number("timer_mhz", 1, 1_000_000));
  }

  /// Bytes of the trace unit's buffer.
  ///
  /// @throws IllegalArgumentException if it is too small
  public long fifoBytes() {
    long value = number("fifo_bytes", 0, 1 << 30);
    if (value != 0 && value < LEAST_FIFO) {
      throw new IllegalArgumentException(protocol + " option fifo_bytes: " + value + " is neither 0 nor " + LEAST_FIFO
          + " or more");
    }
    return value;
  }
}
