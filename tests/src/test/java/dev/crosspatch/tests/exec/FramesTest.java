package dev.crosspatch.tests.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Frames of signals ([frames.c](../../../../../c/frames.c)): what is in them, what comes back from them when a handler
/// has changed them, those that cannot be stored or are none, and in which order and how often signals come.
final class FramesTest {
  @TempDir
  Path directory = Path.of("");

  private static Ran run(Path program, String preset, String part) {
    return Ran.of(List.of("--max-insns", "1000000", "--preset", preset), program, List.of(part));
  }

  /// As the host has it. The last part lies at no multiple of 64, of which XRSTOR makes #GP.
  @ParameterizedTest
  @ValueSource(strings = {"frame", "plain", "xsave", "mxcsr", "pointer", "state", "header", "top", "queue",
      "bad stack", "bad stack itself", "nowhere", "later"})
  void areAsOnTheHost(String part) throws IOException, InterruptedException {
    Path program = Toolchain.X86.bare(directory, "frames");
    Ran theirs = Toolchain.X86.onLinux(directory, program, List.of(part));
    Ran ours = run(program, "zen4", part);
    assertEquals(theirs.output(), ours.output(), ours.error());
    assertEquals(theirs.status(), ours.status(), ours.error());
  }

  /// Without XSAVE a frame is what FXSAVE makes, and says so: no UC_FP_XSTATE in `uc_flags`
  /// (arch/x86/kernel/signal_64.c, frame_uc_flags), no FP_XSTATE_MAGIC1. All else is as qemu-x86_64 has it on a core
  /// without XSAVE.
  @ParameterizedTest
  @ValueSource(strings = {"x86-64-v1", "x86-64-v2"})
  void withoutXsaveAreFxsaves(String level) throws IOException, InterruptedException {
    Path program = Toolchain.X86.bare(directory, "frames");
    Ran theirs = Toolchain.X86.onCore("qemu64", directory, program, "frame");
    Ran ours = run(program, level, "frame");
    List<String> differs = List.of("flags ", "aligned ");
    assertEquals(theirs.output().lines().filter(l -> differs.stream().noneMatch(l::startsWith)).toList(),
        ours.output().lines().filter(l -> differs.stream().noneMatch(l::startsWith)).toList(), ours.error());
    assertTrue(ours.output().contains("flags 6\naligned 0\nmagic 0\nend 0\n"), ours.output());
    List<String> plain = run(program, level, "plain").output().lines().toList();
    assertEquals(List.of("part 1", " ymm 0", " ymm 0"), plain.subList(0, 3));
    assertEquals(" tags 65535", plain.get(7));
    assertEquals(List.of("part 14", " ymm 1", " ymm 2"), plain.subList(24, 27));
  }

  /// A SIGSEGV, too, and signals as often as they come: as qemu-aarch64 does it, whose codes are SI_KERNEL where
  /// Linux tells of the stack (arch/arm64/kernel/traps.c, arm64_notify_segfault), and which goes on if not even a
  /// SIGSEGV finds room, where Linux ends the program (kernel/signal.c, force_sigsegv).
  @Test
  void areAsOnArm64() throws IOException, InterruptedException {
    Path program = Toolchain.ARM64.bare(directory, "frames");
    for (String part : List.of("frame", "queue", "bad stack", "nowhere")) {
      Ran theirs = Toolchain.ARM64.onLinux(directory, program, List.of(part));
      Ran ours = run(program, "max", part);
      assertEquals(told(theirs), told(ours), part + ours.error());
      assertEquals(theirs.status(), ours.status(), part + ours.error());
    }
    assertEquals(128 + 11, run(program, "max", "bad stack itself").status());
    assertTrue(run(program, "max", "nowhere").output().contains(" code 2\n address 8192\n"));
    assertTrue(run(program, "max", "bad stack").output().contains(" code 128\n address 0\n"));
  }

  /// What is told of the last fault stays, as a thread's, until the next, on x86-64 as on the host; on AArch64 as
  /// qemu-aarch64 has it, but for what Linux does: breakpoints leave it as it is (arch/arm64/kernel/debug-monitors.c,
  /// send_user_sigtrap), and there is an `esr_context` as long as there is a syndrome (signal.c,
  /// setup_sigframe_layout).
  @Test
  void theLastFaultIsToldOnArm64() throws IOException, InterruptedException {
    Path program = Toolchain.ARM64.bare(directory, "frames");
    List<String> theirs = Toolchain.ARM64.onLinux(directory, program, List.of("later")).output().lines().toList();
    List<String> ours = run(program, "max", "later").output().lines().toList();
    int breakpoint = ours.indexOf(" signal 5");
    int undefined = ours.indexOf(" signal 4");
    List<String> store = List.of(" fault_address 64", " record 1", " esr " + 0x9200_0046L);
    List<String> none = List.of(" fault_address 0", " record 0", " esr 0");
    assertEquals(theirs.size(), ours.size());
    int number = 0;
    for (int i = 0; i < ours.size(); i++) {
      if (ours.get(i).startsWith(" signal")) {
        assertEquals(i >= undefined ? none : store, ours.subList(i + 1, i + 4), "signal " + number);
        number++;
      }
      boolean told = ours.get(i).startsWith(" esr") || ours.get(i).startsWith(" record")
          || (i >= breakpoint && i < undefined && ours.get(i).startsWith(" fault_address"));
      assertEquals(told ? "" : theirs.get(i), told ? "" : ours.get(i));
    }
    assertEquals(9, number);
  }

  private static List<String> told(Ran ran) {
    return ran.output().lines().filter(line -> !line.startsWith(" code") && !line.startsWith(" address")).toList();
  }
}
