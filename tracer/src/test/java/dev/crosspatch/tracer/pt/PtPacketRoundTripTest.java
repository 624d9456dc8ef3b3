package dev.crosspatch.tracer.pt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `read(write(p)) == p`. Seeds stand in the messages; add one as a `ValueSource` to repeat a failure.
class PtPacketRoundTripTest {

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void everyKindAndCompressionInEveryContext(long seed) {
    PtPackets random = new PtPackets(seed);
    for (int round = 0; round < 40; round++) {
      for (int block : new int[] {0, 4, 8}) {
        for (PtPacket packet : random.oneOfEach(block)) {
          List<PtPacket> stream = block == 0 ? List.of(packet) : List.of(new PtPacket.Bbp(block, 1), packet);
          assertEquals(stream, readAll(write(stream)), "seed " + seed);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14})
  void streamsOfAllKinds(long seed) {
    PtPackets random = new PtPackets(seed);
    List<PtPacket> stream = new ArrayList<>();
    PtPacketWriter writer = new PtPacketWriter();
    for (int i = 0; i < 5000; i++) {
      List<PtPacket> some = random.oneOfEach(writer.block());
      PtPacket packet = some.get(random.below(some.size()));
      writer.write(packet);
      stream.add(packet);
    }
    assertEquals(stream, readAll(writer.toByteArray()), "seed " + seed);
  }

  @Test
  void paddingIsNotFoldedIntoThePacketBefore() {
    List<PtPacket> stream = List.of(new PtPacket.Mtc(1), new PtPacket.Pad(), new PtPacket.Pad(), new PtPacket.Mtc(2),
        new PtPacket.Pad());
    assertEquals(stream, readAll(write(stream)));
  }

  private static byte[] write(List<PtPacket> packets) {
    PtPacketWriter writer = new PtPacketWriter();
    packets.forEach(writer::write);
    return writer.toByteArray();
  }

  private static List<PtPacket> readAll(byte[] bytes) {
    PtPacketReader reader = new PtPacketReader(bytes);
    List<PtPacket> packets = new ArrayList<>();
    for (PtPacket packet = reader.read(); packet != null; packet = reader.read()) {
      packets.add(packet);
    }
    assertNull(reader.read());
    assertEquals(bytes.length, reader.offset());
    return packets;
  }
}
