package dev.crosspatch.tests.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.crosspatch.core.code.Section;
import dev.crosspatch.sim.cli.Main;
import dev.crosspatch.sim.scenario.Expectation;
import dev.crosspatch.sim.scenario.FailureKind;
import dev.crosspatch.sim.scenario.Scenario;
import dev.crosspatch.sim.scenario.ScenarioReader;
import dev.crosspatch.sim.scenario.Verdict;
import dev.crosspatch.sim.verify.Failure;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Every scenario that ships ends with the verdict it declares.
final class ShippedScenariosTest {

  /// Fewest pokes in a storm.
  private static final int STORM = 100_000;

  /// Of so many scenarios one is verified again, but with -Pfull.
  private static final int AGAIN = 4;

  /// Failures that may be of no instruction that ran.
  private static final Set<FailureKind> WITHOUT_INSTRUCTION =
      Set.of(FailureKind.UNOWNED_TRAP, FailureKind.PANIC, FailureKind.BAD_POKE);

  /// Failures of the whole run.
  private static final Set<FailureKind> WITHOUT_PLACE = Set.of(FailureKind.EXIT, FailureKind.LIMIT);

  static List<String> scenarios() {
    return Scenarios.files().stream().map(ScenarioReader::read).map(Scenario::name).toList();
  }

  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest
  @MethodSource("scenarios")
  void endsWithItsVerdict(String name) {
    FinishedRun run = FinishedRun.of(name);
    Expectation expected = Scenarios.read(name).expect();
    assertEquals(expected.verdict(), run.verdict(), () -> run.failure().map(Failure::toString).orElse("no failure"));
    assertTrue(run.expected(),
        () -> "expected " + expected + ", is " + run.failure().map(Failure::toString).orElse("no failure"));
    if (expected.verdict() == Verdict.PASS) {
      passesEverywhere(run);
    } else {
      assertFalse(expected.kinds().isEmpty() || expected.kinds().size() > 3, "a negative twin states why it fails");
      namesTheFirstBadInstruction(run, run.failure().orElseThrow());
    }
    if (Boolean.getBoolean("crosspatch.full") || name.hashCode() % AGAIN == 0) {
      assertEquals(0, Main.execute("verify", run.directory().path().toString()), "verify from the finished directory");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"x86-storm", "arm64-storm"})
  void stormsAreStorms(String name) {
    assumeTrue(Boolean.getBoolean("crosspatch.full"), "takes a minute each: -Pfull");
    FinishedRun run = FinishedRun.of(name);
    assertTrue(run.pokes() >= STORM, () -> run.pokes() + " pokes");
    assertTrue(run.cpus().size() > 1, "nobody runs what is patched");
    run.cpus().forEach(cpu -> assertTrue(cpu.retired() > run.pokes(), cpu::toString));
  }

  private static void passesEverywhere(FinishedRun run) {
    assertTrue(run.pokes() > 0, "nothing was patched");
    for (FinishedRun.Cpu cpu : run.cpus()) {
      // Lost rows are instructions and diversions: with gaps, what was decoded lies between.
      assertTrue(cpu.decoded() <= cpu.retired() && cpu.decoded() >= cpu.retired() - cpu.lost(), cpu::toString);
      assertEquals(cpu.gaps() == 0, cpu.lost() == 0,
          () -> cpu + " lost instructions without a gap, or has an empty gap");
    }
  }

  /// Whether that lies in the image's text.
  private static boolean isText(FinishedRun run, long address) {
    return run.directory().image().sections().stream().anyMatch(s -> s.access() == Section.Access.TEXT
        && address - s.address() >= 0 && address - s.address() < s.bytes().length);
  }

  private static void namesTheFirstBadInstruction(FinishedRun run, Failure failure) {
    if (WITHOUT_PLACE.contains(failure.kind())) {
      assertFalse(failure.detail().isEmpty(), failure::toString);
      return;
    }
    assertTrue(failure.cpu() >= 0, failure::toString);
    assertTrue(failure.cycle() > 0, failure::toString);
    assertFalse(failure.detail().isEmpty(), failure::toString);
    if (failure.kind() == FailureKind.LOST_EVENTS || failure.kind() == FailureKind.UNCOPIED) {
      assertTrue(failure.detail().contains("; first seen as "), failure::toString);
      return;
    }
    if (failure.kind() == FailureKind.RACE) {
      assertTrue(failure.executed().isEmpty() && failure.memory().isEmpty(), "nobody ran it: " + failure);
      boolean interrupt = failure.address() == 0;
      assertTrue(failure.detail().contains(interrupt ? "an interrupt may overtake " : "it may fetch "),
          failure::toString);
      assertTrue(failure.detail().contains(interrupt ? "no fence is between" : "has no context synchron"),
          failure::toString);
      return;
    }
    if (WITHOUT_INSTRUCTION.contains(failure.kind()) && failure.executed().isEmpty()) {
      return; // of text that appeared, or of no text: the kernel's or the log's own words are all that there is to say
    }
    // text that appeared while the kernel ran has no symbols
    assertFalse(failure.symbol().isEmpty() && isText(run, failure.address()), failure::toString);
    assertFalse(failure.executed().isEmpty(), failure::toString);
    assertFalse(failure.memory().isEmpty(), failure::toString);
  }
}
