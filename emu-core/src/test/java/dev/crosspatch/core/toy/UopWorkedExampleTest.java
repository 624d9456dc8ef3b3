package dev.crosspatch.core.toy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.uop.Uop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// README's example of a micro-op: CTZ is a row and an arm, and runs.
final class UopWorkedExampleTest {
  private static final Path README = Path.of("../README.md");
  private static final Path SOURCES = Path.of("src/main/java");

  /// The lines README shows are the lines that are there.
  @Test
  void readmeShowsWhatIsThere() throws IOException {
    String readme = Files.readString(README);
    StringBuilder sources = new StringBuilder();
    try (Stream<Path> files = Files.walk(SOURCES)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".java")).sorted().toList()) {
        sources.append(Files.readString(file));
      }
    }
    for (String line : new String[] {
        "public static final int CTZ = 57;",
        "case Uop.CTZ -> Math.min(Long.numberOfTrailingZeros(cut(a, op)), 8 << op.width);",
        "public static final int ADDF = ADD | SETS_ADD;"}) {
      assertTrue(readme.contains(line), line);
      assertTrue(sources.indexOf(line) >= 0, line);
    }
  }

  @Test
  void runs() {
    Lab lab = Lab.Setup.X86.lab().put(Lab.text().li(4, 0x50).op(Uop.CTZ, 5, 4, Uop.ZERO, 3).stop());
    lab.run();
    assertEquals(4, lab.core(0).r[5]);
  }
}
