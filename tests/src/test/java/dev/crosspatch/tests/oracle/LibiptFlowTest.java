package dev.crosspatch.tests.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.verify.FlowComparison;
import dev.crosspatch.tests.scenario.FinishedRun;
import dev.crosspatch.tracer.export.PerfBundle;
import dev.crosspatch.tracer.text.PokeLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.opentest4j.AssertionFailedError;

/// libipt decodes, from the files of a run, exactly the instructions that really ran, and every trap and interrupt
/// between them.
class LibiptFlowTest {
  @TempDir Path dir = Path.of("");

  @BeforeAll
  static void require() {
    LibiptFlow.program();
  }

  static List<String> scenarios() {
    return Laboratory.positive("pt");
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  @Execution(ExecutionMode.CONCURRENT)
  void decodesEveryInstructionOfTheScenario(String scenario) throws IOException {
    assertTruth(scenario, Laboratory.run(scenario), dir);
  }

  /// libipt's decode of every CPU is the truth.
  ///
  /// @param dir for temporary files
  static void assertTruth(String what, FinishedRun finished, Path dir) throws IOException {
    RunDirectory run = finished.directory();
    LibiptFlow libipt = new LibiptFlow(dir, Laboratory.input(run));
    for (FinishedRun.Cpu cpu : finished.cpus()) {
      FlowComparison comparison = new FlowComparison(run.truth(cpu.cpu()), run.config()::cycles);
      libipt.decode(cpu.cpu(), Flows.timed(finished, cpu, comparison));
      Flows.assertTruth(what + " CPU " + cpu.cpu(), cpu, comparison);
      assertEquals(cpu.lost(), comparison.lost(), what + ": lost rows");
    }
  }

  /// The comparison is no formality: without the poke log the same decoder goes wrong.
  @Test
  void withoutPokesItDoesNotDecodeTheTruth() throws IOException {
    FinishedRun finished = Laboratory.run("x86-jump-label");
    PerfBundle.Input input = Laboratory.input(finished.directory());
    LibiptFlow libipt = new LibiptFlow(dir,
        new PerfBundle.Input(input.image(), new PokeLog(), input.traces(), input.config()));
    FlowComparison comparison = new FlowComparison(finished.directory().truth(1),
        finished.directory().config()::cycles);
    libipt.decode(1, comparison);
    assertThrows(AssertionFailedError.class, () -> Flows.assertTruth("no pokes", finished.cpus().get(1), comparison));
    assertTrue(comparison.mismatches() > 0);
  }

  @ParameterizedTest
  @MethodSource("dev.crosspatch.tests.oracle.PtStories#all")
  void decodesTheStory(PtStories.Row row) throws IOException {
    String version = LibiptFlow.version(dir);
    boolean knows = row.libipt().contains(LibiptFlow.UNKNOWN_OPCODE) && !version.startsWith("libipt 2.0.");
    LibiptFlow libipt = new LibiptFlow(dir, row.input());
    for (int cpu = 0; cpu < row.stories().size(); cpu++) {
      Flows.Recorder recorder = new Flows.Recorder();
      libipt.decode(cpu, recorder);
      recorder.assertTold(row.stories().get(cpu), knows ? List.of() : row.libipt());
    }
  }
}
