package dev.crosspatch.tests.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// RDTSCP and RDPID tell which CPU a thread is on ([cpunumber.c](../../../../../c/cpunumber.c)), as `getcpu` does:
/// Linux has written IA32_TSC_AUX.
final class CpuNumberTest {
  @TempDir
  Path directory = Path.of("");

  @Test
  void isGetcpus() throws IOException, InterruptedException {
    Path program = Toolchain.X86.compile(directory, Path.of("src", "test", "c", "cpunumber.c"),
        List.of("-O2", "-static", "-pthread"), List.of());
    Ran theirs = Toolchain.X86.onLinux(directory, program, List.of());
    assertTrue(theirs.output().matches("(?:([0-9a-f]+) \\1\n){2}"), theirs.output());
    for (List<String> part : List.of(List.<String>of(), List.of("rdpid"))) {
      Ran ours = Ran.of(List.of("--cpus", "2", "--preset", "zen4"), program, part);
      assertEquals(List.of("0 0", "1 1"), ours.output().lines().sorted().toList(), ours.error());
    }
  }
}
