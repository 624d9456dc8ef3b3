package dev.crosspatch.core.time;

import dev.crosspatch.core.uop.CostClass;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The costs of one core preset: cycles of each [CostClass] (reciprocal throughput) and of each [EventCost], the size
/// of each [Structure], and how cores lie together ([Count]); every figure with its source.
///
/// Text form, one row a line, tab separated: `NAME figure source`; `#` starts a comment line. Cycles are a decimal
/// number or, where the source gives the width of a machine, a fraction (`1/3`); they are kept exactly. A size is sets
/// and ways (`64x8`). A row whose figure nobody published says so in its source, starting with `assumed:`. Rows
/// `frequency_mhz` (core clock) and `timer_mhz` (TSC or generic timer) are required. `base NAME source` is all of
/// another table, which the rows behind it are put over.
public final class TimingTable {
  /// How rows of a machine begin that are not this table's but parameters of its pipeline.
  public static final String PIPELINE = "PIPELINE_";
  private static final String FREQUENCY = "frequency_mhz";
  private static final String TIMER = "timer_mhz";
  private static final String BASE = "base";
  private static final int MOST_MHZ = 1_000_000;
  private static final int MOST_CORES = 1 << 20;

  /// What a row tells.
  private enum Kind { CYCLES, SIZE, MHZ, CORES }

  private static final Map<String, Kind> KINDS = kinds();

  private final String name;
  /// [ClockUnit]s, megahertz or numbers of cores, by row.
  private final Map<String, Integer> numbers = new HashMap<>();
  private final Map<String, Geometry> sizes = new HashMap<>();

  private TimingTable(String name) {
    this.name = name;
  }

  private static Map<String, Kind> kinds() {
    Map<String, Kind> kinds = new HashMap<>(Map.of(FREQUENCY, Kind.MHZ, TIMER, Kind.MHZ));
    Stream.concat(Stream.of(CostClass.values()), Stream.of(EventCost.values()))
        .forEach(row -> kinds.put(row.name(), Kind.CYCLES));
    Stream.of(Structure.values()).forEach(row -> kinds.put(row.name(), Kind.SIZE));
    Stream.of(Count.values()).forEach(row -> kinds.put(row.name(), Kind.CORES));
    return kinds;
  }

  /// Reads the table `name`.
  ///
  /// @param resources opens a table by its name
  /// @throws IllegalArgumentException naming table, line and value if a row is malformed or unknown, or its figure no
  ///                                  whole number of [ClockUnit]s
  public static TimingTable read(String name, Function<String, InputStream> resources) {
    TimingTable table = new TimingTable(name);
    table.lines(name, resources);
    return table;
  }

  /// The same with other figures for some rows.
  ///
  /// @param rows figures by name of a row; those that begin with [#PIPELINE] are another's
  /// @throws IllegalArgumentException naming row and value if there is no such row, or the value is none
  public TimingTable with(Map<String, String> rows) {
    if (rows.isEmpty()) {
      return this;
    }
    TimingTable other = new TimingTable(name);
    other.numbers.putAll(numbers);
    other.sizes.putAll(sizes);
    rows.forEach((row, figure) -> {
      if (!row.startsWith(PIPELINE)) {
        other.put(row, figure);
      }
    });
    return other;
  }

  private void lines(String from, Function<String, InputStream> resources) {
    TableLines.read(resources.apply(from), (line, number) -> row(line, from, number, resources));
  }

  private void row(String line, String from, int number, Function<String, InputStream> resources) {
    String[] cells = line.split("\t", 3);
    if (cells.length < 3 || cells[2].isBlank()) {
      throw bad(from, number, "needs name, figure and source: " + line);
    }
    if (cells[0].equals(BASE)) {
      lines(cells[1], resources);
      return;
    }
    try {
      put(cells[0].strip(), cells[1].strip());
    } catch (IllegalArgumentException e) {
      throw bad(from, number, String.valueOf(e.getMessage()));
    }
  }

  private void put(String row, String figure) {
    Kind kind = KINDS.get(row);
    if (kind == null) {
      throw new IllegalArgumentException("no row is called '" + row + "'");
    }
    try {
      switch (kind) {
        case CYCLES -> numbers.put(row, ClockUnit.parse(figure));
        case SIZE -> sizes.put(row, size(Structure.valueOf(row), figure));
        case MHZ -> numbers.put(row, whole(figure, MOST_MHZ));
        case CORES -> numbers.put(row, whole(figure, MOST_CORES));
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(row + ": '" + figure + "' is no number of " + switch (kind) {
        case MHZ -> "megahertz, 1 to " + MOST_MHZ;
        case CORES -> "cores, 1 to " + MOST_CORES;
        case CYCLES, SIZE -> "cycles";
      }, e);
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          row + ": '" + figure + "' cycles cannot be told in 1/" + ClockUnit.PER_CYCLE + " cycles", e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(row + ": " + e.getMessage(), e);
    }
  }

  private static Geometry size(Structure of, String figure) {
    Geometry size = Geometry.parse(figure);
    if (!size.exists() && !of.isOptional()) {
      throw new IllegalArgumentException("every core has one, not '" + figure + "'");
    }
    return size;
  }

  private static int whole(String figure, int most) {
    int number = Integer.parseInt(figure);
    if (number < 1 || number > most) {
      throw new NumberFormatException(figure);
    }
    return number;
  }

  private static IllegalArgumentException bad(String from, int line, String what) {
    return new IllegalArgumentException("timing table " + from + ", line " + line + ": " + what);
  }

  private <T> T present(@Nullable T value, String row) {
    if (value == null) {
      throw new IllegalStateException("timing table " + name + " has no row " + row);
    }
    return value;
  }

  /// Cost of an instruction of this class, in [ClockUnit]s.
  public int cost(CostClass c) {
    return present(numbers.get(c.name()), c.name());
  }

  /// Whether the table has a row for this class.
  public boolean has(CostClass c) {
    return numbers.containsKey(c.name());
  }

  /// Cost of an event, in [ClockUnit]s.
  public int cost(EventCost e) {
    return present(numbers.get(e.name()), e.name());
  }

  /// Size of a table of the core.
  public Geometry size(Structure s) {
    return present(sizes.get(s.name()), s.name());
  }

  /// How many cores lie together.
  public int count(Count c) {
    return present(numbers.get(c.name()), c.name());
  }

  /// Core clock in MHz.
  public int frequencyMhz() {
    return present(numbers.get(FREQUENCY), FREQUENCY);
  }

  /// TSC or generic timer in MHz.
  public int timerMhz() {
    return present(numbers.get(TIMER), TIMER);
  }

  /// The two clocks.
  public ClockRatio clocks() {
    return new ClockRatio(frequencyMhz(), timerMhz());
  }

  /// How users write the name of a row: in lower case, with `-`.
  public static String key(String row) {
    return row.toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// The name of the row that users write so.
  public static String row(String key) {
    return key.toUpperCase(Locale.ROOT).replace('-', '_');
  }

  /// Names of all rows that a table can have, in order.
  public static List<String> rows() {
    List<String> rows = new ArrayList<>(KINDS.keySet());
    rows.sort(null);
    return rows;
  }
}
