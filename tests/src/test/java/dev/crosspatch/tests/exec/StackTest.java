package dev.crosspatch.tests.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Whether text on the stack ([stack.c](../../../../../c/stack.c)) runs is for the program's file to say, and of the
/// stack alone: natively, by qemu-aarch64 and here.
final class StackTest {
  private static final int PROGRAM_HEADER = 56;
  private static final int PT_GNU_STACK = 0x6474_e551;
  private static final int RUNS = 7;
  private static final int SIGSEGV = 128 + 11;

  @TempDir
  Path directory = Path.of("");

  @ParameterizedTest
  @EnumSource
  void runsIfTheFileSaysSo(Toolchain tools) throws IOException, InterruptedException {
    Path program = tools.compile(directory, Path.of("src", "test", "c", "stack.c"), List.of("-O2", "-static"),
        List.of());
    assertEquals(List.of(RUNS, RUNS, SIGSEGV), statuses(tools, program), "the compiler asks for it");
    byte[] bytes = Files.readAllBytes(program);
    ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int header = (int) file.getLong(32);
    while (file.getInt(header) != PT_GNU_STACK) {
      header += PROGRAM_HEADER;
    }
    file.putInt(header + 4, 6);
    Files.write(program, bytes);
    assertEquals(List.of(SIGSEGV, SIGSEGV, SIGSEGV), statuses(tools, program), "PF_R and PF_W");
    file.putInt(header, 0);
    Files.write(program, bytes);
    assertEquals(List.of(SIGSEGV, SIGSEGV, SIGSEGV), statuses(tools, program), "no header");
  }

  private List<Integer> statuses(Toolchain tools, Path program) throws IOException, InterruptedException {
    List<Integer> statuses = new ArrayList<>();
    for (String part : List.of("nested", "stack", "data")) {
      Ran theirs = tools.onLinux(directory, program, List.of(part));
      Ran ours = Ran.of(List.of(), program, List.of(part));
      assertEquals(theirs.output(), ours.output(), part);
      assertEquals(theirs.status(), ours.status(), part);
      statuses.add(ours.status());
    }
    return statuses;
  }
}
