package dev.crosspatch.tracer.etm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Whatever the bytes are, the reader ends, and says what is wrong where.
class EtmPacketMalformedTest {
  private static final long SEED = Long.getLong("crosspatch.seed", 20191104);

  static Stream<EtmRegisters> configurations() {
    return Configurations.ALL.values().stream();
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      ete1.0      | f7 f7 52                         | ETM packet at byte 0x2: header 0x52 is reserved
      ete1.0      | 07                               | ETM packet at byte 0x0: header 0x07 is invalid for this configuration
      ete1.0      | 00 07                            | ETM packet at byte 0x0: extension 0x07 is reserved
      ete1.0      | 00 00 00 80                      | ETM packet at byte 0x0: alignment synchronization has 3 zero bytes, then 0x80
      ete1.0      | 00 00 00 00 00 00 00 00 00 00 00 81 | ETM packet at byte 0x0: alignment synchronization has 11 zero bytes, then 0x81
      ete1.0      | 01 11 00                         | ETM packet at byte 0x0: trace info control 0x11 has reserved bits
      ete1.0      | 01 01 80 01                      | ETM packet at byte 0x0: trace info INFO has more than 7 bits
      ete1.0      | 01 04 ff ff ff ff 1f             | ETM packet at byte 0x0: trace info SPEC has more than 32 bits
      ete1.0      | 01 08 ff 20                      | ETM packet at byte 0x0: trace info CYCT has more than 12 bits
      ete1.0      | 03 00 ff ff 40                   | ETM packet at byte 0x0: timestamp cycle count has more than 20 bits
      etm4.6-spec | 02 80 80 80 80 80 80 40          | ETM packet at byte 0x0: timestamp has more than 48 bits
      ete1.0      | 0e 80 80 80 00                   | ETM packet at byte 0x0: cycle count has more than 20 bits
      ete1.0      | 06 8d 00                         | ETM packet at byte 0x0: exception information 0x8d is reserved
      ete1.0      | 06 0c 90                         | ETM packet at byte 0x0: exception information 0x0c is reserved
      ete1.0      | 06 4d 90                         | ETM packet at byte 0x0: exception information 0x4d is reserved
      ete1.0      | 06 0b 90                         | ETM packet at byte 0x0: exception type 5 is reserved
      ete1.0      | 06 31 90                         | ETM packet at byte 0x0: exception type 24 is reserved
      ete1.0      | 06 0d 70                         | ETM packet at byte 0x0: exception 6 has no address
      etm4.5      | 06 01 70                         | ETM packet at byte 0x0: exception is followed by 0x70, not by an address
      etm4.5      | f7 06 0d f7                      | ETM packet at byte 0x1: exception is followed by 0xf7, not by an address
      ete1.3-spec | 09 04 00 00 00 00 00 00 00 00    | ETM packet at byte 0x0: instrumentation level 0x04 has reserved bits
      etm4.2-commit | 0d 00                          | ETM packet at byte 0x0: commit of -15 P0 elements
      ete1.3-spec | 2e 00                            | ETM packet at byte 0x0: cancel of 0 P0 elements
      ete1.3-spec | 2d ff ff ff ff 10                | ETM packet at byte 0x0: element count has more than 32 bits
      etm4.5      | 81 08                            | ETM packet at byte 0x0: context information 0x08 has reserved bits
      ete1.0      | 81 04                            | ETM packet at byte 0x0: context information 0x04 has reserved bits
      etm4.0-bare | 81 40                            | ETM packet at byte 0x0: VMID in a context, but this trace unit has none
      etm4.0-bare | 81 80                            | ETM packet at byte 0x0: Context ID in a context, but this trace unit has none
      ete1.0      | 9d 80 00 00 00 00 00 00 00       | ETM packet at byte 0x0: address bytes 0x80 0x00 have reserved bits
      ete1.0      | 9a 00 80 00 00                   | ETM packet at byte 0x0: address bytes 0x00 0x80 have reserved bits
      ete1.0      | 9b 80 80 00 00                   | ETM packet at byte 0x0: address bytes 0x80 0x80 have reserved bits
      ete1.0      | f7 9d 01                         | ETM packet at byte 0x1: ends after 2 bytes, Target Address 64-bit goes on
      ete1.0      | 00 00 00                         | ETM packet at byte 0x0: ends after 3 bytes, Extension goes on
      """)
  void errorsNameValueAndPlace(String configuration, String hex, String message) {
    byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
    EtmPacketReader reader = new EtmPacketReader(Configurations.named(configuration), bytes);
    EtmPacketException e = assertThrows(EtmPacketException.class, () -> readUntilEnd(reader));
    assertEquals(message, e.getMessage());
    assertEquals(reader.offset(), e.offset());
    assertEquals(reader.offset(), reader.position());
  }

  @ParameterizedTest
  @MethodSource("configurations")
  void randomBytes(EtmRegisters config) {
    Random random = new Random(SEED);
    for (int i = 0; i < 100; i++) {
      byte[] bytes = new byte[random.nextInt(1000)];
      random.nextBytes(bytes);
      readResynchronizing(config, bytes, "random bytes " + i);
    }
  }

  @ParameterizedTest
  @MethodSource("configurations")
  void truncations(EtmRegisters config) {
    byte[] bytes = EtmPacketRoundTripTest.write(config, new EtmPackets(config, SEED).take(60));
    for (int length = 0; length < bytes.length; length++) {
      readResynchronizing(config, Arrays.copyOf(bytes, length), "first " + length);
      readResynchronizing(config, Arrays.copyOfRange(bytes, length, bytes.length), "from " + length);
    }
  }

  @ParameterizedTest
  @MethodSource("configurations")
  void flippedBits(EtmRegisters config) {
    byte[] bytes = EtmPacketRoundTripTest.write(config, new EtmPackets(config, SEED).take(60));
    for (int bit = 0; bit < 8 * bytes.length; bit++) {
      byte[] flipped = bytes.clone();
      flipped[bit / 8] ^= (byte) (1 << (bit % 8));
      readResynchronizing(config, flipped, "bit " + bit);
    }
  }

  /// Random bytes are also a source of odd encodings: whatever they are read as, writing and reading that gives it
  /// again.
  @ParameterizedTest
  @MethodSource("configurations")
  void whatIsReadCanBeWritten(EtmRegisters config) {
    Random random = new Random(SEED);
    for (int i = 0; i < 2000; i++) {
      byte[] bytes = new byte[200];
      random.nextBytes(bytes);
      EtmPacketReader reader = new EtmPacketReader(config, bytes);
      List<EtmPacket> packets = new ArrayList<>();
      while (reader.next() >= 0) {
        packets.add(reader.packet());
      }
      byte[] written = EtmPacketRoundTripTest.write(config, packets);
      assertEquals(packets, EtmPacketRoundTripTest.readAll(new EtmPacketReader(config, written)),
          "bytes " + i + ", seed " + SEED);
    }
  }

  @Test
  void endlessZerosNeedMore() {
    EtmPacketReader reader = new EtmPacketReader(Configurations.named("ete1.0"), new byte[100_000]);
    assertEquals(EtmPacketReader.NEED_MORE_BYTES, reader.next());
  }

  /// Reads as a decoder would, which goes on behind every error.
  private static void readResynchronizing(EtmRegisters config, byte[] bytes, String what) {
    String where = what + ", seed " + SEED + ", " + config;
    EtmPacketReader reader = new EtmPacketReader(config, bytes);
    for (int steps = 0; ; steps++) {
      assertTrue(steps <= bytes.length, () -> "does not end: " + where);
      int before = reader.position();
      int kind = reader.next();
      if (kind >= 0) {
        assertTrue(reader.position() > before, where);
        EtmPacket packet = reader.packet();
        assertTrue(!EtmPacketText.text(packet).isEmpty(), where);
      } else {
        assertEquals(before, reader.position(), where);
        if (kind != EtmPacketReader.BAD_PACKET) {
          return;
        }
        assertTrue(reader.error().getMessage().startsWith("ETM packet at byte 0x%x: ".formatted(before)), where);
        if (!reader.sync()) {
          return;
        }
      }
    }
  }

  private static void readUntilEnd(EtmPacketReader reader) {
    while (reader.read() != null) {
      assertTrue(reader.size() > 0);
    }
  }
}
