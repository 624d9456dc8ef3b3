package dev.crosspatch.tests.oracle;

import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.verify.FlowComparison;
import dev.crosspatch.tracer.export.PerfBundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// perf decodes, from what we export, exactly the instructions that really ran.
class PerfScriptTest {
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
  void decodesEveryInstructionOfTheScenario(String scenario) throws IOException {
    RunDirectory run = Laboratory.run(scenario);
    List<FlowComparison> cpus = truths(run);
    PerfScript.decode(dir.resolve("bundle"), Laboratory.input(run), cpus::get);
    assertTruth(scenario, run, cpus);
  }

  @Test
  void readsTextAndSymbolsOfTheRunItself() throws IOException {
    RunDirectory run = Laboratory.run("x86-jump-label");
    PerfBundle.write(dir.resolve("bundle"), Laboratory.input(run));
    Path data = Files.copy(dir.resolve("bundle/data"), dir.resolve("alone.data"));
    List<FlowComparison> cpus = truths(run);
    PerfScript.decode(data, run.path().resolve("image"), cpus::get);
    assertTruth("image", run, cpus);
  }

  private static List<FlowComparison> truths(RunDirectory run) {
    return IntStream.range(0, run.config().cpus()).mapToObj(cpu -> new FlowComparison(run.truth(cpu).instructionsOnly(), run.config()::cycles)).toList();
  }

  private static void assertTruth(String what, RunDirectory run, List<FlowComparison> cpus) {
    for (int cpu = 0; cpu < cpus.size(); cpu++) {
      Flows.assertTruth(what + " CPU " + cpu, run, cpu, cpus.get(cpu));
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
