package dev.crosspatch.isa.toy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// A new ISA edits nothing else, and `docs/third-isa.md` tells all that it consists of.
final class ThirdIsaTest {
  private static final Path HOUSE = Path.of("..");
  private static final Path ISA = Path.of("src/test/java/dev/crosspatch/isa/toy");
  private static final Pattern NAMED = Pattern.compile("(?i)(?<![a-z])toy|isa-toy|isa\\.toy");
  private static final Pattern IMPORT = Pattern.compile("(?m)^import (?:static )?([\\w.]+)");
  /// What a module of an ISA may use: the core, and an assembler if it wants that of ours.
  private static final Pattern MAY_USE =
      Pattern.compile("(dev\\.crosspatch\\.(core|asm|isa\\.toy)|java|org\\.jspecify)\\..*");

  @Test
  void noOtherModuleKnowsOfIt() throws IOException {
    List<Path> modules;
    try (Stream<Path> all = Files.list(HOUSE)) {
      modules = all.filter(p -> Files.exists(p.resolve("pom.xml")) && !p.endsWith("isa-toy")).sorted().toList();
    }
    assertTrue(modules.size() >= 7, () -> "modules: " + modules);
    for (Path module : modules) {
      assertEquals(Set.of(), naming(files(module.resolve("src/main"))), "sources that name it");
      assertEquals(Set.of(), naming(List.of(module.resolve("pom.xml"))), "modules that depend on it");
    }
    assertEquals(Set.of(), naming(files(HOUSE.resolve("scenarios"))));
  }

  private static Set<Path> naming(List<Path> files) {
    return files.stream().filter(f -> NAMED.matcher(text(f)).find()).collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void itUsesWhatIsThereForEveryIsa() {
    for (Path file : files(ISA)) {
      if (!isTest(file)) {
        List<String> others = IMPORT.matcher(text(file)).results().map(m -> m.group(1))
            .filter(name -> !MAY_USE.matcher(name).matches()).toList();
        assertEquals(List.of(), others, file.toString());
      }
    }
  }

  /// Files by their names in backquotes, both ways.
  @Test
  void itsPageNamesEachOfItsFiles() {
    Set<String> there = Stream.concat(files(ISA).stream(), files(Path.of("src/test/resources")).stream())
        .filter(f -> !isTest(f)).map(f -> f.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
    there.remove("package-info.java");
    Set<String> told = Pattern.compile("`(?:[\\w-]+/)*([\\w.-]+\\.(?:java|tsv|map|s|yaml|Isa|AssemblerProvider))`")
        .matcher(text(HOUSE.resolve("docs/third-isa.md"))).results().map((MatchResult m) -> m.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(there, told);
  }

  private static boolean isTest(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith("Test.java") || name.equals("Said.java");
  }

  private static List<Path> files(Path under) {
    if (!Files.exists(under)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(under)) {
      return all.filter(Files::isRegularFile).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
