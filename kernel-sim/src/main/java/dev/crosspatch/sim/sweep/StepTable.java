package dev.crosspatch.sim.sweep;

import dev.crosspatch.sim.fields.Setting;
import dev.crosspatch.sim.mechanism.Step;
import dev.crosspatch.sim.scenario.FailureKind;
import dev.crosspatch.sim.scenario.Scenario;
import dev.crosspatch.sim.scenario.Verdict;
import dev.crosspatch.sim.verify.Failure;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// What a scenario comes to as it is, and with each step of its protocol left out.
public final class StepTable {
  /// The key of a scenario that says which steps are left out.
  public static final String KEY = "leave-out";

  private static final String AS_IT_IS = "-";

  private final Case whole;
  private final Map<Setting, Sum> sums = new LinkedHashMap<>();
  private boolean wholeAsExpected = true;

  /// The runs of one step.
  private static final class Sum {
    private final String step;
    private final String what;
    private final Tally tally = new Tally();
    private final Map<FailureKind, Integer> kinds = new EnumMap<>(FailureKind.class);
    private String seed = "-";
    private String error = "";

    Sum(String step, String what) {
      this.step = step;
      this.what = what;
    }

    void add(Row row) {
      tally.add(row);
      Row.Found found = row.found();
      if (found == null) {
        error = row.error();
        return;
      }
      if (found.verdict() == Verdict.FAIL && tally.of("FAIL") == 1) {
        seed = String.valueOf(row.seed());
      }
      found.failure().map(Failure::kind).ifPresent(kind -> kinds.merge(kind, 1, Integer::sum));
    }

    /// The kinds of first failures, the most frequent first.
    String kinds() {
      return error.isEmpty() ? kinds.entrySet().stream().sorted(Map.Entry.<FailureKind, Integer>comparingByValue()
          .reversed()).map(e -> e.getKey().label() + " " + e.getValue()).collect(Collectors.joining(", ")) : error;
    }
  }

  /// @param groups the scenario with each value of [#KEY], as it is first; [#KEY] is the last that is set in them
  public StepTable(List<Case> groups) {
    whole = groups.getFirst();
    for (Case group : groups) {
      Step step = steps(whole.scenario()).stream().filter(s -> leavesOut(group, s)).findFirst().orElse(null);
      sums.put(group.settings().getLast(), step == null ? new Sum(AS_IT_IS, "Nothing")
          : new Sum(step.name(), (step.fault() ? "(done wrongly) " : "") + step.what()));
    }
  }

  private boolean leavesOut(Case group, Step step) {
    return group.scenario().guest().patching().leftOut().contains(step.name())
        && !whole.scenario().guest().patching().leftOut().contains(step.name());
  }

  /// The values of [#KEY]: what the scenario leaves out itself, and that with one more.
  public static List<Setting> values(Scenario whole) {
    Set<String> already = whole.guest().patching().leftOut();
    List<Setting> values = new ArrayList<>(List.of(value(already)));
    for (Step step : steps(whole)) {
      Set<String> more = new TreeSet<>(already);
      if (more.add(step.name()) && steps(whole).stream().filter(s -> already.contains(s.name()))
          .noneMatch(s -> s.excludes().contains(step.name()) || step.excludes().contains(s.name()))) {
        values.add(value(more));
      }
    }
    return values;
  }

  private static List<Step> steps(Scenario scenario) {
    return scenario.guest().steps();
  }

  private static Setting value(Set<String> steps) {
    return new Setting(KEY, "[" + String.join(", ", steps) + "]");
  }

  /// Counts a run.
  public void add(Row row) {
    Setting value = row.settings().getLast();
    Sum sum = sums.get(value);
    if (sum == null) {
      throw new IllegalArgumentException(row.scenario() + " with " + value + " is none of these runs");
    }
    sum.add(row);
    if (value.equals(whole.settings().getLast())) {
      wholeAsExpected &= row.asExpected();
    }
  }

  /// Whether all runs with nothing more left out ended as the scenario expects.
  public boolean isWholeAsExpected() {
    return wholeAsExpected;
  }

  /// The table, line by line.
  public List<String> lines() {
    int step = Math.max("step".length(), sums.values().stream().mapToInt(s -> s.step.length()).max().orElse(0));
    int kinds = Math.max("first failures".length(), sums.values().stream().mapToInt(s -> s.kinds().length()).max()
        .orElse(0));
    List<String> lines = new ArrayList<>(List.of(
        whole.scenario().name() + ": " + whole.scenario().guest().patching().mechanism().name() + ", "
            + whole.scenario().guest().patching().protocol().name(),
        line(step, kinds, "step", "FAIL", "PASS", "INCONCLUSIVE", "seed", "first failures", "what is left out")));
    for (Sum sum : sums.values()) {
      lines.add(line(step, kinds, sum.step, sum.tally.of("FAIL"), sum.tally.of("PASS"),
          sum.tally.of("INCONCLUSIVE"), sum.seed, sum.kinds(), sum.what));
    }
    return lines;
  }

  private static String line(int step, int kinds, Object... cells) {
    return String.format("%-" + step + "s %5s %5s %12s %5s  %-" + kinds + "s  %s", cells);
  }
}
