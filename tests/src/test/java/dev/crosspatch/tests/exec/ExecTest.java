package dev.crosspatch.tests.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A program without a library ([userland.c](../../../../../c/userland.c)) does under `crosspatch exec` what it does on
/// Linux, natively on x86-64 and by qemu-aarch64; and its trace tells every instruction.
final class ExecTest {
  private static final List<String> FLAGS = List.of("-O2", "-static", "-nostdlib", "-ffreestanding",
      "-fno-stack-protector", "-fno-builtin", "-mgeneral-regs-only", "-Wall", "-Wextra", "-Werror");

  @TempDir
  Path directory = Path.of("");

  private Path program(Toolchain tools) throws IOException, InterruptedException {
    return tools.compile(directory, Path.of("src", "test", "c", "userland.c"), FLAGS, List.of());
  }

  @ParameterizedTest
  @EnumSource
  void doesWhatItDoesOnLinux(Toolchain tools) throws IOException, InterruptedException {
    Path program = program(tools);
    for (List<String> part : List.of(List.of("args", "one", "two three"), List.of("memory"), List.of("signals"),
        List.of("threads"), List.of("fault"), List.of("undefined"))) {
      Ran theirs = tools.onLinux(directory, program, part);
      Ran ours = Ran.of(List.of(), program, part);
      assertEquals(theirs.output(), ours.output(), tools + " " + part);
      assertEquals(theirs.status(), ours.status(), tools + " " + part);
    }
  }

  @ParameterizedTest
  @EnumSource
  void itsTraceTellsEveryInstruction(Toolchain tools) throws IOException, InterruptedException {
    Path program = program(tools);
    Path trace = directory.resolve("trace");
    for (String part : List.of("memory", "signals", "threads")) {
      for (String protocol : tools.protocols()) {
        Ran ran = Ran.of(List.of("--trace", trace.toString(), "--flow", "--cpus", "2", "--trace-protocol", protocol),
            program, List.of(part));
        assertEquals(42, ran.status(), ran.error());
        assertTrue(ran.error().contains("verdict: PASS"), ran.error());
        for (int cpu = 0; cpu < 2; cpu++) {
          String flow = "cpu" + cpu + ".flow";
          assertEquals(-1, Files.mismatch(trace.resolve("truth").resolve(flow),
              trace.resolve("decoded").resolve(flow)), part + " " + flow);
        }
      }
    }
    List<String> bits = Files.readAllLines(trace.resolve("truth").resolve("cpu1.flow"));
    assertTrue(bits.size() > 10_000, "threads run on the second CPU, too: " + bits.size());
  }

  @ParameterizedTest
  @EnumSource
  void findsFilesBelowItsRootAlone(Toolchain tools) throws IOException, InterruptedException {
    Path program = program(tools);
    Path root = Files.createDirectories(directory.resolve("root"));
    Files.writeString(directory.resolve("secret"), "secret");
    Files.writeString(root.resolve("file"), "hello world\n");
    Files.createDirectories(root.resolve("sub"));
    Files.createSymbolicLink(root.resolve("link"), Path.of("file"));
    Files.createSymbolicLink(root.resolve("loop"), Path.of("loop"));
    Ran theirs = tools.onLinux(directory, program, List.of("files", root.toString()));
    Files.delete(root.resolve("made"));
    List<String> options = List.of("--root", root.toString());
    List<String> writable = new ArrayList<>(options);
    writable.add("--writable");
    Ran readOnly = Ran.of(options, program, List.of("files", "/"));
    assertEquals(theirs.output().replaceAll("(?s)wrote.*", "made -30\n"), readOnly.output());
    assertTrue(Files.notExists(root.resolve("made")));
    assertEquals(theirs.output(), Ran.of(writable, program, List.of("files", "/")).output());
    assertEquals("hello\n", Files.readString(root.resolve("made")));
    Files.createSymbolicLink(root.resolve("out"), Path.of("../secret"));
    Files.createSymbolicLink(root.resolve("absolute"), directory.resolve("secret").toAbsolutePath());
    Files.createSymbolicLink(root.resolve("up"), Path.of(".."));
    Ran escaping = Ran.of(options, program, List.of("escape"));
    assertEquals(7, escaping.output().lines().filter(line -> line.endsWith(" -2")).count(), escaping.output());
  }

  @ParameterizedTest
  @EnumSource
  void aLimitAndItsStatistics(Toolchain tools) throws IOException, InterruptedException {
    Path program = program(tools);
    Ran cut = Ran.of(List.of("--max-insns", "1000"), program, List.of("threads"));
    assertEquals(2, cut.status());
    assertTrue(cut.error().endsWith("cut off: limit of 1000 instructions reached\n"), cut.error());
    Ran whole = Ran.of(List.of("--stats", "--cpus", "3"), program, List.of("threads"));
    for (String word : List.of("instructions ", "cycles ", "IPC ", "traps ", "L1I ", "L1D ", "TLB ", "mispred",
        "MIPS ")) {
      assertEquals(1, whole.error().lines().filter(line -> line.startsWith(word)).count(), whole.error());
    }
    Ran again = Ran.of(List.of("--stats", "--cpus", "3"), program, List.of("threads"));
    assertEquals(counted(whole), counted(again), "the same run");
  }

  private static List<String> counted(Ran ran) {
    return ran.error().lines().filter(line -> !line.startsWith("host") && !line.startsWith("MIPS")).toList();
  }
}
