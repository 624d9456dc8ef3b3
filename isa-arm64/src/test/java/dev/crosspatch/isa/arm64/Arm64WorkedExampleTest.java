package dev.crosspatch.isa.arm64;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// README's example of an instruction: SEVL is a row and a method, and runs.
final class Arm64WorkedExampleTest {
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
        "row(\"SEVL\", \"11010101000000110010 0000 101 11111\", HINT, simple(Arm64Helpers::localEvent))"
            + ".within(\"HINT\"));",
        "static int localEvent(Arm64Core core, long word, long imm) {"}) {
      assertTrue(readme.contains(line), line);
      assertTrue(sources.indexOf(line) >= 0, line);
    }
  }

  /// SEVL sets the event register of its core (DDI0487 C6.2 SEVL).
  @Test
  void runs() {
    Arm64Lab lab = new Arm64Lab(1, "max");
    lab.core(0).eventRegister = false;
    assertEquals(0, lab.run(0, 0xd50320bf));
    assertTrue(lab.core(0).eventRegister);
  }
}
