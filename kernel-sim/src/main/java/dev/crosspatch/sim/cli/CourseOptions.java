package dev.crosspatch.sim.cli;

import dev.crosspatch.core.choice.ForcedChoices;
import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.Inputs;
import dev.crosspatch.sim.IoReason;
import dev.crosspatch.sim.run.Run;
import dev.crosspatch.sim.scenario.Scenario;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/// The options of `run` that go back to a moment, or make it go otherwise.
final class CourseOptions {
  /// How the files begin that these options write: nothing else is replaced.
  private static final String SNAPSHOT_BEGINS = "CPRUN";
  private static final String RECORD_BEGINS = "{\"number\":";

  @Option(names = "--save-at", paramLabel = "CYCLE", converter = Arguments.WholeNumber.class,
      description = "Keep a snapshot of the run as it is at this cycle, in the file of --snapshot.")
  private @Nullable Long saveAt;

  @Option(names = "--snapshot", paramLabel = "FILE", description = "Where --save-at puts its snapshot.")
  private @Nullable Path snapshot;

  @Option(names = "--from", paramLabel = "FILE",
      description = "Begin with a snapshot of a run of this scenario, not at its start; the output is that of the "
          + "whole run.")
  private @Nullable Path from;

  @Option(names = "--choices", paramLabel = "FILE",
      description = "Record every decision that the manual leaves open, one JSON object a line: number, choice, cpu, "
          + "options, taken. With --from, those from there on.")
  private @Nullable Path choices;

  @Option(names = "--force", paramLabel = "NUMBER=OPTION", converter = ForcedOption.Converter.class,
      description = "Take this option in the decision of this number (of a record by --choices). May be repeated.")
  private List<ForcedOption> forced = List.of();

  /// An option of `--force`.
  ///
  /// @param number of the decision
  /// @param option to be taken
  record ForcedOption(long number, int option) {

    /// Called by picocli.
    static final class Converter implements CommandLine.ITypeConverter<ForcedOption> {
      @Override
      public ForcedOption convert(String value) {
        if (!value.matches("\\d{1,18}=\\d{1,9}")) {
          throw new CommandLine.TypeConversionException("'" + value
              + "' is not the number of a decision, '=' and the number of an option, both from 0 on");
        }
        int equals = value.indexOf('=');
        return new ForcedOption(Long.parseLong(value, 0, equals, 10),
            Integer.parseInt(value, equals + 1, value.length(), 10));
      }
    }
  }

  /// Checks what the options have to do with each other.
  ///
  /// @param scenarios how many are to be run
  /// @throws BadInput if they do not fit
  void check(int scenarios) {
    if ((saveAt == null) != (snapshot == null)) {
      throw new BadInput("--save-at CYCLE and --snapshot FILE belong together");
    }
    if (saveAt != null && saveAt < 1) {
      throw new BadInput("--save-at: " + saveAt + " is not within 1.." + Long.MAX_VALUE);
    }
    boolean single = saveAt != null || from != null || choices != null || !forced.isEmpty();
    if (single && scenarios > 1) {
      throw new BadInput("--save-at, --from, --choices and --force are for one run at a time");
    }
    byNumber();
  }

  private Map<Long, Integer> byNumber() {
    Map<Long, Integer> options = new LinkedHashMap<>();
    for (ForcedOption f : forced) {
      if (options.put(f.number(), f.option()) != null) {
        throw new BadInput("--force: decision " + f.number() + " is given twice");
      }
    }
    return options;
  }

  /// Checks, before anything runs, that what is to be written can be written where it shall be and takes the place of
  /// nothing that is needed.
  ///
  /// @param scenario file of the scenario
  /// @param out      the output directory
  /// @throws BadInput if it cannot
  void checkPlaces(Path scenario, Path out) {
    try {
      if (from != null) {
        Inputs.checkFile(from);
      }
      checkPlace("--snapshot", snapshot, SNAPSHOT_BEGINS, "snapshot of a run", scenario, out);
      checkPlace("--choices", choices, RECORD_BEGINS, "record of decisions", scenario, out);
      if (snapshot != null && choices != null && OwnFile.same(snapshot, choices)) {
        throw new BadInput("--choices: " + choices + " is the file of --snapshot, too");
      }
    } catch (IOException e) {
      throw new BadInput(IoReason.of(e));
    }
  }

  private void checkPlace(String option, @Nullable Path file, String begins, String what, Path scenario, Path out)
      throws IOException {
    if (file == null) {
      return;
    }
    OwnFile own = new OwnFile(option, file, begins, what);
    own.checkOther(scenario, "the scenario, which would be lost");
    if (from != null) {
      own.checkOther(from, "the snapshot of --from, which would be lost");
    }
    own.checkOutside(out);
    own.check();
  }

  /// Has `run` run as the options say.
  Run course(Scenario scenario, Function<Run.Course, Run> run) {
    Run.Course plain = Run.Course.of(scenario);
    long at = saveAt == null ? 0 : saveAt;
    if (choices == null && forced.isEmpty()) {
      return run.apply(new Run.Course(plain.choices(), from, at, snapshot));
    }
    try (ChoiceLog log = ChoiceLog.to(choices)) {
      ForcedChoices asked = new ForcedChoices(plain.choices(), byNumber(), log);
      Run done = run.apply(new Run.Course(asked, from, at, snapshot));
      forced.stream().filter(f -> f.number() >= asked.count()).findFirst().ifPresent(f -> {
        throw new BadInput("--force: there is no decision " + f.number() + ": this run had " + asked.count());
      });
      log.commit();
      return done;
    } catch (ForcedChoices.NoOption e) {
      throw new BadInput("--force: " + e.getMessage());
    }
  }

  /// Those that a command needs to repeat the run, from its beginning.
  String repeat() {
    return forced.stream().map(f -> " --force " + f.number() + "=" + f.option()).collect(Collectors.joining());
  }
}
