package dev.crosspatch.tests.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Locks of a thread that ends ([robust.c](../../../../../c/robust.c)) are marked, and who waits for one is woken. That
/// code of Linux is no architecture's own, so both ISAs are held against the host.
final class RobustTest {
  @TempDir
  Path directory = Path.of("");

  @ParameterizedTest
  @EnumSource
  void isWalkedAsOnTheHost(Toolchain tools) throws IOException, InterruptedException {
    Ran theirs = Toolchain.X86.onLinux(directory, Toolchain.X86.bare(directory, "robust"), List.of());
    Path program = tools.bare(directory, "robust");
    for (String cpus : List.of("2", "1")) {
      Ran ours = Ran.of(List.of("--cpus", cpus, "--max-insns", "50000000"), program, List.of());
      assertEquals(theirs.output(), ours.output(), ours.error());
      assertEquals(theirs.status(), ours.status(), ours.error());
    }
  }
}
