package dev.crosspatch.tests.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Calls that wait and are called away by signals ([waits.c](../../../../../c/waits.c)) go on as on Linux. That code of
/// Linux is no architecture's own, so both ISAs are held against the host: qemu-aarch64 has no `restart_syscall`, and
/// no EFAULT for the time that is left.
final class WaitsTest {
  @TempDir
  Path directory = Path.of("");

  @ParameterizedTest
  @EnumSource
  void goOnBehindHandlers(Toolchain tools) throws IOException, InterruptedException {
    tools.isAsOnTheHost(directory, "waits", "handlers");
  }

  /// No handler runs after all: every call goes on, and those with a time to its end (kernel/futex/waitwake.c,
  /// futex_wait_restart; kernel/time/hrtimer.c, hrtimer_nanosleep_restart).
  @ParameterizedTest
  @EnumSource
  void goOnWithoutHandlers(Toolchain tools) throws IOException, InterruptedException {
    Ran ran = Ran.of(List.of("--stats"), tools.bare(directory, "waits"), List.of("ignored"));
    assertEquals(List.of("futex -110", " handlers 0", "futex, a time -110", " handlers 0", "nanosleep 0",
        " handlers 0", " left 1", "nanosleep, bad place -14", " handlers 0", "clock_nanosleep 0", " handlers 0",
        "clock_nanosleep, absolute 0", " handlers 0", "poll 0", " handlers 0", "ppoll 0", " handlers 0", " left 0"),
        ran.output().lines().toList(), ran.error());
    assertEquals(3, ran.status());
    String cycles = ran.error().lines().filter(line -> line.startsWith("cycles")).findFirst().orElseThrow();
    assertTrue(Long.parseLong(cycles.replaceAll("[^0-9]", "")) > 7 * 90 * 1_500_000L, "the whole time: " + cycles);
  }
}
