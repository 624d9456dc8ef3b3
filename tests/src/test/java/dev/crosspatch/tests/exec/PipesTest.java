package dev.crosspatch.tests.exec;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Pipes within a program ([pipes.c](../../../../../c/pipes.c)) hold, say and do what Linux's do. That code of Linux is
/// no architecture's own, so both ISAs are held against the host.
final class PipesTest {
  @TempDir
  Path directory = Path.of("");

  @ParameterizedTest
  @CsvSource({"X86, calls", "X86, threads", "ARM64, calls", "ARM64, threads"})
  void areLinuxs(Toolchain tools, String part) throws IOException, InterruptedException {
    tools.isAsOnTheHost(directory, "pipes", part);
  }
}
