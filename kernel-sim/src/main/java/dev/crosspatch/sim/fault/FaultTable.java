package dev.crosspatch.sim.fault;

import dev.crosspatch.sim.fault.Fault.Twin;
import dev.crosspatch.sim.scenario.FailureKind;
import dev.crosspatch.sim.scenario.Verdict;
import dev.crosspatch.sim.sweep.Row;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Which bugs of a catalogue were found, and by whom. A bug is found if a run of its scenario fails as that expects,
/// with a failure among others of the kind that the catalogue names, and the scenario beside it, without the bug,
/// passes.
public final class FaultTable {
  private static final String NOBODY = "-";

  private final Catalogue catalogue;
  private final Map<String, Row> rows = new HashMap<>();
  private final int scenario;
  private final int finder;
  private final int right;

  /// @param all       determines widths, so that parts of a table look like the whole
  /// @param catalogue what is to be told of it
  public FaultTable(Catalogue all, Catalogue catalogue) {
    this.catalogue = catalogue;
    scenario = width(all, "scenario", Twin::scenario);
    finder = width(all, "must find it", t -> labels(t.finders()));
    right = width(all, "without the bug", Twin::right);
  }

  private static int width(Catalogue all, String title, Function<Twin, String> cell) {
    return Math.max(title.length(), all.twins().mapToInt(t -> cell.apply(t).length()).max().orElse(0));
  }

  private static String labels(Set<FailureKind> kinds) {
    return kinds.isEmpty() ? NOBODY
        : kinds.stream().sorted().map(FailureKind::label).collect(Collectors.joining(", "));
  }

  /// Takes up what came of the run of a scenario.
  public void add(Row row) {
    rows.put(row.scenario(), row);
  }

  private Set<FailureKind> kinds(Twin twin) {
    Row row = rows.get(twin.scenario());
    Set<FailureKind> kinds = EnumSet.noneOf(FailureKind.class);
    if (row != null && row.found() != null) {
      kinds.addAll(row.found().kinds());
    }
    return kinds;
  }

  private boolean isFound(Twin twin) {
    return ended(twin.scenario(), Verdict.FAIL) && ended(twin.right(), Verdict.PASS)
        && !Collections.disjoint(kinds(twin), twin.finders());
  }

  private boolean ended(String name, Verdict verdict) {
    Row row = rows.get(name);
    return row != null && row.asExpected() && row.found() != null && row.found().verdict() == verdict;
  }

  private boolean isFound(Fault fault) {
    return fault.twins().stream().allMatch(this::isFound);
  }

  /// Whether all are found that can be.
  public boolean isComplete() {
    return catalogue.faults().stream().allMatch(this::isFound);
  }

  /// The table, line by line.
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(line("scenario", "must find it", "found it", "without the bug", "", "", "found, too"));
    for (Fault fault : catalogue.faults()) {
      lines.add(String.format("%2d  %s (%s)", fault.number(), fault.what(), fault.seen()));
      String before = "";
      for (Twin twin : fault.twins()) {
        String why = "    " + twin.injected() + ": " + twin.symptom();
        if (!why.equals(before)) {
          lines.add(why);
        }
        before = why;
        lines.add(line(twin));
      }
      if (fault.twins().isEmpty()) {
        lines.add("    Not here: " + fault.whyNot());
      }
    }
    List<Fault> possible = catalogue.faults().stream().filter(f -> !f.twins().isEmpty()).toList();
    long found = possible.stream().filter(this::isFound).count();
    lines.add(String.format("%d of %d classes found, %d not here", found, possible.size(),
        catalogue.faults().size() - possible.size()));
    return lines;
  }

  private String line(Twin twin) {
    Set<FailureKind> by = kinds(twin);
    by.retainAll(twin.finders());
    Set<FailureKind> too = kinds(twin);
    too.removeAll(twin.finders());
    Row beside = rows.get(twin.right());
    return line(twin.scenario(), labels(twin.finders()), labels(by), twin.right(),
        beside == null ? NOBODY : beside.verdict(), isFound(twin) ? "ok" : "NOT", labels(too));
  }

  private String line(String... cells) {
    return String.format(
        "    %-" + scenario + "s  %-" + finder + "s  %-" + finder + "s  %-" + right + "s %-12s  %-3s  %s",
        (Object[]) cells);
  }
}
