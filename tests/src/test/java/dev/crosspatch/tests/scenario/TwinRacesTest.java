package dev.crosspatch.tests.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.crosspatch.sim.scenario.FailureKind;
import dev.crosspatch.sim.scenario.Scenario;
import dev.crosspatch.sim.scenario.ScenarioReader;
import dev.crosspatch.sim.scenario.Verdict;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The race detector on every twin that ships. That a step is needed is known from the contract and the strangers'
/// decoders, who judge the same runs without it.
final class TwinRacesTest {
  /// Failures of text that the log does not tell of, of mappings, of traces, and of the guest's own logic: nobody
  /// fetches what he must not.
  private static final Set<FailureKind> NO_RACE = EnumSet.of(FailureKind.PANIC, FailureKind.UNREPORTED,
      FailureKind.UNCOPIED, FailureKind.BAD_POKE, FailureKind.LOST_EVENTS, FailureKind.AMBIGUOUS,
      FailureKind.FLOW, FailureKind.NEW_BEFORE_EVENT, FailureKind.EXIT, FailureKind.LIMIT);

  /// Twins that fail otherwise without a race, or may: what is stored is wrong itself (tail); two who write spoil each
  /// other's bookkeeping (mutex); a task that does not run is asleep in text that goes away (grace-period), whose next
  /// instruction is fetched long after all stores; the handler does not find whose a breakpoint is (unsorted); memory
  /// itself holds half an instruction, of which everybody has seen all stores (direct). Or with one, or may: who comes
  /// back into the middle of a jump may do so while it is being taken away (flag-too-early).
  private static final Set<String> OTHERWISE = Set.of("x86-ftrace-without-tail", "x86-static-call-without-tail",
      "x86-two-patchers-without-mutex", "arm64-two-patchers-without-mutex", "x86-shared-text-without-mutex",
      "x86-modules-without-grace-period", "arm64-modules-without-grace-period",
      "x86-shared-entry-without-grace-period", "x86-kprobe-without-wait", "x86-ftrace-without-grace-period",
      "x86-shared-text-jump-across", "x86-optprobe-preempted-without-wait", "x86-jump-label-unsorted",
      "x86-tick-patched-direct", "x86-nmi-direct", "x86-optprobe-flag-too-early");

  static List<String> twins() {
    List<String> twins = Scenarios.files().stream().map(ScenarioReader::read)
        .filter(s -> s.expect().verdict() == Verdict.FAIL).map(Scenario::name).toList();
    assertNotEquals(0, twins.size());
    return twins;
  }

  /// A twin whose failure comes of what somebody fetched has a race, and what is only undecodable or a mistake of the
  /// kernel's own has none.
  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest
  @MethodSource("twins")
  void twinsHaveARaceIfTheyFetchWhatTheyMustNot(String name) {
    FinishedRun run = FinishedRun.of(name);
    if (OTHERWISE.contains(name)) {
      return;
    }
    if (NO_RACE.containsAll(Scenarios.read(name).expect().kinds())) {
      assertEquals(List.of(), run.directory().races());
    } else {
      assertNotEquals(0, run.directory().races().size());
    }
  }
}
