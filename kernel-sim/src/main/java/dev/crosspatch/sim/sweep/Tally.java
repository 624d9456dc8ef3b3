package dev.crosspatch.sim.sweep;

import dev.crosspatch.sim.fields.Setting;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// How many runs ended how.
public final class Tally {
  /// All that a run can come to.
  public static final List<String> VERDICTS = List.of("PASS", "FAIL", "INCONCLUSIVE", "ERROR");

  private static final int SHOWN = 20;

  private final Map<String, Integer> verdicts = new HashMap<>();
  private final List<String> unexpected = new ArrayList<>();
  private long good;
  private long bad;
  private final Numbers p50 = new Numbers();
  private final Numbers p99 = new Numbers();

  /// Numbers of which the median is asked.
  private static final class Numbers {
    private long[] all = new long[8];
    private int count;

    void add(long value) {
      if (count == all.length) {
        all = Arrays.copyOf(all, 2 * count);
      }
      all[count++] = value;
    }

    String median() {
      long[] sorted = Arrays.copyOf(all, count);
      Arrays.sort(sorted);
      return count == 0 ? "-" : String.format("%,d", sorted[(count - 1) / 2]);
    }
  }

  /// Counts one.
  public void add(Row row) {
    verdicts.merge(row.verdict(), 1, Integer::sum);
    if (row.asExpected()) {
      good++;
    } else {
      bad++;
      if (unexpected.size() <= SHOWN) {
        unexpected.add(row.swept().stream().map(Setting::toString).filter(s -> !s.startsWith("seed="))
            .map(s -> s + " ").collect(Collectors.joining()) + "seed " + row.seed());
      }
    }
    if (row.found() != null && row.found().flip().count() > 0) {
      p50.add(row.found().flip().p50());
      p99.add(row.found().flip().p99());
    }
  }

  /// How many there were.
  public long runs() {
    return good + bad;
  }

  /// How many ended as expected.
  public long good() {
    return good;
  }

  /// How many came to a verdict.
  public int of(String verdict) {
    return verdicts.getOrDefault(verdict, 0);
  }

  /// The median of the runs' median flips; `-` without any.
  public String p50() {
    return p50.median();
  }

  /// The median of the runs' 99th percentiles of flips; `-` without any.
  public String p99() {
    return p99.median();
  }

  /// All of it in a line.
  public String line(String name) {
    String ends = VERDICTS.stream().filter(v -> of(v) > 0).map(v -> v + " " + of(v)).collect(Collectors.joining(", "));
    return String.format("%s: %d of %d runs as expected", name, good, runs()) + (ends.isEmpty() ? "" : "; " + ends);
  }

  /// The first of those that did not end as expected, to be put behind [#line]; empty without any.
  public String not() {
    return bad == 0 ? "" : "; not as expected: " + String.join(", ",
        unexpected.subList(0, Math.min(SHOWN, unexpected.size()))) + (bad > SHOWN ? ", ..." : "");
  }
}
