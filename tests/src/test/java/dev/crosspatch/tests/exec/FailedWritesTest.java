package dev.crosspatch.tests.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A program whose standard output cannot be written ([output.c](../../../../../c/output.c)) hears of it, and ends as
/// on the host, whose `write` is no architecture's own.
final class FailedWritesTest {
  private static final int SECONDS = 300;

  @TempDir
  Path directory = Path.of("");

  @ParameterizedTest
  @CsvSource({"X86, default", "X86, ignored", "ARM64, handled"})
  void itsReaderHasGone(Toolchain tools, String part) throws IOException, InterruptedException {
    isAsOnTheHost(tools, part, "{ \"$@\"; echo $? >&2; } | true");
  }

  @ParameterizedTest
  @CsvSource({"X86, default"})
  void itsDiskIsFull(Toolchain tools, String part) throws IOException, InterruptedException {
    isAsOnTheHost(tools, part, "\"$@\" > /dev/full; echo $? >&2");
  }

  private void isAsOnTheHost(Toolchain tools, String part, String script) throws IOException, InterruptedException {
    String theirs = status(script, List.of(Toolchain.X86.bare(directory, "output").toString(), part));
    assertEquals(theirs, status(script, Ran.command(List.of(), tools.bare(directory, "output"), List.of(part))));
  }

  /// The last line of standard error: the exit status that the script says.
  private String status(String script, List<String> command) throws IOException, InterruptedException {
    Path error = directory.resolve("error");
    List<String> all = new ArrayList<>(List.of("sh", "-c", script, "sh"));
    all.addAll(command);
    Process process = new ProcessBuilder(all).redirectError(error.toFile()).start();
    try {
      assertTrue(process.waitFor(SECONDS, TimeUnit.SECONDS), "it did not end");
    } finally {
      process.destroyForcibly();
    }
    return Files.readAllLines(error).getLast();
  }
}
