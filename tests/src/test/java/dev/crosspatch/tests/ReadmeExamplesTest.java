package dev.crosspatch.tests;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The lines that README shows of a micro-op and of an A64 instruction are lines of the sources. (That the examples
/// run, and that of x86, which adds what is not there, is tested in their modules.)
final class ReadmeExamplesTest {
  private static final Path ROOT = Path.of("..");

  @ParameterizedTest
  @CsvSource(delimiter = '#', quoteCharacter = '`', value = {
      "emu-core # public static final int CTZ = 57;",
      "emu-core # case Uop.CTZ -> Math.min(Long.numberOfTrailingZeros(cut(a, op)), 8 << op.width);",
      "emu-core # public static final int ADDF = ADD | SETS_ADD;",
      "isa-arm64 # row(\"SEVL\", \"11010101000000110010 0000 101 11111\", HINT, simple(Arm64Helpers::localEvent))"
          + ".within(\"HINT\"));",
      "isa-arm64 # static int localEvent(Arm64Core core, long word, long imm) {",
  })
  void linesAreThere(String module, String line) throws IOException {
    assertTrue(Files.readString(ROOT.resolve("README.md")).contains(line), "README.md");
    try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/main/java"))) {
      assertTrue(files.filter(f -> f.toString().endsWith(".java")).anyMatch(f -> holds(f, line)), module);
    }
  }

  private static boolean holds(Path file, String line) {
    try {
      return Files.readString(file).contains(line);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
