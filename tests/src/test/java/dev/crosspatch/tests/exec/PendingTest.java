package dev.crosspatch.tests.exec;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Signals that are blocked ([pending.c](../../../../../c/pending.c)) are pending for a thread or for the process, and
/// are taken by whom Linux gives them to. That code of Linux is no architecture's own, so both ISAs are held against
/// the host.
final class PendingTest {
  @TempDir
  Path directory = Path.of("");

  @ParameterizedTest
  @EnumSource
  void areTakenAsOnTheHost(Toolchain tools) throws IOException, InterruptedException {
    tools.isAsOnTheHost(directory, "pending");
  }
}
