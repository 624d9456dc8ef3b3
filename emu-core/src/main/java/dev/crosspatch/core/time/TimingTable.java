package dev.crosspatch.core.time;

import dev.crosspatch.core.uop.CostClass;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// The costs of one core preset: cycles of each [CostClass] (reciprocal throughput) and of each [EventCost], every
/// figure with its source.
///
/// Text form, one row a line, tab separated: `NAME cycles source`; `#` starts a comment line. A figure is a decimal
/// number or, where the source gives the width of a machine, a fraction (`1/3`); it is kept exactly. A row whose figure
/// nobody published says so in its source, starting with `assumed:`. Rows `frequency_mhz` (core clock) and `timer_mhz`
/// (TSC or generic timer) are required.
public final class TimingTable {
  private static final int MISSING = -1;
  private final String name;
  private final int[] classes = new int[CostClass.values().length];
  private final int[] events = new int[EventCost.values().length];
  private int frequencyMhz = MISSING;
  private int timerMhz = MISSING;

  private TimingTable(String name) {
    this.name = name;
    Arrays.fill(classes, MISSING);
    Arrays.fill(events, MISSING);
  }

  /// Reads the table `name` from its resource.
  ///
  /// @throws IllegalArgumentException naming table, line and value if a row is malformed or unknown, or its figure no
  ///                                  whole number of [ClockUnit]s
  public static TimingTable read(String name, InputStream in) {
    TimingTable table = new TimingTable(name);
    try (BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      int number = 0;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        number++;
        if (!line.isBlank() && !line.startsWith("#")) {
          table.row(line, number);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return table;
  }

  private void row(String line, int number) {
    String[] cells = line.split("\t", 3);
    if (cells.length < 3 || cells[2].isBlank()) {
      throw bad(number, "needs name, cycles and source: " + line);
    }
    try {
      put(cells[0].strip(), cells[1].strip(), number);
    } catch (NumberFormatException e) {
      throw bad(number, "'" + cells[1] + "' is no number of cycles");
    } catch (ArithmeticException e) {
      throw bad(number, "'" + cells[1] + "' cycles cannot be told in 1/" + ClockUnit.PER_CYCLE + " cycles");
    }
  }

  private void put(String row, String figure, int number) {
    if (row.equals("frequency_mhz")) {
      frequencyMhz = Integer.parseInt(figure);
      return;
    }
    if (row.equals("timer_mhz")) {
      timerMhz = Integer.parseInt(figure);
      return;
    }
    int units = ClockUnit.parse(figure);
    if (indexOf(CostClass.values(), row) >= 0) {
      classes[indexOf(CostClass.values(), row)] = units;
    } else if (indexOf(EventCost.values(), row) >= 0) {
      events[indexOf(EventCost.values(), row)] = units;
    } else {
      throw bad(number, "no cost is called '" + row + "'");
    }
  }

  private static int indexOf(Enum<?>[] values, String row) {
    for (Enum<?> v : values) {
      if (v.name().equals(row)) {
        return v.ordinal();
      }
    }
    return -1;
  }

  private IllegalArgumentException bad(int line, String what) {
    return new IllegalArgumentException("timing table " + name + ", line " + line + ": " + what);
  }

  private int present(int value, String row) {
    if (value == MISSING) {
      throw new IllegalStateException("timing table " + name + " has no row " + row);
    }
    return value;
  }

  /// Cost of an instruction of this class, in [ClockUnit]s.
  public int cost(CostClass c) {
    return present(classes[c.ordinal()], c.name());
  }

  /// Whether the table has a row for this class.
  public boolean has(CostClass c) {
    return classes[c.ordinal()] != MISSING;
  }

  /// Cost of an event, in [ClockUnit]s.
  public int cost(EventCost e) {
    return present(events[e.ordinal()], e.name());
  }

  /// Core clock in MHz.
  public int frequencyMhz() {
    return present(frequencyMhz, "frequency_mhz");
  }

  /// TSC or generic timer in MHz.
  public int timerMhz() {
    return present(timerMhz, "timer_mhz");
  }

  /// The two clocks.
  public ClockRatio clocks() {
    return new ClockRatio(frequencyMhz(), timerMhz());
  }
}
