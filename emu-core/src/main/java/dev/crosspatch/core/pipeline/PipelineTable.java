package dev.crosspatch.core.pipeline;

import dev.crosspatch.core.time.ClockUnit;
import dev.crosspatch.core.time.TableLines;
import dev.crosspatch.core.time.TimingTable;
import dev.crosspatch.core.uop.CostClass;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// What a core's pipeline is made of: parameters, groups of ports, and what instructions take of them; every figure
/// with its source.
///
/// Text form, a line each, tab separated; `#` starts a comment line.
///
/// * `base NAME`: all of another table, which what follows is put over.
/// * `set PARAMETER figure source`: a [Parameter]; cycles, or a number of something.
/// * `group NAME units source`: ports that serve the same micro-ops, by the names of their units (`a0 a1`).
/// * `row forms slots micro-ops latency flags source`: instructions ([dev.crosspatch.core.uop.Profile#form]), each form
///   words with `*` for anything, several with ` | ` between; slots of the front end; micro-ops, `-` or groups with
///   `*count` or `:cycles` for which a unit is busy; cycles from sources to result; [Flag]s or `-`. The first row that
///   fits is meant, those of a later table before those of its base. A form `@CLASS` is every instruction of that
///   [CostClass].
public final class PipelineTable {

  /// What is not a row's.
  public enum Parameter {
    /// Slots of the front end in a cycle; instructions between issue and retirement; slots that retire in a cycle.
    WIDTH, WINDOW,
    /// Cycles from address to result of a load that hits the L1 data cache, into a general and into a vector register.
    LOAD, VECTOR_LOAD,
    /// Cycles from a store's data to a load of all of them, and what a vector load takes more; from a store's data to a
    /// load of them and others; from a store's way out to a load at the same offset of another page.
    FORWARD, FORWARD_VECTOR, FORWARD_PART, ALIAS,
    /// A store's data reach a load of the same address expression without latency (1), or do not (0).
    RENAMES,
    /// Cycles between stores that leave; 1 if two within an aligned 32 bytes leave together.
    COMMIT, COMMIT_PAIRS,
    /// Stores that can be in flight.
    STORES,
    /// Cycles that a locked instruction takes behind the one before.
    LOCK,
    /// The register of the stack engine, or 32; by how much an instruction of it moves that register on, and what the
    /// first other use of it costs.
    STACK, STACK_STEP, STACK_SYNC,
    /// 1 if a comparison and the branch behind it take one slot.
    FUSES,
    /// 1 if a NOP behind something else takes no slot.
    NOPS_FUSE,
    /// Cycles for each bit of a quotient beyond the first.
    QUOTIENT,
    /// Parts of the model that are there (1, as in every table) or left out (0), to see what they are worth: waiting
    /// for registers; ports; what loads wait for among recent stores; copies and zero idioms that take no port and no
    /// time; the stack engine.
    DEPENDENCES(true), PORTS(true), MEMORY(true), ELIMINATION(true), STACK_ENGINE(true);

    private final boolean part;

    Parameter() {
      this(false);
    }

    Parameter(boolean part) {
      this.part = part;
    }
  }

  /// What is special about instructions.
  public enum Flag {
    /// A copy between registers that takes no port, and no time.
    ELIMINATED,
    /// Of the same register twice: no sources, no port.
    IDIOM,
    /// What its destination was is no source, though a part of it stays.
    UNARY,
    /// Nothing is left of it behind the front end.
    NOP,
    /// PUSH and its like: the stack engine moves the stack pointer.
    STACK,
    /// Begins when all before it have retired, and all behind it when it has.
    SERIAL,
    /// Division, by the bits of the quotient.
    DIVIDE,
    /// A comparison that a branch behind it is fused with; such a branch.
    FUSES, BRANCH
  }

  /// A row.
  ///
  /// @param slots   of the front end, in [ClockUnit]s
  /// @param groups  one of each micro-op
  /// @param busy    how long each keeps a unit busy, in [ClockUnit]s
  /// @param latency in [ClockUnit]s
  /// @param flags   bits by ordinals of [Flag]
  record Row(List<Pattern> forms, double slots, int[] groups, int[] busy, int latency, int flags, String source) {
    boolean has(Flag flag) {
      return (flags >> flag.ordinal() & 1) != 0;
    }
  }

  /// Groups that are busy when one is: those whose ports are all of its ports, and more.
  ///
  /// @param units how many ports it has
  record Group(String name, long ports, int units) {}

  private static final String LOAD = "load";
  private static final String VECTOR_LOAD = "vector_load";
  private static final String STORE_ADDRESS = "store_address";
  private static final String STORE_DATA = "store_data";
  private static final String VECTOR_STORE_DATA = "vector_store_data";

  private final String name;
  private final Function<String, InputStream> resources;
  private final double[] parameters = new double[Parameter.values().length];
  private final boolean[] known = new boolean[Parameter.values().length];
  private final Map<String, Integer> unitNumbers = new HashMap<>();
  private final Map<String, Integer> groupNumbers = new HashMap<>();
  private final List<Group> groups = new ArrayList<>();
  private final List<Row> rows = new ArrayList<>();
  private final Map<CostClass, Row> classes = new HashMap<>();
  private final Map<String, Row> found = new HashMap<>();
  private final Map<String, int[]> shared = new HashMap<>();
  private int[][] wider = {};
  private int[] units = {};

  private PipelineTable(String name, Function<String, InputStream> resources) {
    this.name = name;
    this.resources = resources;
  }

  /// Reads the table `name`.
  ///
  /// @param resources opens a table by its name
  /// @throws IllegalArgumentException naming table, line and value if a line is malformed or unknown
  public static PipelineTable read(String name, Function<String, InputStream> resources) {
    PipelineTable table = new PipelineTable(name, resources);
    table.lines(name);
    for (Parameter p : Parameter.values()) {
      if (p.part && !table.known[p.ordinal()]) {
        table.parameters[p.ordinal()] = 1;
      } else if (!table.known[p.ordinal()]) {
        throw new IllegalArgumentException("pipeline table " + name + " does not set " + p);
      }
    }
    for (String group : List.of(LOAD, VECTOR_LOAD, STORE_ADDRESS, STORE_DATA, VECTOR_STORE_DATA)) {
      table.group(group, name, 0);
    }
    table.relate();
    return table;
  }

  /// Sets parameters otherwise; returns this table.
  ///
  /// @param rows figures by name of a row, of which those are meant that begin with [TimingTable#PIPELINE]
  /// @throws IllegalArgumentException naming row and value if there is no such parameter, or the value is no number
  public PipelineTable with(Map<String, String> rows) {
    rows.forEach((row, figure) -> {
      if (row.startsWith(TimingTable.PIPELINE)) {
        parameters[parameter(row).ordinal()] = figure(row, figure);
      }
    });
    return this;
  }

  /// Names of all rows that [#with] knows, in order.
  public static List<String> rows() {
    return Stream.of(Parameter.values()).map(p -> TimingTable.PIPELINE + p).sorted().toList();
  }

  private static Parameter parameter(String row) {
    for (Parameter p : Parameter.values()) {
      if (row.equals(TimingTable.PIPELINE + p)) {
        return p;
      }
    }
    throw new IllegalArgumentException(row + ": no parameter of a pipeline");
  }

  private static double figure(String row, String figure) {
    if (!figure.matches("[0-9]{1,5}([.][0-9]{1,6})?")) {
      throw new IllegalArgumentException(row + ": '" + figure + "' is no number within 0..99999");
    }
    return Double.parseDouble(figure);
  }

  private void lines(String from) {
    List<Row> own = new ArrayList<>();
    TableLines.read(resources.apply(from), (line, number) -> line(line.split("\t", -1), from, number, own));
    rows.addAll(0, own);
  }

  private void line(String[] cells, String from, int number, List<Row> own) {
    int wanted = switch (cells[0]) {
      case "base" -> 2;
      case "set", "group" -> 4;
      case "row" -> 7;
      default -> throw bad(from, number, "'" + cells[0] + "' is none of base, set, group, row");
    };
    if (cells.length != wanted) {
      throw bad(from, number, "'" + cells[0] + "' has " + wanted + " cells, not " + cells.length);
    }
    try {
      switch (cells[0]) {
        case "base" -> lines(cells[1]);
        case "set" -> {
          Parameter parameter = Parameter.valueOf(cells[1]);
          parameters[parameter.ordinal()] = Double.parseDouble(cells[2]);
          known[parameter.ordinal()] = true;
        }
        case "group" -> define(cells[1], cells[2]);
        default -> row(cells, from, number, own);
      }
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw e.getMessage() != null && e.getMessage().startsWith("pipeline table") ? e
          : bad(from, number, String.valueOf(e.getMessage()));
    }
  }

  private void define(String group, String ports) {
    long mask = 0;
    for (String port : ports.split(" ", -1)) {
      mask |= 1L << unitNumbers.computeIfAbsent(port, p -> unitNumbers.size());
    }
    Group made = new Group(group, mask, Long.bitCount(mask));
    Integer old = groupNumbers.putIfAbsent(group, groups.size());
    if (old == null) {
      groups.add(made);
    } else {
      groups.set(old, made);
    }
  }

  private void row(String[] cells, String from, int number, List<Row> own) {
    List<Integer> uops = new ArrayList<>();
    List<Integer> busy = new ArrayList<>();
    for (String uop : cells[3].equals("-") ? new String[0] : cells[3].split(" ", -1)) {
      String[] parts = uop.split("[*:]", 2);
      int group = group(parts[0], from, number);
      int count = uop.contains("*") ? Integer.parseInt(parts[1]) : 1;
      for (int i = 0; i < count; i++) {
        uops.add(group);
        busy.add(uop.contains(":") ? ClockUnit.parse(parts[1]) : ClockUnit.PER_CYCLE);
      }
    }
    int flags = 0;
    for (String flag : cells[5].equals("-") ? new String[0] : cells[5].split(" ", -1)) {
      flags |= 1 << Flag.valueOf(flag).ordinal();
    }
    List<Pattern> forms = new ArrayList<>();
    List<CostClass> of = new ArrayList<>();
    for (String form : cells[1].split(" \\| ", -1)) {
      if (form.startsWith("@")) {
        of.add(CostClass.valueOf(form.substring(1)));
      } else {
        forms.add(pattern(form));
      }
    }
    Row row = new Row(forms, Double.parseDouble(cells[2]), ints(uops), ints(busy), ClockUnit.parse(cells[4]), flags,
        cells[6]);
    of.forEach(cost -> classes.put(cost, row));
    own.add(row);
  }

  /// Words of which the last ones may be missing.
  private static Pattern pattern(String form) {
    return Pattern.compile(Pattern.quote(form).replace("*", "\\E[^ ]*\\Q") + "( .*)?");
  }

  private static int[] ints(List<Integer> list) {
    return list.stream().mapToInt(Integer::intValue).toArray();
  }

  private int group(String group, String from, int line) {
    Integer number = groupNumbers.get(group);
    if (number == null) {
      throw bad(from, line, "there is no group '" + group + "'");
    }
    return number;
  }

  private static IllegalArgumentException bad(String table, int line, String what) {
    return new IllegalArgumentException("pipeline table " + table + ", line " + line + ": " + what);
  }

  private void relate() {
    wider = new int[groups.size()][];
    units = new int[groups.size()];
    for (int i = 0; i < groups.size(); i++) {
      long ports = groups.get(i).ports;
      units[i] = groups.get(i).units;
      List<Integer> all = new ArrayList<>();
      for (int j = 0; j < groups.size(); j++) {
        boolean alike = groups.get(j).ports == ports;
        if ((groups.get(j).ports & ports) == ports && (!alike || j <= first(ports))) {
          all.add(j);
        }
      }
      wider[i] = ints(all);
    }
  }

  /// Groups of the same ports are one.
  private int first(long ports) {
    for (int i = 0; i < groups.size(); i++) {
      if (groups.get(i).ports == ports) {
        return i;
      }
    }
    return groups.size();
  }

  // ---- what it says

  /// What an instruction takes.
  ///
  /// @throws IllegalStateException naming table and class if there is no row for it
  Row row(String form, CostClass cost) {
    return found.computeIfAbsent(form + " @" + cost, key -> find(form, cost));
  }

  private Row find(String form, CostClass cost) {
    for (Row row : rows) {
      for (Pattern pattern : row.forms) {
        if (pattern.matcher(form).matches()) {
          return row;
        }
      }
    }
    Row row = classes.get(cost);
    if (row == null) {
      throw new IllegalStateException("pipeline table " + name + " has no row for '" + form + "', nor for @" + cost);
    }
    return row;
  }

  /// Where the figures of an instruction come from.
  public String source(String form, CostClass cost) {
    return row(form, cost).source;
  }

  /// Whether a part of the model is there.
  boolean has(Parameter part) {
    return number(part) != 0;
  }

  double number(Parameter parameter) {
    return parameters[parameter.ordinal()];
  }

  /// Cycles of a parameter, in [ClockUnit]s.
  int units(Parameter parameter) {
    return (int) Math.round(number(parameter) * ClockUnit.PER_CYCLE);
  }

  private int numberOf(String group) {
    return group(group, name, 0);
  }

  int groups() {
    return groups.size();
  }

  int load(boolean vector) {
    return numberOf(vector ? VECTOR_LOAD : LOAD);
  }

  int storeAddress() {
    return numberOf(STORE_ADDRESS);
  }

  int storeData(boolean vector) {
    return numberOf(vector ? VECTOR_STORE_DATA : STORE_DATA);
  }

  /// The groups that wait when one is busy, itself first among those of the same ports; none without ports.
  int[] wider(int group) {
    return has(Parameter.PORTS) ? wider[group] : new int[0];
  }

  /// The one array of these numbers.
  int[] shared(int... numbers) {
    return shared.computeIfAbsent(Arrays.toString(numbers), text -> numbers);
  }

  /// Ports of a group.
  int ports(int group) {
    return units[group];
  }

  @Override
  public String toString() {
    return name;
  }
}
