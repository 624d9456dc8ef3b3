package dev.crosspatch.sim.cli;

import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.run.Truth;
import dev.crosspatch.sim.verify.Verification;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// Decodes a finished directory again.
@Command(
    name = "verify",
    description = "Decodes a finished directory again, from its files alone, and compares every CPU with its truth.",
    mixinStandardHelpOptions = true)
final class VerifyCommand implements Callable<Integer> {
  private static final int SHOWN = 5;

  @Parameters(paramLabel = "DIR", description = "Output directory of a run.")
  private @Nullable Path directory;

  @CommandLine.Spec private CommandLine.Model.@Nullable CommandSpec spec;

  @Override
  public Integer call() {
    StandardOutput.goOnWhenClosed();
    PrintWriter out = Arguments.present(spec, "command").commandLine().getOut();
    try (Progress progress = new Progress()) {
      RunDirectory run = RunDirectory.open(Arguments.present(directory, "DIR"));
      Verification verification = new Verification(run, cpu -> progress.show("decoding CPU " + cpu));
      progress.clear();
      Tables.cpus(out, verification);
      Tables.problems(out, verification, SHOWN);
      if (run.kept() == Truth.NONE) {
        out.println(verification.checkedText());
      }
      verification.firstFailure().ifPresent(f -> out.println("first failure: " + f));
      out.println("verdict: " + (verification.clean() ? "PASS" : "FAIL"));
      out.flush();
      return verification.clean() ? 0 : 1;
    }
  }
}
