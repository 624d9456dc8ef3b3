package dev.crosspatch.tracer.etm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// `read(write(p)) == p` for every kind, form and context of every configuration.
class EtmPacketRoundTripTest {
  /// Change with `-Dcrosspatch.seed=N`.
  private static final long SEED = Long.getLong("crosspatch.seed", 20191104);

  static Stream<String> configurations() {
    return Configurations.ALL.keySet().stream();
  }

  @ParameterizedTest
  @MethodSource("configurations")
  void whatIsWrittenIsRead(String name) {
    EtmRegisters config = Configurations.named(name);
    for (long seed = SEED; seed < SEED + 20; seed++) {
      List<EtmPacket> packets = new EtmPackets(config, seed).take(3000);
      byte[] bytes = write(config, packets);
      List<EtmPacket> read = readAll(new EtmPacketReader(config, bytes));
      for (int i = 0; i < packets.size(); i++) {
        assertEquals(packets.get(i), read.get(i), "packet " + i + ", seed " + seed);
      }
      assertEquals(packets.size(), read.size(), "seed " + seed);
      assertArrayEquals(bytes, write(config, read), "seed " + seed);
    }
  }

  @ParameterizedTest
  @MethodSource("configurations")
  void aStreamCutAnywhereNeedsMoreAndGoesOn(String name) {
    EtmRegisters config = Configurations.named(name);
    List<EtmPacket> packets = new EtmPackets(config, SEED).take(800);
    byte[] bytes = write(config, packets);
    EtmPacketReader reader = new EtmPacketReader(config, bytes, 0, 0);
    List<EtmPacket> read = new ArrayList<>();
    for (int limit = 0; limit <= bytes.length; limit++) {
      reader.extend(Arrays.copyOf(bytes, limit), limit);
      if (reader.next() >= 0) {
        read.add(reader.packet());
        assertEquals(limit, reader.position(), reader.packet() + " ends before its last byte, seed " + SEED);
      }
    }
    assertEquals(packets, read, "seed " + SEED);
  }

  @Test
  void streamsHaveEveryKindAndEveryHeader() {
    Set<Class<?>> kinds = new HashSet<>();
    Set<Integer> headers = new TreeSet<>();
    for (EtmRegisters config : Configurations.ALL.values()) {
      byte[] bytes = write(config, new EtmPackets(config, SEED).take(10_000));
      EtmPacketReader reader = new EtmPacketReader(config, bytes);
      for (EtmPacket p = reader.read(); p != null; p = reader.read()) {
        kinds.add(p.getClass());
        headers.add(reader.header());
      }
    }
    Set<Class<?>> all = new HashSet<>(List.of(EtmPacket.class.getPermittedSubclasses()));
    all.removeAll(kinds);
    assertTrue(all.isEmpty(), "never seen: " + all);
    // all 256 less 0x05, 0x08, 0x20-0x2C, 0x40-0x6F, 0x84, 0x87, 0x89-0x8F, 0x93, 0x94, 0x97-0x99, 0x9C, 0x9F,
    // 0xA3, 0xA4, 0xA7-0xA9, 0xAD, 0xAE, 0xB3, 0xBA-0xBF
    assertEquals(256 - 2 - 13 - 48 - 9 - 7 - 7 - 7, headers.size());
  }

  static byte[] write(EtmRegisters config, List<EtmPacket> packets) {
    EtmPacketWriter writer = new EtmPacketWriter(config);
    packets.forEach(writer::write);
    return writer.toByteArray();
  }

  static List<EtmPacket> readAll(EtmPacketReader reader) {
    List<EtmPacket> packets = new ArrayList<>();
    for (EtmPacket p = reader.read(); p != null; p = reader.read()) {
      packets.add(p);
    }
    return packets;
  }
}
