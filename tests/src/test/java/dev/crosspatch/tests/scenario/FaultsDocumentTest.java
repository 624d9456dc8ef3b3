package dev.crosspatch.tests.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.crosspatch.sim.cli.Main;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// `docs/faults.md` has what `crosspatch faults` prints.
final class FaultsDocumentTest {
  private static final Path DOCUMENT = Path.of("../docs/faults.md");
  private static final String COMMAND = "    $ ./crosspatch faults";
  private static final String SCENARIOS = "crosspatch.scenarios";

  /// What the command printed when the document was written.
  private static List<String> document() throws IOException {
    List<String> lines = Files.readAllLines(DOCUMENT);
    List<String> output = new ArrayList<>();
    for (String line : lines.subList(lines.indexOf(COMMAND) + 1, lines.size())) {
      if (!line.startsWith("    ")) {
        break;
      }
      output.add(line.substring(4));
    }
    return output;
  }

  private record Said(int status, List<String> lines) {}

  private static Said faults(String... numbers) {
    List<String> args = new ArrayList<>(List.of("faults"));
    args.addAll(List.of(numbers));
    PrintStream out = System.out;
    ByteArrayOutputStream heard = new ByteArrayOutputStream();
    String before = System.setProperty(SCENARIOS, "../scenarios");
    System.setOut(new PrintStream(heard, true, StandardCharsets.UTF_8));
    try {
      int status = Main.execute(args.toArray(String[]::new));
      return new Said(status, heard.toString(StandardCharsets.UTF_8).lines().toList());
    } finally {
      System.setOut(out);
      if (before == null) {
        System.clearProperty(SCENARIOS);
      } else {
        System.setProperty(SCENARIOS, before);
      }
    }
  }

  @Test
  void someClassesAreAsItSays() throws IOException {
    Said said = faults("5", "7", "27");
    assertEquals(0, said.status(), said.lines()::toString);
    List<String> some = said.lines().subList(0, said.lines().size() - 1);
    assertEquals(document().stream().filter(some::contains).toList(), some);
    assertEquals("2 of 2 classes found, 1 not here", said.lines().getLast());
  }

  @Test
  void allClassesAreAsItSays() throws IOException {
    assumeTrue(Boolean.getBoolean("crosspatch.full"), "takes two minutes: -Pfull");
    Said said = faults();
    assertEquals(0, said.status());
    Document.holds(DOCUMENT, indented(document()), indented(said.lines()));
  }

  private static String indented(List<String> lines) {
    return lines.stream().map(line -> "    " + line + "\n").collect(Collectors.joining());
  }

  @Test
  void aNumberThatIsNone() {
    assertEquals(2, faults("28").status());
    assertEquals(2, faults("x").status());
    assertTrue(faults("28").lines().isEmpty());
  }
}
