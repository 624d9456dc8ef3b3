package dev.crosspatch.tests.exec;

import java.io.IOException;
import java.nio.file.Path;
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
    tools.isAsOnTheHost(directory, "robust");
  }
}
