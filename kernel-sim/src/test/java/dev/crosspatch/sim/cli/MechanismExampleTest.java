package dev.crosspatch.sim.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// README's example of a mechanism of the user's own, file by file as it stands there, in a folder outside the sources.
final class MechanismExampleTest {
  private static final Path README = Path.of("../README.md");

  @TempDir private Path dir;

  /// The indented lines behind "`file`:".
  private static String shown(String readme, String file) {
    Matcher block = Pattern.compile("`" + Pattern.quote(file) + "`:\n\n((?:    .*\n|\n)+)").matcher(readme);
    assertTrue(block.find(), file);
    return block.group(1).replaceAll("(?m)^    ", "").strip() + "\n";
  }

  private void write(String readme, String file) throws IOException {
    Path path = dir.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, shown(readme, file).replaceFirst("(?s)\n\\$ .*", "\n"));
  }

  @Test
  void whatReadmeShowsRuns() throws IOException {
    String readme = Files.readString(README);
    for (String file : List.of("mine/manifest.yaml", "mine/x86-64.s", "mine.yaml", "twin.yaml")) {
      write(readme, file);
    }
    Said ran = Said.of(dir, "run", "DIR/mine.yaml", "DIR/twin.yaml", "--out", "DIR/out");
    assertEquals(0, ran.status, ran.out + ran.err);
    List<String> verdicts = ran.out.lines().filter(l -> l.startsWith("verdict: ")).toList();
    assertEquals(List.of("verdict: FAIL (as expected); output in DIR/out/mine",
        "verdict: FAIL (as expected); output in DIR/out/twin"), verdicts);
    for (String verdict : verdicts) {
      assertTrue(readme.contains(verdict.replace("DIR/", "")), verdict);
    }
    for (String name : List.of("mine", "twin")) {
      assertEquals(0, Said.of(dir, "verify", "DIR/out/" + name).status);
    }
    assertFalse(Files.readAllLines(dir.resolve("out/mine/pokes.jsonl")).isEmpty());
  }
}
