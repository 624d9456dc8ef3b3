package dev.crosspatch.core.time;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.uop.CostClass;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Figures are kept exactly, or refused by name.
final class TimingTableTest {
  private static TimingTable read(String text) {
    return TimingTable.read("t", name -> new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
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
  @CsvSource({"0.333, NOP: '0.333' cycles cannot be told in 1/600 cycles",
      "1/7, NOP: '1/7' cycles cannot be told in 1/600 cycles",
      "9999999, NOP: '9999999' cycles cannot be told in 1/600 cycles", "-1, NOP: '-1' is no number of cycles",
      "1/0, NOP: '1/0' is no number of cycles", "1/, NOP: '1/' is no number of cycles",
      "x, NOP: 'x' is no number of cycles"})
  void othersAreRefused(String figure, String why) {
    String text = "# costs\nALU\t1\tassumed: test\nNOP\t" + figure + "\tassumed: test";
    assertEquals("timing table t, line 3: " + why,
        assertThrows(IllegalArgumentException.class, () -> read(text)).getMessage());
  }

  /// A table stands on another; a machine says some of its figures otherwise.
  @Test
  void rowsAreSaidAnew() {
    Map<String, String> tables = Map.of("a", "ALU\t1\tassumed: test\nNOP\t2\tassumed: test\nL1D\t64x8\tassumed: test",
        "b", "base\ta\tassumed: test\nNOP\t3\tassumed: test\nSOCKET_CORES\t6\tassumed: test");
    TimingTable b = TimingTable.read("b",
        name -> new ByteArrayInputStream(Objects.requireNonNull(tables.get(name)).getBytes(StandardCharsets.UTF_8)));
    assertEquals(ClockUnit.PER_CYCLE, b.cost(CostClass.ALU));
    assertEquals(3 * ClockUnit.PER_CYCLE, b.cost(CostClass.NOP));
    TimingTable c = b.with(Map.of("NOP", "1/3", "L1D", "256x2", "SOCKET_CORES", "12"));
    assertEquals(ClockUnit.PER_CYCLE / 3, c.cost(CostClass.NOP));
    assertEquals(new Geometry(256, 2), c.size(Structure.L1D));
    assertEquals(12, c.count(Count.SOCKET_CORES));
    assertEquals(6, b.count(Count.SOCKET_CORES), "the table stays");
  }

  @ParameterizedTest
  @CsvSource({"L1D, 60x8, '''60x8'' is neither 0x0 nor a power of two of sets, up to 1048576, times 1 to 64 ways'",
      "L1D, 0x0, 'every core has one, not ''0x0'''", "L3, 0x3, '''0x3'' is neither'",
      "L1D, 64, '''64'' is not sets and ways, as in 64x8'",
      "SOCKET_CORES, 0, '''0'' is no number of cores, 1 to 1048576'",
      "timer_mhz, 0, '''0'' is no number of megahertz, 1 to 1000000'"})
  void sizesAreChecked(String row, String figure, String why) {
    String told = assertThrows(IllegalArgumentException.class,
        () -> read("ALU\t1\tassumed: test").with(Map.of(row, figure))).getMessage();
    assertTrue(told != null && told.startsWith(row + ": " + why), told);
  }

  @Test
  void timesThatCannotBeToldNeverCome() {
    assertEquals(Long.MAX_VALUE, ClockUnit.units(Long.MAX_VALUE / 2));
    assertEquals(Long.MAX_VALUE, new ClockRatio(3690, 2596).cycles(Long.MAX_VALUE));
    assertEquals(3690L * 1_000_000_000_000L, new ClockRatio(3690, 2596).cycles(2596L * 1_000_000_000_000L));
  }
}
