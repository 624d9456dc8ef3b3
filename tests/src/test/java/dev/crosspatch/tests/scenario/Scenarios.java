package dev.crosspatch.tests.scenario;

import dev.crosspatch.sim.fields.Setting;
import dev.crosspatch.sim.run.OutputDirectory;
import dev.crosspatch.sim.run.OutputKind;
import dev.crosspatch.sim.run.Run;
import dev.crosspatch.sim.run.RunFiles;
import dev.crosspatch.sim.run.RunLogs;
import dev.crosspatch.sim.scenario.Scenario;
import dev.crosspatch.sim.scenario.ScenarioReader;
import dev.crosspatch.sim.verify.Summary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// Runs the scenarios that ship.
public final class Scenarios {
  private static final Path DIRECTORY = directory();

  private Scenarios() {}

  private static Path directory() {
    Path here = Path.of("").toAbsolutePath();
    while (!Files.isDirectory(here.resolve("scenarios"))) {
      here = here.getParent();
      if (here == null) {
        throw new IllegalStateException("no directory of scenarios above " + Path.of("").toAbsolutePath());
      }
    }
    return here.resolve("scenarios");
  }

  /// The files, in order of their names; storms take minutes, for ourselves and for each stranger, and are among them
  /// with -Pfull only.
  public static List<Path> files() {
    boolean full = Boolean.getBoolean("crosspatch.full");
    try (Stream<Path> files = Files.list(DIRECTORY)) {
      return files.filter(p -> p.toString().endsWith(".yaml") && (full || !p.toString().endsWith("-storm.yaml")))
          .sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The file of a scenario.
  public static Path file(String name) {
    return DIRECTORY.resolve(name + ".yaml");
  }

  /// The scenario in the file `name`.yaml, with keys said anew.
  public static Scenario read(String name, Setting... settings) {
    return ScenarioReader.read(file(name), List.of(settings));
  }

  /// Runs a scenario to `out`, as `crosspatch run` does, and verifies it from its files.
  public static Summary run(Scenario scenario, Path out) {
    try (OutputDirectory directory = new OutputDirectory(out, OutputKind.RUN)) {
      Run run;
      try (RunLogs logs = RunLogs.in(directory, true)) {
        run = new Run(scenario, logs).execute(r -> {});
      }
      run.writeImage(directory);
      Summary summary = Summary.of(run.outcome(), directory, true, "test", "none", cpu -> {});
      summary.finish(directory, true, false);
      directory.commit();
      return summary;
    }
  }
}
