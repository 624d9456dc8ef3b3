package dev.crosspatch.tracer.etm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.crosspatch.tracer.etm.Frames.Segment;
import dev.crosspatch.tracer.flow.RawTrace;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// CoreSight frames, both ways.
class FramesTest {
  private static final long SEED = Long.getLong("crosspatch.seed", 20191104);

  @Test
  void oneSource() {
    byte[] data = new byte[16];
    for (int i = 0; i < 16; i++) {
      data[i] = (byte) i;
    }
    byte[] frames = format(List.of(new Segment(0x10, data)));
    // ID 0x10 | 00, then pairs of which the first (01, 03 ..) has its bit 0 in byte 15; second frame: 0e 0f | ID 0
    assertEquals(
        "21 00 00 02 02 04 04 06 06 08 08 0a 0a 0c 0c fe 0e 0f 01 00 00 00 00 00 00 00 00 00 00 00 00 00",
        HexFormat.ofDelimiter(" ").formatHex(frames));
    assertSame(List.of(new Segment(0x10, data)), Frames.deformat(frames));
  }

  @Test
  void anIdChangeInTheMiddleOfAPairHoldsAfterTheNextByte() {
    byte[] frames = format(List.of(segment(0x10, "a1"), segment(0x11, "b1 b2 b3"), segment(0x12, "c1")));
    // ID 10, a1 | ID 11, b1 | b2, b3 | ID 12, c1 | ID 0, 00
    assertEquals(
        "21 a1 23 b1 b2 b3 25 c1 01 00 00 00 00 00 00 00", HexFormat.ofDelimiter(" ").formatHex(frames));
    byte[] delayed = format(List.of(segment(0x10, "a1 a2"), segment(0x11, "b1 b2")));
    // ID 10, a1 | ID 11 later, a2 | b1 with bit 0 in byte 15, b2 | ID 0, 00
    assertEquals(
        "21 a1 23 a2 b0 b2 01 00 00 00 00 00 00 00 00 06", HexFormat.ofDelimiter(" ").formatHex(delayed));
  }

  @Test
  void everyInterleavingComesBack() {
    Random random = new Random(SEED);
    for (int run = 0; run < 500; run++) {
      List<Segment> segments = randomSegments(random);
      byte[] frames = format(segments);
      assertEquals(0, frames.length % Frames.FRAME_BYTES);
      assertSame(merge(segments), Frames.deformat(frames));
    }
  }

  @Test
  void bytesBeforeTheFirstIdAreOfAnUnknownSource() {
    List<Segment> segments = Frames.deformat(HexFormat.of().parseHex("a0a121b1b2b3010000000000000000" + "01"));
    assertSame(List.of(segment(Frames.UNKNOWN_ID, "a1 a1"), segment(0x10, "b1 b2 b3")), segments);
  }

  @Test
  void sourcesComeApart() {
    List<Segment> segments = List.of(segment(1, "01 02"), segment(2, "03"), segment(1, "04 05"));
    assertEquals("01020405", HexFormat.of().formatHex(Frames.bytesOf(Frames.deformat(format(segments)), 1)));
  }

  @Test
  void badInputIsTold() {
    assertEquals(
        "Trace ID 0x70: 0x01 to 0x6f expected",
        assertThrows(IllegalArgumentException.class, () -> format(List.of(segment(0x70, "00")))).getMessage());
    assertEquals(
        "CoreSight frame at byte 0x10: 3 of 16 bytes",
        assertThrows(IllegalArgumentException.class, () -> Frames.deformat(new byte[19])).getMessage());
  }

  private static byte[] format(List<Segment> segments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      Frames.write(segments.stream().map(s -> new Frames.Stream(s.traceId(), RawTrace.of(s.bytes()))).toList(), out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static List<Segment> randomSegments(Random random) {
    List<Segment> segments = new ArrayList<>();
    int count = random.nextInt(20);
    for (int i = 0; i < count; i++) {
      byte[] bytes = new byte[random.nextInt(random.nextBoolean() ? 4 : 40)];
      random.nextBytes(bytes);
      segments.add(new Segment(1 + random.nextInt(3), bytes));
    }
    return segments;
  }

  private static List<Segment> merge(List<Segment> segments) {
    List<Segment> merged = new ArrayList<>();
    for (Segment s : segments) {
      Segment last = merged.isEmpty() ? null : merged.get(merged.size() - 1);
      if (last != null && last.traceId() == s.traceId()) {
        merged.set(merged.size() - 1, new Segment(s.traceId(), Frames.bytesOf(List.of(last, s), s.traceId())));
      } else if (s.bytes().length != 0) {
        merged.add(s);
      }
    }
    return merged;
  }

  private static void assertSame(List<Segment> expected, List<Segment> actual) {
    assertEquals(expected.size(), actual.size(), "segments, seed " + SEED);
    for (int i = 0; i < expected.size(); i++) {
      assertEquals(expected.get(i).traceId(), actual.get(i).traceId(), "segment " + i + ", seed " + SEED);
      assertArrayEquals(expected.get(i).bytes(), actual.get(i).bytes(), "segment " + i + ", seed " + SEED);
    }
  }

  private static Segment segment(int id, String hex) {
    return new Segment(id, HexFormat.of().parseHex(hex.replace(" ", "")));
  }
}
