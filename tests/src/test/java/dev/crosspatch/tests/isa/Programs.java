package dev.crosspatch.tests.isa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.bench.Compiler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/// Runs compilers, and what they compiled.
public final class Programs {
  private static final int SECONDS = 120;

  private Programs() {}

  /// Skips the calling test if `command` is not on the search path, and says which package has it.
  public static void need(String command, String debianPackage) {
    Assumptions.assumeTrue(Compiler.find(command).isPresent(),
        command + " is missing (Debian package " + debianPackage + ")");
  }

  /// A program of Debian's that `./test` has fetched. Skips the calling test if it is not there.
  ///
  /// @param architecture as Debian calls it
  /// @param path         in the package
  public static Path debian(String architecture, String path) {
    Path program = Path.of("target", "suites", "programs-" + architecture, path).toAbsolutePath();
    Assumptions.assumeTrue(Files.isExecutable(program), "no " + path + " of Debian's " + architecture + " packages");
    return program;
  }

  /// Runs a command that must end well.
  ///
  /// @param directory where its output may lie meanwhile
  /// @return the lines it printed, errors among them
  static List<String> run(Path directory, List<String> command) throws IOException, InterruptedException {
    Path log = directory.resolve("log");
    Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      assertTrue(process.waitFor(SECONDS, TimeUnit.SECONDS), command.getFirst() + " did not end");
    } finally {
      process.destroyForcibly();
    }
    assertEquals(0, process.exitValue(), () -> String.join(" ", command) + "\n" + text(log));
    return Files.readAllLines(log);
  }

  private static String text(Path log) {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
