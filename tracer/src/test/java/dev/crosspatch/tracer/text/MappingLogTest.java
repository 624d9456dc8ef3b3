package dev.crosspatch.tracer.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MappingLogTest {
  private static final long AT = 0xffffffff82000000L;

  @TempDir private Path directory = Path.of("");

  private static MappingEvent.Announced announced(long time, long number, int length) {
    return new MappingEvent.Announced(time, number, 1, AT, length, "image", "jit");
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  private static MappingLog log(MappingEvent... events) {
    MappingLog log = new MappingLog();
    for (MappingEvent event : events) {
      log.add(event);
    }
    return log;
  }

  private static List<String> pokes(PokeLog log) {
    return log.pokes().stream().map(p -> p.time() + " " + Poke.hex(p.before()) + " -> " + Poke.hex(p.after())).toList();
  }

  @Test
  void readsWhatItWrote() throws IOException {
    List<MappingEvent> events = List.of(announced(5, 1, 3), new MappingEvent.Copied(8, 1, 0, bytes(0x90, 0xc3, 0xcc)),
        new MappingEvent.TimedOut(9, 1, 2, 1), new MappingEvent.Withdrawn(10, 1, 1));
    StringBuilder text = new StringBuilder();
    events.forEach(event -> text.append(new String(MappingLog.line(event), StandardCharsets.UTF_8)));
    assertEquals("""
        {"time":5,"event":"announce","mapping":1,"cpu":1,"address":"0xffffffff82000000","length":3,"name":"image",\
        "mechanism":"jit"}
        {"time":8,"event":"copy","mapping":1,"observer":0,"bytes":"90c3cc"}
        {"time":9,"event":"timeout","mapping":1,"cpu":2,"observer":1}
        {"time":10,"event":"withdraw","mapping":1,"cpu":1}
        """, text.toString());
    MappingLog log = MappingLog.read(Files.writeString(directory.resolve("mappings.jsonl"), text));
    Mapping mapping = log.mappings().iterator().next();
    assertEquals(events.getFirst(), mapping.announced());
    assertEquals(10, mapping.withdrawn());
    assertTrue(mapping.isCopied());
    assertEquals(List.of(events.get(2)), log.timeouts());
    assertEquals("mapping 1 (image) at 0xffffffff82000000", mapping.toString());
  }

  /// Text appears with its announcement, as somebody has copied it later, and goes away when it is given up.
  @Test
  void aCopyIsTheTextFromTheAnnouncementOn() {
    PokeLog pokes = new PokeLog();
    log(announced(5, 1, 2), new MappingEvent.Copied(8, 1, 1, bytes(1, 2)),
        new MappingEvent.Copied(9, 1, 0, bytes(1, 2)),
        new MappingEvent.Withdrawn(10, 1, 0), announced(10, 2, 1), new MappingEvent.Copied(30, 2, 0, bytes(3)),
        announced(20, 3, 1)).into(pokes);
    assertEquals(List.of("5  -> 0102", "10 0102 -> ", "10  -> 03"), pokes(pokes), "the third nobody copied");
  }

  /// What is copied late is not what was there, and all that the decoder has.
  @Test
  void whatIsCopiedBehindTheEndIsNoCopy() {
    MappingLog log = log(announced(5, 1, 1), new MappingEvent.Withdrawn(10, 1, 0),
        new MappingEvent.Copied(11, 1, 0, bytes(7)), announced(12, 2, 1));
    assertEquals(List.of(false, false), log.mappings().stream().map(Mapping::isCopied).toList());
    PokeLog pokes = new PokeLog();
    log.into(pokes);
    assertEquals(List.of("5  -> 07", "10 07 -> "), pokes(pokes));
    assertFalse(log(announced(5, 1, 1)).mappings().iterator().next().isCopied());
  }

  /// Pokes tell old bytes, too, so a copy can be brought back to what stood there when it was announced.
  @Test
  void pokesBeforeTheCopyAreTakenBack() {
    PokeLog pokes = new PokeLog();
    pokes.add(new Poke(4, 0, AT, bytes(9), bytes(8), "m", "before it was there"));
    pokes.add(new Poke(6, 0, AT + 1, bytes(2), bytes(3), "m", "s"));
    pokes.add(new Poke(7, 0, AT + 1, bytes(3), bytes(4), "m", "s"));
    pokes.add(new Poke(9, 0, AT, bytes(1), bytes(5), "m", "behind the copy"));
    pokes.add(new Poke(9, 0, AT + 2, bytes(0), bytes(1), "m", "elsewhere"));
    log(announced(5, 1, 2), new MappingEvent.Copied(8, 1, 0, bytes(1, 4)), new MappingEvent.Withdrawn(10, 1, 0))
        .into(pokes);
    assertEquals(List.of("4 09 -> 08", "5  -> 0102", "6 02 -> 03", "7 03 -> 04", "9 01 -> 05", "9 00 -> 01",
        "10 0504 -> "), pokes(pokes));
  }

  /// An observer may come in the middle of a poke: what it copies there is a breakpoint, before the event or behind it.
  @ParameterizedTest
  @ValueSource(longs = {6, 8})
  void aPokeUnderWayIsTakenBack(long copied) {
    PokeLog pokes = new PokeLog();
    pokes.add(new Poke(7, 0, AT + 1, bytes(2), bytes(3), "m", "s"));
    log(announced(5, 1, 2), new MappingEvent.Copied(copied, 1, 0, bytes(1, 0xcc)),
        new MappingEvent.Withdrawn(10, 1, 0)).into(pokes);
    assertEquals(List.of("5  -> 0102", "7 02 -> 03", "10 0103 -> "), pokes(pokes));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
      "{\"time\":1 | not a line of JSON",
      "[1] | an event is an object {...}",
      "{} | 'time' is missing",
      "{\"time\":\"x\"} | 'time' is no whole number: x",
      "{\"time\":1,\"event\":\"copied\",\"mapping\":1} | 'event' is none of announce, copy, withdraw, timeout: copied",
      "{\"time\":1,\"event\":\"withdraw\",\"mapping\":1,\"cpu\":0} | mapping 1 was not announced",
      "{\"time\":1,\"event\":\"copy\",\"mapping\":1,\"observer\":0,\"bytes\":\"0\"} | 'bytes' is not bytes in hex: 0",
      "{\"time\":1,\"event\":\"announce\",\"mapping\":1,\"cpu\":-1} | 'cpu' is -1",
      "{\"time\":1,\"event\":\"announce\",\"mapping\":1,\"cpu\":1,\"address\":\"40\"} | 'address' is not 0x...: 40",
      "{\"when\":1} | unknown field 'when'",
      "{\"time\":1,\"event\":\"withdraw\",\"mapping\":1,\"cpu\":0}{} | something follows the event"})
  void badLinesAreNamed(String line, String message) throws IOException {
    Path file = Files.writeString(directory.resolve("mappings.jsonl"), "\n" + line + "\n");
    Exception e = assertThrows(IllegalArgumentException.class, () -> MappingLog.read(file));
    assertEquals("mappings.jsonl:2: " + message, e.getMessage());
  }

  @Test
  void eventsThatFitNoMappingAreRefused() {
    MappingLog log = log(announced(5, 1, 2), new MappingEvent.Withdrawn(6, 1, 0));
    for (MappingEvent event : List.of(announced(7, 1, 2), new MappingEvent.Withdrawn(7, 1, 0),
        new MappingEvent.Copied(7, 1, 0, bytes(1)))) {
      assertThrows(IllegalArgumentException.class, () -> log.add(event), event::toString);
    }
  }
}
