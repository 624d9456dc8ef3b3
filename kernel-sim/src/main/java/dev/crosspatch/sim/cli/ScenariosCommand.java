package dev.crosspatch.sim.cli;

import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.scenario.Scenario;
import dev.crosspatch.sim.scenario.ScenarioReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine;

/// Lists scenarios.
@Command(name = "scenarios", description = "Lists the scenarios of a directory with what each expects and shows.",
    mixinStandardHelpOptions = true)
final class ScenariosCommand implements Callable<Integer> {
  @Parameters(paramLabel = "DIR", arity = "0..1", description = "The directory (default: those that ship).")
  private @Nullable Path directory;

  @CommandLine.Spec private CommandLine.Model.@Nullable CommandSpec spec;

  @Override
  public Integer call() {
    Path where = directory == null ? shipped() : directory;
    PrintWriter out = Arguments.present(spec, "command").commandLine().getOut();
    for (Path file : files(where)) {
      Scenario scenario = ScenarioReader.read(file);
      String first = scenario.description().strip().replaceFirst("(?s)\\.\\s.*", ".").replace('\n', ' ');
      out.printf("%-44s %-4s  %s%n", file.getFileName(), scenario.expect().verdict(), first);
    }
    out.flush();
    return 0;
  }

  /// The directory of those that ship.
  static Path shipped() {
    return Path.of(System.getProperty("crosspatch.scenarios", "scenarios"));
  }

  private static List<Path> files(Path where) {
    try (Stream<Path> entries = Files.list(where)) {
      return entries.filter(p -> p.toString().endsWith(".yaml")).sorted().toList();
    } catch (IOException e) {
      throw new BadInput(where + ": not a directory of scenarios");
    }
  }
}
