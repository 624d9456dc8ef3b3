package dev.crosspatch.sim.cli;

import dev.crosspatch.sim.fault.Catalogue;
import dev.crosspatch.sim.fault.FaultTable;
import dev.crosspatch.sim.run.OutputDirectory;
import dev.crosspatch.sim.sweep.Plan;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// Shows which known bugs are found, and by whom.
@Command(
    name = "faults",
    description = {
      "Runs scenarios that have the bugs which kernels had when they patched their text, and beside each one that has "
          + "not; prints what must find each bug, what did, and what was found besides.",
      "Exit status: 0 every bug is found by what must find it, and nothing where there is none, 1 one is not, 2 bad "
          + "input or environment, 3 an internal error."
    },
    mixinStandardHelpOptions = true)
final class FaultsCommand implements Callable<Integer> {
  private static final Path DIRECTORY = Path.of("out", "faults");

  @Parameters(arity = "0..*", paramLabel = "NUMBER", description = "Numbers of the bugs (default: all).")
  private List<String> numbers = List.of();

  @CommandLine.Mixin private JobsOption jobs = new JobsOption();

  @CommandLine.Spec private CommandLine.Model.@Nullable CommandSpec spec;

  @Override
  public Integer call() {
    StandardOutput.goOnWhenClosed();
    Catalogue all = Catalogue.shipped();
    CommandLine line = Arguments.present(spec, "command").commandLine();
    Catalogue asked = all.only(numbers.stream().map(text -> number(line, text)).toList());
    FaultTable table = new FaultTable(all, asked);
    List<Path> files = asked.scenarios().stream().map(name -> ScenariosCommand.shipped().resolve(name + ".yaml"))
        .toList();
    int worst = files.isEmpty() ? Main.AS_EXPECTED
        : Batch.told(new Plan(files, List.of(), null, null), DIRECTORY, jobs.count(), line, table::add);
    if (!OutputDirectory.isEnded()) {
      table.lines().forEach(line.getOut()::println);
      line.getOut().flush();
    }
    return Math.max(worst, table.isComplete() ? Main.AS_EXPECTED : Main.NOT_AS_EXPECTED);
  }

  /// A list that picocli converts itself says of what is no number that it is one argument too many.
  private static Long number(CommandLine line, String text) {
    try {
      return new Arguments.WholeNumber().convert(text);
    } catch (CommandLine.TypeConversionException e) {
      throw new CommandLine.ParameterException(line, "NUMBER: " + e.getMessage());
    }
  }
}
