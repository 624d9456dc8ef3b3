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
import java.nio.file.Files;
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

/// perf decodes, from what we export, exactly the instructions that really ran.
class PerfScriptTest {
  /// perf does not tell what a PIP proves before an overflow: at most so many instructions up to the MOV CR3.
  private static final int UNPROVED = 16;

  @TempDir Path dir = Path.of("");

  @BeforeAll
  static void require() {
    PerfScript.require();
  }

  static List<String> scenarios() {
    return Laboratory.positive("pt");
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  @Execution(ExecutionMode.CONCURRENT)
  void decodesEveryInstructionOfTheScenario(String scenario) throws IOException {
    FinishedRun finished = Laboratory.run(scenario);
    List<FlowComparison> cpus = comparisons(finished);
    PerfScript.decode(dir.resolve("bundle"), Laboratory.input(finished.directory()), Flows.timed(finished, cpus)::get);
    assertTruth(finished, cpus);
  }

  @Test
  void printsWhatItTellsTheFilter() throws IOException {
    FinishedRun finished = Laboratory.run("x86-overflow");
    PerfBundle.write(dir.resolve("bundle"), Laboratory.input(finished.directory()));
    List<FlowComparison> cpus = comparisons(finished);
    PerfScript.print(dir.resolve("bundle"), Flows.timed(finished, cpus)::get);
    assertTruth(finished, cpus);
  }

  @Test
  void readsTextAndSymbolsOfTheRunItself() throws IOException {
    FinishedRun finished = Laboratory.run("x86-jump-label");
    PerfBundle.write(dir.resolve("bundle"), Laboratory.input(finished.directory()));
    Path data = Files.copy(dir.resolve("bundle/data"), dir.resolve("alone.data"));
    List<FlowComparison> cpus = comparisons(finished);
    PerfScript.decode(data, finished.directory().path().resolve("image"), Flows.timed(finished, cpus)::get);
    assertTruth(finished, cpus);
  }

  /// The comparison is no formality: without the poke log the same decoder goes wrong.
  @Test
  void withoutPokesItDoesNotDecodeTheTruth() throws IOException {
    FinishedRun finished = Laboratory.run("x86-vm");
    PerfBundle.Input input = Laboratory.input(finished.directory());
    List<FlowComparison> cpus = comparisons(finished);
    PerfScript.decode(dir.resolve("bundle"),
        new PerfBundle.Input(input.image(), new PokeLog(), input.traces(), input.config()), cpus::get);
    assertThrows(AssertionFailedError.class, () -> assertTruth(finished, cpus));
    assertTrue(cpus.stream().allMatch(cpu -> cpu.mismatches() > 0));
  }

  /// perf finds every loss of the poke log, with its time, CPU and count.
  @Test
  void showsWhatTheLogHasLost() throws IOException {
    FinishedRun finished = FinishedRun.of("x86-events-lost");
    PerfBundle.Input input = Laboratory.input(finished.directory());
    PerfBundle.write(dir.resolve("bundle"), input);
    List<String> told = PerfScript.lost(dir.resolve("bundle"));
    assertEquals(input.pokes().losses().stream().map(l -> l.time() + " lost " + l.count()).toList(), told);
  }

  static List<FlowComparison> comparisons(FinishedRun finished) {
    RunDirectory run = finished.directory();
    return finished.cpus().stream()
        .map(cpu -> new FlowComparison(run.truth(cpu.cpu()).instructionsOnly(), run.config()::cycles)).toList();
  }

  private static void assertTruth(FinishedRun finished, List<FlowComparison> cpus) {
    assertTruth(finished.directory().path().toString(), finished, cpus);
  }

  static void assertTruth(String what, FinishedRun finished, List<FlowComparison> cpus) {
    for (FinishedRun.Cpu cpu : finished.cpus()) {
      Flows.assertTruth(what + " CPU " + cpu.cpu(), cpu, cpus.get(cpu.cpu()), UNPROVED);
    }
  }

  @ParameterizedTest
  @MethodSource("dev.crosspatch.tests.oracle.PtStories#all")
  void decodesTheStory(PtStories.Row row) throws IOException {
    List<Flows.Recorder> cpus = row.stories().stream().map(story -> new Flows.Recorder()).toList();
    PerfScript.decode(dir.resolve("bundle"), row.input(), cpus::get);
    for (int cpu = 0; cpu < cpus.size(); cpu++) {
      cpus.get(cpu).assertTold(row.stories().get(cpu), row.perf());
    }
  }
}
