package dev.crosspatch.sim.cli;

import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.run.RunFiles;
import dev.crosspatch.sim.scenario.Verdict;
import dev.crosspatch.sim.verify.Stored;
import dev.crosspatch.sim.verify.Verification;
import dev.crosspatch.sim.verify.ViolationSum;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine;

/// Judges a finished directory again.
@Command(
    name = "verify",
    description = {
      "Judges a finished directory again, from its files alone: checks that every file is what the run left, decodes "
          + "every CPU, compares it with its truth, checks "
          + "what ran against the poke log, and holds what it finds against what the run found and against what the "
              + "scenario expects.",
      Main.STATUS
    },
    mixinStandardHelpOptions = true)
final class VerifyCommand implements Callable<Integer> {
  private static final int SHOWN = 5;

  @Parameters(paramLabel = "DIR", description = "Output directory of a run.")
  private @Nullable Path directory;

  @CommandLine.Spec private CommandLine.Model.@Nullable CommandSpec spec;

  @Override
  public Integer call() {
    StandardOutput.goOnWhenClosed();
    Path path = Arguments.present(directory, "DIR");
    CommandLine line = Arguments.present(spec, "command").commandLine();
    RunDirectory run = RunDirectory.open(path);
    Stored stored = Stored.read(path);
    List<String> damage = stored.files().damage(path);
    damage.forEach(d -> Main.say(line, d));
    if (!stored.intact()) {
      Main.say(line,
          path.resolve(RunFiles.SUMMARY) + ": changed since the run: its checksum at its end is not that of its text");
    }
    return damage.isEmpty() ? judge(line.getOut(), run, stored) : Main.BAD_INPUT;
  }

  private int judge(PrintWriter out, RunDirectory run, Stored stored) {
    try (Progress progress = new Progress()) {
      ViolationSum violations = new ViolationSum(run.image());
      Verification verification = new Verification(run, stored.end(), stored.expect().windows(), violations,
          cpu -> progress.show("decoding CPU " + cpu));
      violations.close();
      progress.clear();
      if (!stored.intact() && verification.verdict() == stored.verdict()) {
        return Main.BAD_INPUT;
      }
      List<String> differences = stored.differences(verification, violations);
      print(out, verification, stored, differences);
      return differences.isEmpty() && verification.meets(stored.expect()) ? Main.AS_EXPECTED : Main.NOT_AS_EXPECTED;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void print(PrintWriter out, Verification verification, Stored stored, List<String> differences) {
    Tables.cpus(out, verification);
    Tables.problems(out, verification, SHOWN);
    out.println("guest: " + verification.end().line());
    Tables.findings(out, verification, verification.scene());
    differences.forEach(out::println);
    out.println("repeat with: " + stored.repeat());
    boolean refuted = !stored.intact() && verification.verdict() != Verdict.FAIL;
    out.println(refuted ? "verdict: none, the summary was changed" : Tables.verdict(verification, stored.expect()));
    out.flush();
  }
}
