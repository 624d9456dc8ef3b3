package dev.crosspatch.tracer.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PokeLogTest {
  @TempDir private Path directory = Path.of("");

  private static Poke poke(long time, String site) {
    return new Poke(time, 3, 0xffffffff81000040L, new byte[] {0x0f, 0x1f}, new byte[] {(byte) 0xeb, 1},
        "jump_label", site);
  }

  @Test
  void keepsTimeOrderAndOrderOfAdditionAmongEqualTimes() {
    PokeLog log = new PokeLog();
    for (Poke poke : List.of(poke(5, "a"), poke(7, "b"), poke(5, "c"), poke(6, "d"))) {
      log.add(poke);
    }
    assertEquals(List.of("a", "c", "d", "b"), log.pokes().stream().map(Poke::site).toList());
  }

  @Test
  void readsWhatItWrote() throws IOException {
    PokeLog log = new PokeLog();
    log.add(poke(5, "key \"one\""));
    log.add(new Poke(9, 0, 0x1000, new byte[0], new byte[] {1}, "", ""));
    Path file = directory.resolve("pokes.jsonl");
    log.write(file);
    assertEquals(
        "{\"time\":5,\"cpu\":3,\"address\":\"0xffffffff81000040\",\"old\":\"0f1f\",\"new\":\"eb01\","
            + "\"mechanism\":\"jump_label\",\"site\":\"key \\\"one\\\"\"}",
        Files.readAllLines(file).getFirst());
    List<Poke> read = PokeLog.read(file).pokes();
    assertEquals(log.pokes().toString(), read.toString());
    assertEquals("key \"one\"", read.getFirst().site());
    assertArrayEquals(new byte[0], read.get(1).before());
  }

  @Test
  void lossesHaveTheTimeBetweenWhichTheyLie() throws IOException {
    PokeLog log = new PokeLog();
    log.lost(4, 3, 1);
    log.add(poke(5, "a"));
    log.lost(8, 0, 7);
    log.lost(9, 3, 2);
    log.add(poke(9, "b"));
    Path file = directory.resolve("pokes.jsonl");
    log.write(file);
    assertEquals("{\"time\":4,\"cpu\":3,\"lost\":1}", Files.readAllLines(file).getFirst());
    PokeLog read = PokeLog.read(file);
    assertEquals(List.of("a", "b"), read.pokes().stream().map(Poke::site).toList());
    assertEquals(List.of(new Loss(4, 3, 1, 0), new Loss(8, 0, 7, 0), new Loss(9, 3, 2, 5)),
        read.losses().stream().sorted(Comparator.comparingLong(Loss::time)).toList());
    assertEquals("2 text events of CPU 3 lost between ticks 5 and 9", read.losses().getLast().toString());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
      "{\"time\":1 | not a line of JSON",
      "[1] | a poke is an object {...}",
      "{} | 'time' is missing",
      "{\"time\":\"x\"} | 'time' is no whole number: x",
      "{\"time\":1.5} | 'time' is no whole number: 1.5",
      "{\"time\":1,\"cpu\":-1,\"address\":\"0x1\",\"old\":\"\",\"new\":\"\"} | 'cpu' is -1",
      "{\"address\":\"40\"} | 'address' is not 0x...: 40",
      "{\"address\":\"0xg\"} | 'address' is not 0x...: 0xg",
      "{\"address\":5} | 'address' is no string: 5",
      "{\"old\":\"0\"} | 'old' is not bytes in hex: 0",
      "{\"time\":1,\"cpu\":0,\"lost\":0} | 'lost' is 0",
      "{\"time\":1,\"lost\":1} | 'cpu' is missing",
      "{\"time\":1,\"cpu\":0,\"lost\":1,\"old\":\"\"} | a line of lost events has 'time', 'cpu' and 'lost' only",
      "{\"when\":1} | unknown field 'when'",
      "{\"time\":1,\"cpu\":0,\"address\":\"0x1\",\"old\":\"\",\"new\":\"\"}{} | something follows the poke"})
  void badLinesAreNamed(String line, String message) throws IOException {
    Path file = directory.resolve("pokes.jsonl");
    Files.writeString(file, "\n" + line + "\n");
    Exception e = assertThrows(IllegalArgumentException.class, () -> PokeLog.read(file));
    assertEquals("pokes.jsonl:2: " + message, e.getMessage());
  }
}
