package dev.crosspatch.sim.cli;

import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.run.OutputDirectory;
import dev.crosspatch.sim.scenario.Scenario;
import dev.crosspatch.sim.scenario.ScenarioReader;
import dev.crosspatch.sim.sweep.Axis;
import dev.crosspatch.sim.sweep.Plan;
import dev.crosspatch.sim.sweep.Seeds;
import dev.crosspatch.sim.sweep.StepTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Shows which steps of a protocol a scenario needs.
@Command(
    name = "steps",
    description = {
      "Runs a scenario as it is, and with each of the steps left out that its protocol has, one at a time; prints for "
          + "each how many runs failed, and of what. A step that nothing shows is one that this scenario does not "
          + "need, not one that nobody does.",
      "Exit status: 0 with all steps every run ends as the scenario expects, 1 one does not, 2 bad input or "
          + "environment, 3 an internal error."
    },
    mixinStandardHelpOptions = true)
final class StepsCommand implements Callable<Integer> {
  @Parameters(arity = "1..*", paramLabel = "SCENARIO.yaml", description = "The scenarios.")
  private List<Path> files = List.of();

  @Option(names = "--set", paramLabel = "KEY=VALUE", converter = RunCommand.AxisConverter.class,
      description = "What the scenario says under this key shall be this, in YAML. May be repeated.")
  private List<Axis> axes = List.of();

  @Option(names = "--seeds", paramLabel = "A..B", converter = SeedsConverter.class, defaultValue = "1..5",
      description = "The seeds of each step's runs (default: ${DEFAULT-VALUE}).")
  private @Nullable Seeds seeds;

  @CommandLine.Mixin private JobsOption jobs = new JobsOption();

  @CommandLine.Spec private CommandLine.Model.@Nullable CommandSpec spec;

  @Override
  public Integer call() {
    StandardOutput.goOnWhenClosed();
    if (axes.stream().anyMatch(Axis::isSwept)) {
      throw new BadInput("--set: takes one value here; it is " + StepTable.KEY + " that has several");
    }
    List<Plan> plans = files.stream().map(this::plan).toList(); // what is wrong with one shows before the first runs
    int status = Main.AS_EXPECTED;
    for (Plan plan : plans) {
      status = Math.max(status, run(plan));
    }
    return status;
  }

  /// The scenario with all of its steps, and without each.
  private Plan plan(Path file) {
    Scenario whole = ScenarioReader.read(file, axes.stream().map(a -> a.values().getFirst()).toList());
    List<Axis> all = new ArrayList<>(axes.stream().filter(a -> !a.key().equals(StepTable.KEY)).toList());
    all.add(new Axis(StepTable.KEY, StepTable.values(whole)));
    return new Plan(List.of(file), all, seeds, null);
  }

  private int run(Plan plan) {
    CommandLine line = Arguments.present(spec, "command").commandLine();
    StepTable table = new StepTable(plan.groups());
    int worst = Batch.told(plan, null, jobs.count(), line, table::add);
    if (!OutputDirectory.isEnded()) {
      table.lines().forEach(line.getOut()::println);
      line.getOut().flush();
    }
    return Math.max(worst, table.isWholeAsExpected() ? Main.AS_EXPECTED : Main.NOT_AS_EXPECTED);
  }
}
