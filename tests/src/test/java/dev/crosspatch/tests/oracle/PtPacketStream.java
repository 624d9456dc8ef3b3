package dev.crosspatch.tests.oracle;

import dev.crosspatch.tracer.pt.PtPacket;
import dev.crosspatch.tracer.pt.PtPacketReader;
import dev.crosspatch.tracer.pt.PtPacketWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/// Intel PT packets for strangers to read.
final class PtPacketStream {
  private static final int PER_KIND = 300;

  private PtPacketStream() {}

  /// Packets of every kind in random order, at most [#PER_KIND] of each. Their contents come from random bytes that
  /// happen to be packets, so nothing that can be encoded is left out; kinds too rare for that are added.
  static List<PtPacket> random(long seed) {
    Random random = new Random(seed);
    byte[] bytes = new byte[16];
    Map<String, Integer> counts = new TreeMap<>();
    List<PtPacket> packets = new ArrayList<>();
    for (int i = 0; i < 4_000_000; i++) {
      random.nextBytes(bytes);
      PtPacketReader reader = new PtPacketReader(bytes);
      if (reader.next() >= 0 && counts.merge(reader.packet().getClass().getSimpleName(), 1, Integer::sum) <= PER_KIND) {
        packets.add(reader.packet());
      }
    }
    for (int i = 0; i < PER_KIND; i++) {
      packets.add(new PtPacket.Psb());
      packets.add(new PtPacket.Mnt(random.nextLong()));
    }
    Collections.shuffle(packets, random);
    return packets;
  }

  /// Without the TNT-8s that fall into a BBP block, which the writer may refuse.
  static byte[] write(List<PtPacket> packets) {
    PtPacketWriter writer = new PtPacketWriter();
    for (PtPacket packet : packets) {
      if (writer.block() == 0 || !(packet instanceof PtPacket.Tnt8)) {
        writer.write(packet);
      }
    }
    return writer.toByteArray();
  }
}
