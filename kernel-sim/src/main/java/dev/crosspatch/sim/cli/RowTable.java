package dev.crosspatch.sim.cli;

import dev.crosspatch.sim.fields.Setting;
import dev.crosspatch.sim.sweep.Axis;
import dev.crosspatch.sim.sweep.Case;
import dev.crosspatch.sim.sweep.Row;
import dev.crosspatch.sim.sweep.Row.Cycles;
import dev.crosspatch.sim.sweep.Tally;
import java.util.List;
import java.util.stream.Collectors;

/// Lines of the tables of a sweep: a row for each run, and one for all runs of a scenario with the same values.
final class RowTable {
  private static final int WIDEST = 24;

  private final List<Axis> keys;
  private final int widest;

  /// @param swept keys that have several values, as columns
  /// @param names of all scenarios
  RowTable(List<Axis> swept, List<String> names) {
    keys = swept.stream().filter(a -> !a.key().equals("seed")).toList();
    widest = Math.max("scenario".length(), names.stream().mapToInt(String::length).max().orElse(0));
  }

  /// The names of the columns.
  String head() {
    return keys.stream().map(a -> cell(a, a.key())).collect(Collectors.joining())
        + String.format("%8s %-13s %8s %8s %8s %10s %10s  %s", "seed", "verdict", "pokes", "stale", "flip p50", "p99",
            "stolen", "first failure, or windows that nobody met");
  }

  /// The row of one run.
  String line(Row row) {
    Row.Found found = row.found();
    String numbers = found == null ? String.format("%8s %8s %8s %10s %10s", "-", "-", "-", "-", "-")
        : String.format("%8d %8d %8s %10s %10s", found.pokes(), found.stale(), cycles(found.flip(), found.flip().p50()),
            cycles(found.flip(), found.flip().p99()), cycles(found.stolen(), found.stolen().p50()));
    return (values(row.swept()) + String.format("%8d %-13s %s  %s%s", row.seed(), row.verdict(), numbers, row.why(),
        row.asExpected() || found == null ? "" : " (not as expected)")).stripTrailing();
  }

  private static String cycles(Cycles of, long value) {
    return of.count() == 0 ? "-" : String.format("%,d", value);
  }

  private String values(List<Setting> settings) {
    return keys.stream().map(a -> cell(a, settings.stream().filter(s -> s.key().equals(a.key())).map(Setting::value)
        .collect(Collectors.joining()))).collect(Collectors.joining());
  }

  private static String cell(Axis axis, String text) {
    int width = Math.min(WIDEST, Math.max(axis.key().length(),
        axis.values().stream().mapToInt(v -> v.value().length()).max().orElse(0)));
    String cut = text.length() <= width ? text : text.substring(0, width - 2) + "..";
    return String.format("%" + width + "s ", cut);
  }

  /// The names of the columns of the sums.
  String sumHead() {
    return String.format("%-" + widest + "s ", "scenario")
        + keys.stream().map(a -> cell(a, a.key())).collect(Collectors.joining())
        + String.format("%8s %11s %6s %6s %13s %6s %10s %10s", "runs", "as expected", "PASS", "FAIL", "INCONCLUSIVE",
            "ERROR", "flip p50", "p99");
  }

  /// The sum of all runs that have their scenario and values in common.
  String sum(Case group, Tally tally) {
    return String.format("%-" + widest + "s ", group.scenario().name()) + values(group.swept())
        + String.format("%8d %11d %6d %6d %13d %6d %10s %10s", tally.runs(), tally.good(), tally.of("PASS"),
            tally.of("FAIL"), tally.of("INCONCLUSIVE"), tally.of("ERROR"), tally.p50(), tally.p99());
  }
}
