package dev.crosspatch.tests.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.cpu.Meeting;
import dev.crosspatch.sim.fields.Setting;
import dev.crosspatch.sim.run.Run;
import dev.crosspatch.sim.scenario.Scenario;
import dev.crosspatch.tests.scenario.Causality.Rule;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Cores that run ahead of each other see nothing before its cause, however far they run; and where they do not meet,
/// they do.
final class CausalityTest {
  /// Cycles that are more than an interrupt takes, so that each meeting is wanted.
  private static final String FAR = "limits.ahead=4000";

  private static Causality run(Scenario scenario, Set<Meeting> without) {
    Run run = new Run(scenario);
    without.forEach(run.machine()::leaveOut);
    Causality causality = new Causality(run.machine());
    run.execute(r -> { });
    return causality;
  }

  @ParameterizedTest
  @CsvSource({
      "x86-jump-label,    ",
      "x86-jump-label,    limits.ahead=0",
      "x86-jump-label,    limits.ahead=400",
      "x86-jump-label,    limits.ahead=4000",
      "arm64-jump-label,  ",
      "arm64-jump-label,  limits.ahead=0",
      "arm64-adversarial, ",
      "arm64-adversarial, limits.ahead=400",
      "arm64-adversarial, limits.ahead=4000",
      "x86-vm,            ",
      "x86-server,        ",
      "arm64-ftrace,      ",
      "x86-kprobe,        limits.ahead=400",
  })
  void nothingIsSeenBeforeItsCause(String name, String setting) {
    Scenario scenario = setting == null ? Scenarios.read(name) : Scenarios.read(name, Setting.of(setting));
    Causality causality = run(scenario, Set.of());
    assertEquals(Map.of(), causality.broken());
    for (Rule rule : List.of(Rule.TEXT_STORE, Rule.TEXT_FETCH, Rule.LINE, Rule.INTERRUPT, Rule.DEVICE)) {
      assertTrue(causality.seen(rule) >= 60, () -> rule + " was asked " + causality.seen(rule) + " times");
    }
  }

  @ParameterizedTest
  @CsvSource({
      "x86-jump-label,    REFILL,      TEXT_FETCH",
      "x86-jump-label,    REFILL,      LINE",
      "x86-jump-label,    CODE_STORE,  TEXT_STORE",
      "x86-jump-label,    INTERRUPT,   INTERRUPT",
      "x86-jump-label,    DEVICE,      DEVICE",
      "arm64-adversarial, REFILL,      TEXT_FETCH",
      "arm64-adversarial, REFILL,      LINE",
      "arm64-adversarial, CODE_STORE,  TEXT_STORE",
      "arm64-adversarial, MAINTENANCE, MAINTENANCE",
      "arm64-adversarial, INTERRUPT,   INTERRUPT",
      "arm64-jump-label,  DEVICE,      DEVICE",
  })
  void withoutMeetingItIs(String name, Meeting without, Rule broken) {
    assertTrue(run(Scenarios.read(name, Setting.of(FAR)), Set.of(without)).broken().containsKey(broken));
  }

  @ParameterizedTest
  @ValueSource(strings = {"x86-jump-label", "arm64-jump-label"})
  void clocksThatDisagreeBreakEveryRule(String name) {
    Causality apart = run(Scenarios.read(name, Setting.of("limits.slack=400")), Set.of());
    assertTrue(apart.broken().keySet().containsAll(
        Set.of(Rule.TEXT_STORE, Rule.TEXT_FETCH, Rule.LINE, Rule.DEVICE)), apart.broken()::toString);
  }
}
