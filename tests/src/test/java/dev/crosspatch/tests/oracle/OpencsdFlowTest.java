package dev.crosspatch.tests.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.verify.FlowComparison;
import dev.crosspatch.tests.scenario.FinishedRun;
import dev.crosspatch.tracer.text.PokeLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.opentest4j.AssertionFailedError;

/// OpenCSD decodes, from the files of a run, exactly the instructions that really ran, and every exception between
/// them.
class OpencsdFlowTest {
  @TempDir Path dir = Path.of("");

  @BeforeAll
  static void require() {
    OpencsdFlow.program();
  }

  static List<String> scenarios() {
    return Stream.of("etm", "ete").flatMap(protocol -> Laboratory.positive(protocol).stream()).toList();
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  @Execution(ExecutionMode.CONCURRENT)
  void decodesEveryInstructionOfTheScenario(String scenario, TestReporter reporter) throws IOException {
    int told = assertTruth(scenario, Laboratory.run(scenario), dir);
    reporter.publishEntry(scenario + ", exceptions at branch targets told in two packets", "" + told);
  }

  /// OpenCSD's decode of every CPU is the truth.
  ///
  /// @param dir for temporary files
  /// @return exceptions at branch targets that were told in two packets
  static int assertTruth(String what, FinishedRun finished, Path dir) throws IOException {
    RunDirectory run = finished.directory();
    OpencsdFlow opencsd = new OpencsdFlow(dir, run);
    for (FinishedRun.Cpu cpu : finished.cpus()) {
      FlowComparison comparison = new FlowComparison(run.truth(cpu.cpu()), run.config()::cycles);
      int untold = opencsd.decode(cpu.cpu(), Flows.timed(finished, cpu, comparison));
      Flows.assertTruth(what + " CPU " + cpu.cpu(), cpu, comparison);
      assertEquals(cpu.lost(), comparison.lost() - untold, what + ": lost rows");
    }
    return opencsd.targetExceptions();
  }

  /// The comparison is no formality: with the initial text alone the same decoder goes wrong.
  @Test
  void withoutPokesItDoesNotDecodeTheTruth() throws IOException {
    FinishedRun finished = Laboratory.run("arm64-jump-label");
    FlowComparison comparison = new FlowComparison(finished.directory().truth(1),
        finished.directory().config()::cycles);
    new OpencsdFlow(dir, finished.directory(), new PokeLog()).decode(1, comparison);
    assertThrows(AssertionFailedError.class, () -> Flows.assertTruth("no pokes", finished.cpus().get(1), comparison));
    assertTrue(comparison.mismatches() > 0);
  }
}
