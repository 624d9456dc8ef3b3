package dev.crosspatch.core.time;

import java.math.BigDecimal;

/// The unit of local time: a fraction of a core cycle, because many instructions cost less than one. Every clock, cost
/// and event time of a machine counts in it; a `long` of them.
///
/// A cycle has 600: thirds, quarters, sixths and eighths are whole numbers of them (what pipelines of that width give),
/// and so are hundredths (what measured tables print). Of 57 bits ([dev.crosspatch.core.machine.Machine]'s scheduler
/// keeps six for the number of a core) that is 2.4e14 cycles: 18 hours of a guest at 3.7 GHz.
public final class ClockUnit {
  private ClockUnit() {}

  /// Units per cycle.
  public static final int PER_CYCLE = 600;

  /// Whole cycles of a time that is not negative.
  public static long cycles(long units) {
    return units / PER_CYCLE;
  }

  /// The first time of a cycle; [Long#MAX_VALUE] if it cannot be told.
  public static long units(long cycles) {
    return cycles > Long.MAX_VALUE / PER_CYCLE ? Long.MAX_VALUE : cycles * PER_CYCLE;
  }

  /// Units of a number of cycles, written as a decimal number or a fraction: `0.56`, `1/3`.
  ///
  /// @throws NumberFormatException if it is neither, or negative
  /// @throws ArithmeticException   if it is no whole number of units, or more than fits an `int`
  public static int parse(String text) {
    int slash = text.indexOf('/');
    BigDecimal over = new BigDecimal(slash < 0 ? text : text.substring(0, slash))
        .multiply(BigDecimal.valueOf(PER_CYCLE));
    BigDecimal under = slash < 0 ? BigDecimal.ONE : new BigDecimal(text.substring(slash + 1));
    if (over.signum() < 0 || under.signum() <= 0) {
      throw new NumberFormatException(text);
    }
    return over.divide(under).intValueExact();
  }
}
