package dev.crosspatch.tracer.pt;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Listings. The text of every kind of packet is tested by the golden rows.
class PtPacketTextTest {

  @Test
  void listsOffsetBytesAndPacketOrError() {
    byte[] trace = HexFormat.of()
        .parseHex("02820282028202820282028202820282" + "71000000" + "81ffff" + "1c" + "c9" + "0000");
    PtPacketReader reader = new PtPacketReader(trace);
    List<String> lines = new ArrayList<>();
    while (reader.next() >= 0) {
      lines.add(PtPacketText.line(reader));
    }
    lines.add(PtPacketText.line(reader));
    assertEquals(List.of(
        "       0  02 82 02 82 02 82 02 82 .. psb",
        "      10  71 00 00 00 81 ff ff       tip.pge 3: ffffffff81000000",
        "      17  1c                         tnt.8 !!.",
        "      18  c9 00 00                   PT packet at byte 0x18: opcode c9 is unknown"), lines);
  }

  @Test
  void listsACutPacket() {
    byte[] trace = {0x59};
    PtPacketReader reader = new PtPacketReader(trace);
    reader.next();
    assertEquals("       0  59                         PT packet at byte 0x0: cut after 1 of at least 2 bytes",
        PtPacketText.line(reader));
  }
}
