package dev.crosspatch.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The glossary is in order, has a line a word, and no word that the other pages do not use.
final class GlossaryTest {
  private static final Path DOCS = Path.of("..", "docs");
  private static final String PAGE = "glossary.md";

  private static List<String> words() throws IOException {
    return Files.readAllLines(DOCS.resolve(PAGE)).stream().filter(line -> line.startsWith("| ")).skip(1)
        .map(line -> line.substring(2, line.indexOf(" | "))).toList();
  }

  @Test
  void wordsAreInOrder() throws IOException {
    assertEquals(words().stream().sorted().distinct().toList(), words());
  }

  @Test
  void otherPagesUseThem() throws IOException {
    StringBuilder pages = new StringBuilder(Files.readString(Path.of("..", "README.md")));
    try (Stream<Path> all = Files.list(DOCS)) {
      for (Path page : all.filter(p -> !p.endsWith(PAGE)).sorted().toList()) {
        pages.append(Files.readString(page).replaceAll("\\s+", " "));
      }
    }
    List<String> unused = words().stream().filter(word -> !Pattern.compile(
        "\\b" + word.replace(" ", "[ -]"), Pattern.CASE_INSENSITIVE).matcher(pages).find()).toList();
    assertEquals(List.of(), unused);
  }
}
