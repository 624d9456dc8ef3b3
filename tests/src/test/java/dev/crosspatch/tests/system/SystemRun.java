package dev.crosspatch.tests.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.core.machine.RunResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/// Runs of a [SystemImage], and what is held of them.
final class SystemRun {
  private static final RunLimits LIMITS = new RunLimits(1_000_000_000, 20_000_000, 0);
  private static final int SECONDS = 60;

  private SystemRun() {}

  /// Runs our machine until a program switches it off.
  ///
  /// @param end what the machine says then
  static List<List<Long>> ours(SystemImage image, Machine machine, String end, Terminal terminal) {
    RunResult result = machine.run(LIMITS);
    assertTrue(result.end() == RunResult.End.STOPPED && result.reason().equals(end),
        () -> String.format("%s: %s at 0x%x in %s", result.end(), result.reason(), machine.core(0).pc,
            image.last(terminal.printed())));
    return image.words(terminal.printed());
  }

  /// Runs a QEMU that ends by itself.
  ///
  /// @param status its exit status then
  /// @param output file to which it prints
  static List<List<Long>> qemu(SystemImage image, Path output, int status, List<String> command)
      throws IOException, InterruptedException {
    Path log = output.resolveSibling("log");
    Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      assertTrue(process.waitFor(SECONDS, TimeUnit.SECONDS),
          () -> command.getFirst() + " did not end, in " + image.last(text(output)));
    } finally {
      process.destroyForcibly();
    }
    assertEquals(status, process.exitValue(),
        () -> String.join(" ", command) + ", in " + image.last(text(output)) + "\n" + text(log));
    return image.words(Files.readString(output));
  }

  private static String text(Path file) {
    try {
      return Files.exists(file) ? Files.readString(file) : "";
    } catch (IOException e) {
      return e.toString();
    }
  }

  /// A test a program: ours does what the manual allows.
  static Stream<DynamicTest> oursAsTheManualSays(String title, SystemImage image, List<List<Long>> words) {
    return IntStream.range(0, words.size()).mapToObj(i -> DynamicTest.dynamicTest(
        title + ": " + image.programs.get(i).name(),
        () -> assertEquals("", image.difference(i, image.programs.get(i).allowed(), words.get(i)))));
  }

  /// A test a program: QEMU does what the manual allows, or else what is listed of it; what is listed is needed.
  static Stream<DynamicTest> qemuAsTheManualSays(String title, SystemImage image, List<List<Long>> words) {
    return IntStream.range(0, words.size()).mapToObj(i -> DynamicTest.dynamicTest(
        title + ": " + image.programs.get(i).name(), () -> {
          SystemProgram program = image.programs.get(i);
          boolean listed = !program.qemu().isEmpty();
          assertEquals("", image.difference(i, listed ? program.qemu() : program.allowed(), words.get(i)));
          assertTrue(!listed || !image.difference(i, program.allowed(), words.get(i)).isEmpty(),
              "QEMU does what the manual says, and is listed");
        }));
  }

  /// Programs whose outcome is believed although a word of it is another, or missing, or too much.
  static List<String> blind(SystemImage image, List<List<Long>> words) {
    List<String> blind = new ArrayList<>();
    for (int i = 0; i < words.size(); i++) {
      List<SystemProgram.Outcome> allowed = image.programs.get(i).allowed();
      List<Long> more = new ArrayList<>(words.get(i));
      more.add(0L);
      List<Long> fewer = words.get(i).subList(0, words.get(i).size() - 1);
      int program = i;
      boolean seen = IntStream.range(0, words.get(i).size()).anyMatch(at -> {
        List<Long> other = new ArrayList<>(words.get(program));
        other.set(at, ~other.get(at));
        return !image.difference(program, allowed, other).isEmpty();
      });
      if (!seen || image.difference(i, allowed, more).isEmpty() || image.difference(i, allowed, fewer).isEmpty()) {
        blind.add(image.programs.get(i).name());
      }
    }
    return blind;
  }
}
