package dev.crosspatch.tests.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// System calls answer at their edges what Linux answers ([answers.c](../../../../../c/answers.c)). None of that is an
/// architecture's own, so both ISAs are held against the host: qemu-aarch64 answers some of it itself.
final class AnswersTest {
  private static final int SIZE = 5000;

  @TempDir
  Path directory = Path.of("");

  @ParameterizedTest
  @CsvSource({"X86, memory", "X86, files", "X86, process", "X86, mapped", "ARM64, memory", "ARM64, files",
      "ARM64, process", "ARM64, mapped"})
  void areLinuxs(Toolchain tools, String part) throws IOException, InterruptedException {
    Path root = Files.createDirectory(directory.resolve("root"));
    Path file = root.resolve("file");
    Path native64 = Toolchain.X86.bare(directory, "answers");
    Files.write(file, new byte[SIZE]);
    Ran theirs = Toolchain.X86.onLinux(directory, native64, List.of(part, file.toString()));
    byte[] left = Files.readAllBytes(file);
    Files.write(file, new byte[SIZE]);
    Ran ours = Ran.of(List.of("--root", root.toString(), "--writable"), tools.bare(directory, "answers"),
        List.of(part, "/file"));
    assertEquals(theirs.output(), ours.output(), ours.error());
    assertEquals(theirs.status(), ours.status(), ours.error());
    assertEquals(-1, Arrays.mismatch(left, Files.readAllBytes(file)));
  }
}
