package dev.crosspatch.tests.isa;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/// A litmus test of AArch64 in the format of the herd tools, as far as instruction fetch needs it: what registers and
/// memory hold at first, a column of instructions for each thread, and a conjunction of what they may hold at the end.
///
/// @param name    of the test
/// @param initial by thread and register (`0:1` for `0:X1`): a number, `NOP`, `instr:"..."`, the name of a variable, or
///                a label of a thread (`P1:L`)
/// @param threads instructions and labels (`L:`) of each
/// @param asked   what the test asks for
record Litmus(String name, Map<String, String> initial, List<List<String>> threads, List<Asked> asked) {

  /// That a register holds a value at the end.
  ///
  /// @param thread   whose
  /// @param register its number
  record Asked(int thread, int register, long value) {}

  /// A test that says something that is not understood here.
  static final class Unknown extends Exception {
    private static final long serialVersionUID = 1L;

    Unknown(String what) {
      super(what);
    }
  }

  private static final Pattern REGISTER = Pattern.compile("(\\d):[XW](\\d+)");
  private static final Pattern CONJUNCT = Pattern.compile("(\\d):[XW](\\d+) *= *(\\d+)");

  /// Reads one.
  static Litmus read(String text) throws Unknown {
    String plain = text.replaceAll("(?s)\\(\\*.*?\\*\\)", "");
    int open = plain.indexOf('{');
    int close = plain.indexOf('}', open);
    int clause = plain.indexOf("exists", close);
    if (open < 0 || close < 0 || clause < 0 || plain.substring(close, clause).contains("~")) {
      throw new Unknown("no clause 'exists'");
    }
    String name = plain.lines().findFirst().orElse("").replaceFirst("^AArch64 +", "").strip();
    return new Litmus(name, initial(plain.substring(open + 1, close)), threads(plain.substring(close + 1, clause)),
        asked(plain.substring(clause + "exists".length())));
  }

  private static Map<String, String> initial(String text) throws Unknown {
    Map<String, String> initial = new HashMap<>();
    for (String part : text.split(";", -1)) {
      String[] sides = part.split("=", 2);
      Matcher register = REGISTER.matcher(sides[0].strip());
      if (!register.matches()) {
        if (part.isBlank() || !part.contains("[")) {
          continue; // a declaration
        }
        throw new Unknown("memory at first: " + part.strip());
      }
      initial.put(register.group(1) + ":" + register.group(2), sides[1].strip());
    }
    return initial;
  }

  private static List<List<String>> threads(String text) throws Unknown {
    List<List<String>> threads = new ArrayList<>();
    for (String line : text.split(";", -1)) {
      String[] cells = line.strip().split("\\|", -1);
      if (line.isBlank()) {
        continue;
      }
      if (threads.isEmpty()) {
        for (int i = 0; i < cells.length; i++) {
          threads.add(new ArrayList<>());
        }
        continue;
      }
      for (int i = 0; i < cells.length; i++) {
        String cell = cells[i].strip();
        if (cell.contains("(")) {
          throw new Unknown("macro " + cell);
        }
        int colon = cell.indexOf(':');
        if (colon >= 0) {
          threads.get(i).add(cell.substring(0, colon + 1).replace(" ", ""));
        }
        if (!cell.substring(colon + 1).isBlank()) {
          threads.get(i).add(cell.substring(colon + 1).strip());
        }
      }
    }
    return threads;
  }

  private static List<Asked> asked(String text) throws Unknown {
    List<Asked> asked = new ArrayList<>();
    for (String part : text.replaceAll("[()]", " ").strip().split("/\\\\", -1)) {
      Matcher conjunct = CONJUNCT.matcher(part.strip());
      if (!conjunct.matches()) {
        throw new Unknown("clause " + part.strip());
      }
      asked.add(new Asked(Integer.parseInt(conjunct.group(1)), Integer.parseInt(conjunct.group(2)),
          Long.parseLong(conjunct.group(3))));
    }
    return asked;
  }

  /// The label of code that a register of a thread points to at first, as `P1:L`.
  Optional<String> codeOf(int thread, int register) {
    return Optional.ofNullable(initial.get(thread + ":" + register)).map(v -> v.replaceAll("^label:|\"", ""))
        .filter(v -> v.matches("P\\d:.*"));
  }

  /// Labels of code that some thread stores to, as `P1:L`.
  Set<String> changed() {
    Set<String> changed = new LinkedHashSet<>();
    Pattern store = Pattern.compile("STR *[XW]\\d+, *\\[X(\\d+)\\]");
    for (int thread = 0; thread < threads.size(); thread++) {
      for (String line : threads.get(thread)) {
        Matcher at = store.matcher(line);
        if (at.matches()) {
          codeOf(thread, Integer.parseInt(at.group(1))).ifPresent(changed::add);
        }
      }
    }
    return changed;
  }

  /// What a line of a thread fetches of changed code: the label that execution falls into, or that a register points
  /// to.
  private Optional<String> fetched(int thread, int at) {
    List<String> lines = threads.get(thread);
    String line = lines.get(at);
    if (line.endsWith(":")) {
      return at > 0 && lines.get(at - 1).startsWith("B ") ? Optional.empty()
          : Optional.of("P" + thread + ":" + line.substring(0, line.length() - 1)).filter(changed()::contains);
    }
    Matcher branch = Pattern.compile("BL?R *X(\\d+)").matcher(line);
    return branch.matches() ? codeOf(thread, Integer.parseInt(branch.group(1))).filter(changed()::contains)
        : Optional.empty();
  }

  /// Number of the line of a thread that fetches changed code last, or -1.
  int lastFetch(int thread) {
    return IntStream.range(0, threads.get(thread).size()).filter(i -> fetched(thread, i).isPresent()).max().orElse(-1);
  }

  /// What that fetches, as `P1:L`.
  Optional<String> lastFetched(int thread) {
    int at = lastFetch(thread);
    return at < 0 ? Optional.empty() : fetched(thread, at);
  }

  /// Whether a register of a thread tells what it fetched last: it is set to numbers only, and by what comes behind
  /// that.
  boolean tellsOfLastFetch(int thread, int register) {
    Pattern sets = Pattern.compile("([A-Z]+) *[XW]" + register + ",.*");
    List<String> own = threads.get(thread);
    int last = lastFetch(thread);
    List<String> by = threads.stream().flatMap(List::stream).filter(line -> sets.matcher(line).matches()).toList();
    boolean inline = last >= 0 && own.get(last).endsWith(":");
    return !by.isEmpty() && by.stream().allMatch(line -> line.startsWith("MOV"))
        && (!inline || own.subList(0, last).stream().noneMatch(line -> sets.matcher(line).matches()));
  }

  /// Variables in memory.
  Set<String> variables() {
    Set<String> variables = new LinkedHashSet<>();
    initial.values().stream().filter(v -> v.matches("[a-z]\\w*")).forEach(variables::add);
    return variables;
  }

  /// Registers of a thread that hold something at first, by number.
  Map<Integer, String> registers(int thread) {
    Map<Integer, String> registers = new LinkedHashMap<>();
    initial.forEach((key, value) -> {
      if (key.startsWith(thread + ":")) {
        registers.put(Integer.parseInt(key.substring(2)), value);
      }
    });
    return registers;
  }
}
