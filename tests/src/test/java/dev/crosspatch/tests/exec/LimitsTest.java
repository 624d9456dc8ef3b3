package dev.crosspatch.tests.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A program ([limits.c](../../../../../c/limits.c)) that asks for more than there is ends as on Linux, on both ISAs.
final class LimitsTest {
  private static final int SIGKILL = 9;

  @TempDir
  Path directory = Path.of("");

  private static Ran run(Path program, String memory, String... arguments) {
    Path root = Objects.requireNonNull(program.getParent());
    return Ran.of(List.of("--memory", memory, "--root", root.toString()), program, List.of(arguments));
  }

  /// Memory that is touched and not there: Linux ends the process by SIGKILL (mm/oom_kill.c, __oom_kill_process),
  /// whoever touched it how.
  @ParameterizedTest
  @EnumSource
  void memoryRunsOut(Toolchain tools) throws IOException, InterruptedException {
    Path program = tools.bare(directory, "limits");
    Files.write(directory.resolve("file"), new byte[1 << 20]);
    for (String way : List.of("heap", "map", "tables", "stack", "copies", "file")) {
      for (String memory : List.of("4", "6")) {
        runsOut(run(program, memory, "hog", way, "file"), memory, way);
      }
    }
    runsOut(run(program, "16", "hog", "threads"), "16", "threads");
  }

  private static void runsOut(Ran ran, String memory, String way) {
    assertEquals(128 + SIGKILL, ran.status(), way + ": " + ran.error());
    List<String> lines = ran.error().lines().toList();
    assertEquals(1, lines.size(), way + ": " + ran.error());
    assertTrue(lines.getFirst().matches("crosspatch: .*: ended by signal 9 SIGKILL at 0x[0-9a-f]+: out of memory: the "
        + "program takes more than the " + memory + " MiB of --memory"), way + ": " + ran.error());
  }

  /// What is promised and refused before it is touched: as Linux does in its usual mode, overcommit_memory 0
  /// (mm/util.c, __vm_enough_memory), whatever the size of RAM.
  @ParameterizedTest
  @EnumSource
  void whatNeverCanBeHadIsRefused(Toolchain tools) throws IOException, InterruptedException {
    Path program = tools.bare(directory, "limits");
    List<String> part = List.of("promise");
    Ran theirs = tools.onLinux(directory, program, part);
    for (String memory : List.of("4", "256")) {
      Ran ours = run(program, memory, "promise");
      assertEquals(theirs.output(), ours.output(), memory + " MiB: " + ours.error());
      assertEquals(theirs.status(), ours.status());
    }
    assertEquals(tools.onLinux(directory, program, List.of("churn")).output(), run(program, "4", "churn").output(),
        "memory that is given back is there again, and so are its page tables");
  }

  /// As many areas as vm.max_map_count says by default, half as many threads as RAM has room for (kernel/fork.c,
  /// set_max_threads): ENOMEM and EAGAIN.
  @ParameterizedTest
  @EnumSource
  void areasAndThreadsEnd(Toolchain tools) throws IOException, InterruptedException {
    Path program = tools.bare(directory, "limits");
    assertEquals("areas -12\n", run(program, "64", "areas").output());
    assertEquals("thread -11\n", run(program, "64", "threads").output());
  }

  /// The limit of instructions cuts off whatever happens.
  @ParameterizedTest
  @EnumSource
  void aLimitOfInstructionsCuts(Toolchain tools) throws IOException, InterruptedException {
    Path program = tools.bare(directory, "limits");
    for (String way : List.of("heap", "map", "tables", "threads")) {
      Ran ran = Ran.of(List.of("--memory", "1024", "--max-insns", "30000", "--cpus", "2"), program,
          List.of("hog", way));
      assertEquals(2, ran.status(), ran.error());
      assertTrue(ran.error().endsWith("cut off: limit of 30000 instructions reached\n"), ran.error());
    }
  }

  /// What does not fit before it has begun is no program that can run.
  @ParameterizedTest
  @EnumSource
  void aProgramTooLargeForItsRam(Toolchain tools) throws IOException, InterruptedException {
    Path source = Files.writeString(directory.resolve("large.c"),
        "char room[64 << 20];\nchar full[6 << 20] = {1};\nvoid _start(void) { for (;;) room[1] = full[1]; }\n");
    Path program = tools.compile(directory, source, Toolchain.BARE, List.of());
    for (String memory : List.of("4", "8", "60")) {
      Ran ran = run(program, memory);
      assertEquals(2, ran.status(), ran.error());
      assertTrue(ran.error().endsWith(": does not fit into the " + memory + " MiB of --memory\n"), ran.error());
    }
    List<String> options = new ArrayList<>(List.of("--memory", "128", "--max-insns", "1000"));
    assertTrue(Ran.of(options, program, List.of()).error().contains("cut off"));
  }
}
