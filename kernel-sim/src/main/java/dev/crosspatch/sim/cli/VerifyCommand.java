package dev.crosspatch.sim.cli;

import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.run.RunFiles;
import dev.crosspatch.sim.scenario.Verdict;
import dev.crosspatch.sim.verify.Stored;
import dev.crosspatch.sim.verify.Verification;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// Judges a finished directory again.
@Command(
    name = "verify",
    description = {
      "Judges a finished directory again, from its files alone: checks that every file is what the run left, decodes every CPU, compares it with its truth, checks "
          + "every stale execution against the poke log, and holds the verdict against the stored one and against what the scenario expects.",
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
      Main.say(line, path.resolve(RunFiles.SUMMARY) + ": changed since the run: its checksum at its end is not that of its text");
    }
    return damage.isEmpty() ? judge(line.getOut(), run, stored) : Main.BAD_INPUT;
  }

  private int judge(PrintWriter out, RunDirectory run, Stored stored) {
    try (Progress progress = new Progress()) {
      Verification verification = new Verification(run, stored.end(), v -> {}, cpu -> progress.show("decoding CPU " + cpu));
      progress.clear();
      if (!stored.intact() && verification.verdict() == stored.verdict()) {
        return Main.BAD_INPUT;
      }
      print(out, verification, stored);
      boolean borne = verification.verdict() == stored.verdict();
      return borne && verification.meets(stored.expect()) ? Main.AS_EXPECTED : Main.NOT_AS_EXPECTED;
    }
  }

  private static void print(PrintWriter out, Verification verification, Stored stored) {
    Tables.cpus(out, verification);
    Tables.problems(out, verification, SHOWN);
    out.println("guest: " + verification.end().text());
    Tables.findings(out, verification, verification.scene());
    stored.differences(verification).forEach(out::println);
    out.println("repeat with: " + stored.repeat());
    boolean refuted = !stored.intact() && verification.verdict() != Verdict.FAIL;
    out.println(refuted ? "verdict: none, the summary was changed" : Tables.verdict(verification, stored.expect()));
    out.flush();
  }
}
