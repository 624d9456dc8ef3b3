package dev.crosspatch.sim.verify;

import dev.crosspatch.sim.run.OutputDirectory;
import dev.crosspatch.sim.run.OutputKind;
import dev.crosspatch.sim.run.Run;
import dev.crosspatch.sim.run.RunConfig;
import dev.crosspatch.sim.run.RunLogs;
import dev.crosspatch.sim.scenario.Scenario;
import dev.crosspatch.sim.scenario.ScenarioReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A good run of two CPUs, whose files tests then change; or any other.
public final class SmallRun {
  private static final String SCENARIO =
      """
      isa: x86-64
      cpus: 2
      protocol: int3-batch
      sites: [{count: 2, length: 5, place: line 8}]
      flips: {total: 4, interval: 5000}
      trace: {protocol: pt}
      """;

  private SmallRun() {}

  /// Runs it, with its truth, into `out`, which is not there yet.
  public static RunConfig into(Path out) throws IOException {
    return into(out, SCENARIO);
  }

  /// Runs another scenario so.
  public static RunConfig into(Path out, String text) throws IOException {
    Scenario scenario = ScenarioReader.read(Files.writeString(out.resolveSibling("small.yaml"), text));
    try (OutputDirectory directory = new OutputDirectory(out, OutputKind.RUN)) {
      Run run;
      try (RunLogs logs = RunLogs.in(directory, true)) {
        run = new Run(scenario, logs).execute(r -> {});
      }
      run.writeImage(directory);
      directory.commit();
      return RunConfig.of(scenario, run.machine());
    }
  }
}
