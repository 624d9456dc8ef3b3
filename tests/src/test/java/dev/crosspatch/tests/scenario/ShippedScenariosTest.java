package dev.crosspatch.tests.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.scenario.Scenario;
import dev.crosspatch.sim.scenario.ScenarioReader;
import dev.crosspatch.sim.scenario.Verdict;
import dev.crosspatch.sim.verify.CpuVerification;
import dev.crosspatch.sim.verify.Failure;
import dev.crosspatch.sim.verify.Summary;
import dev.crosspatch.sim.verify.Verification;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every scenario that ships ends with the verdict it declares. Storms are left to `crosspatch run`: they prove nothing that their small siblings do not, only for longer.
final class ShippedScenariosTest {

  static List<Path> scenarios() {
    return Scenarios.files().stream().filter(p -> !p.toString().contains("-storm")).toList();
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void endsWithItsVerdict(Path file, @TempDir Path dir) {
    Scenario scenario = ScenarioReader.read(file);
    Summary summary = Scenarios.run(scenario, dir.resolve("out"));
    assertEquals(scenario.expect(), summary.verdict(), () -> summary.firstFailure().map(Failure::toString).orElse("no failure"));
    if (scenario.expect() == Verdict.PASS) {
      passesEverywhere(summary);
      Verification again = new Verification(RunDirectory.open(dir.resolve("out")), cpu -> {});
      assertTrue(again.clean(), "verify from the finished directory");
    } else {
      namesTheFirstBadInstruction(summary.firstFailure().orElseThrow());
    }
  }

  private static void passesEverywhere(Summary summary) {
    assertTrue(summary.verification().pokes() > 0, "nothing was patched");
    for (CpuVerification cpu : summary.verification().cpus()) {
      long retired = summary.run().machine().counters(cpu.cpu()).retired();
      long lost = cpu.comparison().lost();
      // Lost rows are instructions and diversions: with gaps, what was decoded lies between.
      assertTrue(cpu.comparison().decoded() <= retired && cpu.comparison().decoded() >= retired - lost, "CPU " + cpu.cpu());
      assertEquals(cpu.comparison().gaps() == 0, lost == 0, "CPU " + cpu.cpu() + " lost instructions without a gap, or has an empty gap");
    }
  }

  private static void namesTheFirstBadInstruction(Failure failure) {
    assertTrue(failure.cpu() >= 0, failure::toString);
    assertTrue(failure.cycle() > 0, failure::toString);
    assertFalse(failure.symbol().isEmpty(), failure::toString);
    assertFalse(failure.executed().isEmpty(), failure::toString);
    assertFalse(failure.memory().isEmpty(), failure::toString);
    assertFalse(failure.detail().isEmpty(), failure::toString);
  }
}
