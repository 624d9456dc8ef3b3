package dev.crosspatch.tests.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
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
    Ran theirs = Toolchain.X86.onLinux(directory, Toolchain.X86.bare(directory, "pending"), List.of());
    Path program = tools.bare(directory, "pending");
    for (String cpus : List.of("2", "1")) {
      Ran ours = Ran.of(List.of("--cpus", cpus, "--max-insns", "50000000"), program, List.of());
      assertEquals(theirs.output(), ours.output(), ours.error());
      assertEquals(theirs.status(), ours.status(), ours.error());
    }
  }
}
