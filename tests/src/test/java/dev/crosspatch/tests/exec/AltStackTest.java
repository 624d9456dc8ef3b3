package dev.crosspatch.tests.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Alternate stacks of signals ([altstack.c](../../../../../c/altstack.c)).
final class AltStackTest {
  private static final int SIGSEGV = 11;

  @TempDir
  Path directory = Path.of("");

  private static Ran run(Path program, String preset, String part) {
    return Ran.of(List.of("--max-insns", "1000000", "--preset", preset), program, List.of(part));
  }

  /// As on the host, where a nested frame that does not fit is the end of the program.
  @Test
  void areAsOnTheHost() throws IOException, InterruptedException {
    Path program = Toolchain.X86.bare(directory, "altstack");
    for (String part : List.of("stacks", "nested")) {
      Ran theirs = Toolchain.X86.onLinux(directory, program, List.of(part));
      Ran ours = run(program, "zen4", part);
      assertEquals(theirs.output(), ours.output(), ours.error());
      assertEquals(theirs.status(), ours.status(), ours.error());
    }
    assertEquals(128 + SIGSEGV, run(program, "zen4", "nested").status());
    assertEquals("least 1776\n", run(program, "zen4", "least").output(), "Linux 6.18 on a core of the same states");
  }

  /// The same code of Linux's (kernel/signal.c, do_sigaltstack), so held against the host, too; but registers are taken
  /// back first (arch/arm64/kernel/signal.c, rt_sigreturn), so that what a handler writes into its frame of the
  /// alternate stack holds; and frames go on below it (get_sigframe).
  @Test
  void areAsOnLinuxOnArm64() throws IOException, InterruptedException {
    Path host = Toolchain.X86.bare(directory, "altstack");
    List<String> theirs = Toolchain.X86.onLinux(directory, host, List.of("stacks")).output().lines().toList();
    Path program = Toolchain.ARM64.bare(directory, "altstack");
    List<String> ours = run(program, "max", "stacks").output().lines().toList();
    int changed = theirs.indexOf("part 1");
    int kept = theirs.indexOf("part 2");
    int disabled = theirs.indexOf("part 4");
    int nested = theirs.indexOf("part 5");
    assertEquals(theirs.subList(0, changed), ours.subList(0, changed));
    assertEquals(List.of("back at 64", "  flags 0", "  size 50000"), ours.subList(kept - 3, kept));
    assertEquals(theirs.subList(kept, disabled), ours.subList(kept, disabled));
    assertEquals(List.of("back at -1", "  flags 2", "  size 0"), ours.subList(nested - 3, nested));
    assertEquals(theirs.subList(nested, theirs.size()), ours.subList(nested, ours.size()));
    String deep = run(program, "max", "nested").output();
    assertTrue(deep.startsWith("signal 10\nsignal 10\n"), deep);
    assertEquals("least 4720\n", run(program, "max", "least").output(), "minsigstksz_setup without SVE");
  }
}
