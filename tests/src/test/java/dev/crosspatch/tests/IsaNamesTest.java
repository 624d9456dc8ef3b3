package dev.crosspatch.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.sim.Plugins;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// No Java outside the ISAs' modules asks which ISA it has: only assemblers say by name what they assemble.
final class IsaNamesTest {
  private static final String ASSEMBLERS = "/asm/src/main/";

  private static List<String> naming(Path file) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      if (Plugins.isas().stream().anyMatch(name -> line.contains('"' + name + '"'))) {
        lines.add(file + ": " + line.strip());
      }
    }
    return lines;
  }

  @Test
  void noIsaIsNamed() throws IOException {
    List<String> named = new ArrayList<>();
    int registrations = 0;
    try (Stream<Path> all = Files.walk(Path.of(".."))) {
      for (Path file : all.filter(IsaNamesTest::isMain).sorted().toList()) {
        if (file.toString().contains(ASSEMBLERS)) {
          registrations += naming(file).size();
        } else {
          named.addAll(naming(file));
        }
      }
    }
    assertTrue(registrations > 0, "the test sees what it looks for");
    assertEquals(List.of(), named);
  }

  private static boolean isMain(Path file) {
    String name = file.toString();
    return name.endsWith(".java") && name.contains("/src/main/") && !name.contains("/isa-")
        && !name.contains("/dev/crosspatch/bench/");
  }
}
