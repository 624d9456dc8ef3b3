package dev.crosspatch.tests.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Programs with the system's C library, statically linked, print under `crosspatch exec` what they print on Linux, and
/// their traces tell every instruction.
final class ProgramsTest {
  private static final Path SOURCES = Path.of("..", "programs");

  @TempDir
  Path directory = Path.of("");

  private Path program(Toolchain tools, String name, String level) throws IOException, InterruptedException {
    return tools.compile(directory, SOURCES.resolve(name + ".c"),
        List.of(level, "-static", "-ffp-contract=off"), List.of("-lm"));
  }

  private void same(Toolchain tools, Path program, List<String> options, String rounds)
      throws IOException, InterruptedException {
    Ran theirs = tools.onLinux(directory, program, List.of(rounds));
    Ran ours = Ran.of(options, program, List.of(rounds));
    assertEquals(theirs.output(), ours.output(), ours.error());
    assertEquals(theirs.status(), ours.status(), ours.error());
  }

  @ParameterizedTest
  @EnumSource
  void printWhatTheyPrintOnLinux(Toolchain tools) throws IOException, InterruptedException {
    boolean full = Boolean.getBoolean("crosspatch.full");
    for (String level : full ? List.of("-O0", "-O2", "-O3") : List.of("-O2")) {
      for (String name : List.of("core", "records", "sha256", "sort", "strings", "matrix", "floats", "longdouble",
          "vectors", "mmx", "blocks")) {
        same(tools, program(tools, name, level), List.of(), "1");
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void theirTracesTellEveryInstruction(Toolchain tools) throws IOException, InterruptedException {
    Path trace = directory.resolve("trace");
    for (String level : List.of("-O0", "-O3")) {
      Path program = program(tools, "calls", level);
      Ran ran = Ran.of(List.of("--trace", trace.toString()), program, List.of("1"));
      assertEquals(0, ran.status(), ran.error());
      assertTrue(ran.error().contains("verdict: PASS"), ran.error());
    }
  }

  @ParameterizedTest
  @EnumSource
  void threadsOfTheLibrary(Toolchain tools) throws IOException, InterruptedException {
    Path program = tools.compile(directory, Path.of("src", "test", "c", "threads.c"),
        List.of("-O2", "-static", "-pthread"), List.of());
    Ran theirs = tools.onLinux(directory, program, List.of());
    for (String cpus : List.of("1", "3")) {
      Ran ours = Ran.of(List.of("--cpus", cpus, "--trace", directory.resolve("trace").toString()), program, List.of());
      assertEquals(theirs.output(), ours.output(), ours.error());
      assertEquals(theirs.status(), ours.status(), ours.error());
    }
  }
}
