package dev.crosspatch.tracer.pt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever the bytes: the reader comes to an end, tells every byte's fate once, and fails in no way but a located
/// error.
class PtPacketMalformedTest {

  @ParameterizedTest
  @ValueSource(longs = {41, 42, 43, 44})
  void randomBytes(long seed) {
    Random random = new Random(seed);
    byte[] bytes = new byte[1 << 20];
    random.nextBytes(bytes);
    for (int i = 0; i < 300; i++) {
      System.arraycopy(psb(), 0, bytes, random.nextInt(bytes.length - 16), 16);
    }
    assertTrue(readThrough(bytes, "seed " + seed) > 100);
  }

  @ParameterizedTest
  @ValueSource(longs = {51, 52, 53, 54})
  void flippedBits(long seed) {
    Random random = new Random(seed);
    byte[] good = stream(seed);
    for (int round = 0; round < 200; round++) {
      byte[] bytes = good.clone();
      for (int flips = 1 + random.nextInt(20); flips > 0; flips--) {
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      }
      readThrough(bytes, "seed " + seed + " round " + round);
    }
  }

  @Test
  void everyPacketCutAtEveryLengthNeedsMoreBytes() {
    PtPackets random = new PtPackets(61);
    for (int block : new int[] {0, 4, 8}) {
      for (PtPacket packet : random.oneOfEach(block)) {
        PtPacketWriter writer = new PtPacketWriter();
        if (block != 0) {
          writer.write(new PtPacket.Bbp(block, 0));
        }
        int from = writer.size();
        writer.write(packet);
        cutEverywhere(writer.toByteArray(), from, packet);
      }
    }
  }

  /// Gives the reader one byte after the other, exactly sized arrays and part of a larger one in turn.
  private static void cutEverywhere(byte[] bytes, int from, PtPacket packet) {
    PtPacketReader reader = new PtPacketReader(bytes, 0, from);
    assertEquals(from == 0 ? PtPacketReader.END : PtPacketTable.BBP, reader.next());
    for (int to = from + 1; to < bytes.length; to++) {
      reader.extend(to % 2 == 0 ? bytes : Arrays.copyOf(bytes, to), to);
      assertEquals(PtPacketReader.NEED_MORE_BYTES, reader.next(), packet + " cut after " + (to - from));
      assertEquals(from, reader.offset());
      assertTrue(reader.error().needMoreBytes());
    }
    reader.extend(bytes, bytes.length);
    assertEquals(packet, reader.read());
  }

  /// Reads to the end, resynchronizing at each error.
  ///
  /// @return number of errors
  private static int readThrough(byte[] bytes, String what) {
    PtPacketReader reader = new PtPacketReader(bytes);
    int at = 0;
    int behindPsb = 0;
    int errors = 0;
    while (true) {
      int kind = reader.next();
      assertEquals(at, reader.offset(), what);
      if (kind < 0) {
        errors += kind == PtPacketReader.BAD_PACKET ? located(reader, what) : 0;
        if (!reader.sync()) {
          return errors;
        }
        assertTrue(reader.offset() > at - 16, what);
        at = reader.offset();
        assertTrue(at >= behindPsb, what);
        behindPsb = at + 16;
      } else {
        assertTrue(reader.size() > 0 && reader.size() <= PtPacketTable.MAX_BYTES, what);
        assertFalse(PtPacketText.text(reader.packet()).isEmpty(), what);
        at += reader.size();
      }
    }
  }

  private static int located(PtPacketReader reader, String what) {
    String place = "PT packet at byte 0x" + Integer.toHexString(reader.offset()) + ": ";
    assertTrue(String.valueOf(reader.error().getMessage()).startsWith(place), what);
    return 1;
  }

  private static byte[] stream(long seed) {
    PtPackets random = new PtPackets(seed);
    PtPacketWriter writer = new PtPacketWriter();
    for (int i = 0; i < 20; i++) {
      random.oneOfEach(0).stream().filter(p -> !(p instanceof PtPacket.Tnt8)).forEach(writer::write);
    }
    return writer.toByteArray();
  }

  private static byte[] psb() {
    PtPacketWriter writer = new PtPacketWriter();
    writer.appendPsb();
    return writer.toByteArray();
  }
}
