package dev.crosspatch.tests.isa;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Litmus tests of instruction fetch, said shortly: `W a; dc a; dsb; W x | R x; ctrl; isb; F a=old`. Threads stand
/// beside each other, steps of one behind each other:
///
/// * `W a`, `W b`: a branch at the begin of a routine becomes a NOP; `W x`, `W y`: a variable becomes 1;
/// * `R x`: the variable is read, and is 1; `ctrl`: a branch that depends on what was read last;
/// * `F a=old`, `F a=new`: the routine is called, and what it does tells which text was fetched;
/// * `dc a` (DC CVAU), `ic a` (IC IVAU), `isb`, `dsb`, `dmb`, `dmb.st`, `dmb.ld`;
/// * `cachesync a`: `dc a; dsb; ic a; dsb`.
///
/// The outcome that is asked for is what these say.
final class FetchPrograms {
  private static final String ROUTINES = "ab";
  private static final String VARIABLES = "xy";
  /// First register that gets the routines' and the variables' addresses, and what was read or fetched.
  private static final int ROUTINE = 1;
  private static final int VARIABLE = 3;
  private static final int ONE = 5;
  private static final int OUTCOME = 9;
  private static final int RESULT = 10;

  private final Map<String, String> initial = new HashMap<>();
  private final List<List<String>> threads = new ArrayList<>();
  private final List<Litmus.Asked> asked = new ArrayList<>();
  private int branches;

  private FetchPrograms() {}

  /// The test that this text says.
  static Litmus read(String name, String text) {
    FetchPrograms made = new FetchPrograms();
    String[] columns = text.split("\\|", -1);
    for (int thread = 0; thread < columns.length; thread++) {
      made.thread(thread, columns[thread].replaceAll("cachesync (\\w)", "dc $1; dsb; ic $1; dsb").split(";", -1));
    }
    return new Litmus(name, made.initial, made.threads, made.asked);
  }

  private void thread(int thread, String... steps) {
    List<String> lines = new ArrayList<>();
    threads.add(lines);
    initial.put(thread + ":0", "NOP");
    initial.put(thread + ":" + ONE, "1");
    for (int i = 0; i < ROUTINES.length(); i++) {
      initial.put(thread + ":" + (ROUTINE + i), "P0:" + ROUTINES.charAt(i));
      initial.put(thread + ":" + (VARIABLE + i), VARIABLES.substring(i, i + 1));
    }
    int result = RESULT;
    for (int i = 0; i < steps.length; i++) {
      boolean last = i == steps.length - 1;
      if (step(thread, steps[i].strip(), last ? OUTCOME : result, lines)) {
        result++;
      }
    }
    if (thread == 0) {
      lines.add("B done");
      ROUTINES.chars().mapToObj(Character::toString).forEach(routine ->
          lines.addAll(List.of(routine + ":", "B old_" + routine, "MOV W9,#1", "old_" + routine + ":", "RET")));
      lines.add("done:");
    }
  }

  /// Adds a step. Returns whether it has a result, in `register`.
  private boolean step(int thread, String step, int register, List<String> lines) {
    String[] words = step.split("[ =]", -1);
    String what = words.length > 1 ? words[1] : "";
    int routine = ROUTINES.indexOf(what);
    String address = "[X" + (routine >= 0 ? ROUTINE + routine : VARIABLE + VARIABLES.indexOf(what)) + "]";
    switch (words[0]) {
      case "W" -> lines.add("STR W" + (routine >= 0 ? 0 : ONE) + "," + address);
      case "R" -> {
        lines.add("LDR W" + register + "," + address);
        asked.add(new Litmus.Asked(thread, register, 1));
        return true;
      }
      case "ctrl" -> {
        String label = "c" + branches++;
        lines.addAll(List.of("CBNZ W" + lines.getLast().replaceAll("LDR W(\\d+),.*", "$1") + "," + label,
            label + ":"));
      }
      case "F" -> {
        lines.addAll(List.of("MOV W9,#0", "BLR X" + (ROUTINE + routine)));
        if (register != OUTCOME) {
          lines.add("ORR W" + register + ",W9,W9");
        }
        asked.add(new Litmus.Asked(thread, register, words[2].equals("new") ? 1 : 0));
        return true;
      }
      case "dc" -> lines.add("DC CVAU,X" + (ROUTINE + routine));
      case "ic" -> lines.add("IC IVAU,X" + (ROUTINE + routine));
      case "isb" -> lines.add("ISB");
      case "dsb", "dmb" -> lines.add(words[0].toUpperCase(Locale.ROOT) + " ISH");
      case "dmb.st" -> lines.add("DMB ISHST");
      case "dmb.ld" -> lines.add("DMB ISHLD");
      default -> throw new IllegalArgumentException(step);
    }
    return false;
  }
}
