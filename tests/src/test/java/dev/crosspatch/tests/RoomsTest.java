package dev.crosspatch.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Every package of the main sources is a room that `docs/architecture.md` tells of.
final class RoomsTest {
  private static final Path DOCUMENT = Path.of("..", "docs", "architecture.md");
  private static final String SOURCES = "/src/main/java/dev/crosspatch/";

  private static List<String> packages() throws IOException {
    try (Stream<Path> all = Files.walk(Path.of(".."))) {
      return all.map(Path::toString).filter(file -> file.contains(SOURCES) && file.endsWith(".java"))
          .filter(file -> !file.endsWith("package-info.java"))
          .map(file -> file.substring(file.indexOf(SOURCES) + SOURCES.length(), file.lastIndexOf('/')))
          .map(name -> name.replace("isa/", "isa-").replace('/', '.')).distinct().sorted().toList();
    }
  }

  /// The last part of the name, `isa-` before it if it is an instruction set.
  private static boolean isTold(String name, String document) {
    return document.contains("`" + name.substring(name.lastIndexOf('.') + 1) + "`");
  }

  @Test
  void everyPackageIsTold() throws IOException {
    String document = Files.readString(DOCUMENT);
    List<String> packages = packages();
    assertTrue(packages.size() > 25, packages::toString);
    assertEquals(List.of(), packages.stream().filter(name -> !isTold(name, document)).toList());
  }
}
