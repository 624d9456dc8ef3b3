package dev.crosspatch.sim.cli;

import dev.crosspatch.sim.sweep.Case;
import dev.crosspatch.sim.sweep.Plan;
import dev.crosspatch.sim.sweep.Row;
import dev.crosspatch.sim.sweep.Tally;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;

/// Prints what came of the runs of a plan: of each its whole result or, of many, a row; and at the end the sum.
final class Teller {
  /// By status: how a run ended.
  private static final List<String> END =
      List.of("as expected", "NOT as expected", "could not be run", "internal error");

  private final Plan plan;
  private final PrintWriter print;
  private final CommandLine line;
  private final RowTable table;
  private final List<String> ends = new ArrayList<>();
  private final Map<String, Tally> scenarios = new LinkedHashMap<>();
  private final Map<List<Object>, Tally> groups = new LinkedHashMap<>();
  private int status = Main.AS_EXPECTED;

  /// @param print takes what is for people
  /// @param line  takes what is wrong
  Teller(Plan plan, PrintWriter print, CommandLine line) {
    this.plan = plan;
    this.print = print;
    this.line = line;
    table = new RowTable(plan.swept(), plan.groups().stream().map(g -> g.scenario().name()).toList());
  }

  /// The worst status so far.
  int status() {
    return status;
  }

  /// Prints one.
  void tell(Batch.Told told) {
    Row row = told.row();
    int one = told.thrown() != null ? Main.complain(line, told.thrown())
        : row.asExpected() ? Main.AS_EXPECTED : Main.NOT_AS_EXPECTED;
    status = Math.max(status, one);
    if (plan.isSweep()) {
      row(row);
    } else {
      print.print(told.text());
      ends.add(String.format("%-44s %-13s %s", row.scenario(), row.verdict(), END.get(one)));
    }
    print.flush();
  }

  private void row(Row row) {
    if (!scenarios.containsKey(row.scenario())) {
      endScenario();
      print.println(table.head());
    }
    scenarios.computeIfAbsent(row.scenario(), name -> new Tally()).add(row);
    groups.computeIfAbsent(List.of(row.scenario(), row.swept()), group -> new Tally()).add(row);
    print.println(table.line(row));
  }

  /// The sum of the last scenario so far, if there is one.
  private void endScenario() {
    if (!scenarios.isEmpty()) {
      Map.Entry<String, Tally> last = List.copyOf(scenarios.entrySet()).getLast();
      print.println(last.getValue().line(last.getKey()));
      print.println();
    }
  }

  /// Prints the sum of all.
  void end() {
    if (plan.isSweep()) {
      if (groups.size() > 1 && (plan.scenarios() > 1 || plan.isOfSeeds())) {
        endScenario();
        sums();
      } else {
        scenarios.forEach((name, tally) -> print.println(tally.line(name) + tally.not()));
      }
    } else if (ends.size() > 1) {
      print.println();
      ends.forEach(print::println);
    }
    print.flush();
  }

  private void sums() {
    print.println(table.sumHead());
    for (Case group : plan.groups()) {
      Tally tally = groups.get(List.of(group.scenario().name(), group.swept()));
      if (tally != null) {
        print.println(table.sum(group, tally));
      }
    }
  }
}
