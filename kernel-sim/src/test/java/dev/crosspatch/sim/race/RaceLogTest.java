package dev.crosspatch.sim.race;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.sim.BadInput;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is written is read, and what is no record is a line for people.
class RaceLogTest {
  private static final TextRace RACE = new TextRace(TextRace.Kind.INTERRUPT_OVERTAKES, 3, 17, 0xffffffff81000000L,
      List.of(new byte[] {(byte) 0xcc}, new byte[] {1, 2}), -1, -1, "no fence", "a manual");

  @TempDir Path dir = Path.of("");

  private static String written() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    RaceLog.write(out::write, RACE);
    return out.toString(StandardCharsets.UTF_8);
  }

  private List<TextRace> read(String text) throws IOException {
    Path file = Files.writeString(dir.resolve("races.jsonl"), text);
    return RaceLog.read(file, 4);
  }

  @Test
  void whatIsWrittenIsRead() throws IOException {
    TextRace race = read(written() + written()).getLast();
    assertEquals(RACE.line("f"), race.line("f"));
    assertEquals(RACE.kind(), race.kind());
    assertArrayEquals(RACE.possible().getLast(), race.possible().getLast());
    assertEquals(List.of(), read(""));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "\"cpu\":3 | \"cpu\":4", "\"cpu\":3, | ''", "0xffffffff81000000 | 1", "0xffffffff81000000 | 0xg", "cc | c",
      "interrupt-overtakes | luck", "\"cycle\":17 | \"cycle\":x", "} | ,\"more\":1}", "} | ''", "{ | ["})
  void whatIsNoRecordIsSaid(String from, String to) throws IOException {
    String line = written();
    assertTrue(line.contains(from), line);
    String message = assertThrows(BadInput.class, () -> read(line + line.replace(from, to))).line();
    assertTrue(message.contains("races.jsonl:2: not a record of a race: "), message);
  }
}
