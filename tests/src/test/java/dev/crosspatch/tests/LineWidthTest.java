package dev.crosspatch.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Lines of sources have at most 120 columns, but for rows of tables: in text blocks and in documentation.
final class LineWidthTest {
  private static final int WIDTH = 120;
  private static final String TEXT_BLOCK = "\"\"\"";

  @Test
  void linesAreNoWider() throws IOException {
    List<String> wide = new ArrayList<>();
    int files = 0;
    try (Stream<Path> all = Files.walk(Path.of(".."))) {
      for (Path file : all.filter(LineWidthTest::isSource).sorted().toList()) {
        files++;
        check(file, wide);
      }
    }
    assertTrue(files > 400, "sources seen: " + files);
    assertEquals(List.of(), wide);
  }

  private static boolean isSource(Path file) {
    String name = file.toString();
    return (name.endsWith(".java") || name.endsWith(".s")) && name.contains("/src/") && !name.contains("/target/");
  }

  private static void check(Path file, List<String> wide) throws IOException {
    boolean inBlock = false;
    int number = 0;
    for (String line : Files.readAllLines(file)) {
      number++;
      boolean begins = line.split(TEXT_BLOCK, -1).length % 2 == 0;
      boolean free = inBlock || begins || line.strip().startsWith("/// |");
      if (line.length() > WIDTH && !free) {
        wide.add(file + ":" + number);
      }
      inBlock ^= begins;
    }
  }
}
