package dev.crosspatch.sim.sweep;

import dev.crosspatch.sim.fields.Setting;
import dev.crosspatch.sim.scenario.Expectation;
import dev.crosspatch.sim.scenario.FailureKind;
import dev.crosspatch.sim.scenario.Verdict;
import dev.crosspatch.sim.sweep.Row.Cycles;
import dev.crosspatch.sim.verify.Failure;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Rows as runs would leave them.
final class Rows {
  private Rows() {}

  static List<Setting> set(String... settings) {
    return List.of(settings).stream().map(Setting::of).toList();
  }

  /// One that passed as expected, with flips of these cycles.
  static Row passed(String scenario, List<Setting> swept, long seed, long p50, long p99, long max) {
    return new Row(scenario, swept, swept, seed, Expectation.PASS, 0.25, "crosspatch run " + scenario, "", true, "",
        new Row.Found(Verdict.PASS, 300, 17, 0, new Cycles(40, p50, p99, max), new Cycles(0, 0, 0, 0),
            Optional.empty(), Set.of(), List.of()));
  }

  /// One that failed, for a reason that is hard to write down.
  static Row failed(String scenario, List<Setting> swept, long seed, String detail) {
    return new Row(scenario, swept, swept, seed, Expectation.PASS, 1.5, "crosspatch run '" + scenario + "'", "out/x",
        false, "", new Row.Found(Verdict.FAIL, 3, 13, 1, new Cycles(7, 11, 19, 21), new Cycles(7, 1, 2, 3),
            Optional.of(new Failure(FailureKind.TORN, 1, 80364, 0x13e, "site_2", "e9", "cc", detail)),
            Set.of(FailureKind.TORN), List.of()));
  }

  static Row inconclusive(String scenario, List<Setting> swept, long seed) {
    return new Row(scenario, swept, swept, seed, Expectation.PASS, 1, "crosspatch run", "out/y", false, "",
        new Row.Found(Verdict.INCONCLUSIVE, 3, 0, 0, new Cycles(0, 0, 0, 0), new Cycles(0, 0, 0, 0),
            Optional.empty(), Set.of(), List.of("tail", "tail+head")));
  }

  static Row bad(String scenario, List<Setting> swept, long seed, String error) {
    return new Row(scenario, swept, swept, seed, Expectation.PASS, 0, "crosspatch run", "", false, error, null);
  }
}
