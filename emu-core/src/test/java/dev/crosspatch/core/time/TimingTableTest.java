package dev.crosspatch.core.time;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.crosspatch.core.uop.CostClass;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Figures are kept exactly, or refused by name.
final class TimingTableTest {
  private static TimingTable read(String text) {
    return TimingTable.read("t", new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
  }

  /// What pipelines of two to eight wide give, and hundredths as uops.info prints them: so many make so many cycles.
  @ParameterizedTest
  @CsvSource({"1/3, 3, 1", "1/6, 6, 1", "2/3, 3, 2", "0.25, 4, 1", "1/8, 8, 1", "0.125, 8, 1", "0.09, 100, 9",
      "0.56, 25, 14", "1.1, 10, 11", "1/5, 5, 1", "1/24, 24, 1", "14860, 1, 14860", "0, 1, 0"})
  void figuresAreExact(String figure, int times, int cycles) {
    int units = read("NOP\t" + figure + "\tassumed: test").cost(CostClass.NOP);
    assertEquals(ClockUnit.units(cycles), (long) times * units);
  }

  @ParameterizedTest
  @CsvSource({"0.333, '0.333' cycles cannot be told in 1/600 cycles",
      "1/7, '1/7' cycles cannot be told in 1/600 cycles",
      "9999999, '9999999' cycles cannot be told in 1/600 cycles", "-1, '-1' is no number of cycles",
      "1/0, '1/0' is no number of cycles", "1/, '1/' is no number of cycles", "x, 'x' is no number of cycles"})
  void othersAreRefused(String figure, String why) {
    String text = "# costs\nALU\t1\tassumed: test\nNOP\t" + figure + "\tassumed: test";
    assertEquals("timing table t, line 3: " + why,
        assertThrows(IllegalArgumentException.class, () -> read(text)).getMessage());
  }

  @Test
  void timesThatCannotBeToldNeverCome() {
    assertEquals(Long.MAX_VALUE, ClockUnit.units(Long.MAX_VALUE / 2));
    assertEquals(Long.MAX_VALUE, new ClockRatio(3690, 2596).cycles(Long.MAX_VALUE));
    assertEquals(3690L * 1_000_000_000_000L, new ClockRatio(3690, 2596).cycles(2596L * 1_000_000_000_000L));
  }
}
