package dev.crosspatch.tracer.pt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.tracer.pt.PtPacketTable.Field;
import dev.crosspatch.tracer.pt.PtPacketTable.Row;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class PtPacketTableTest {
  /// Pairs of kinds whose opcodes may coincide: an even first byte is TNT-8 unless it is something more special.
  private static final Set<String> DECLARED_OVERLAPS = Set.of("pad tnt.8", "tnt.8 bip", "tnt.8 02");

  @Test
  void everyKindHasItsRowAndEveryRecordItsKind() {
    for (int kind = 0; kind < PtPacketTable.ROWS.size(); kind++) {
      assertEquals(kind, PtPacketTable.ROWS.get(kind).kind());
    }
    assertEquals(PtPacketTable.ROWS.size(), PtPacket.class.getPermittedSubclasses().length);
  }

  @Test
  void headersAreWholeBytesAndPayloadsWholeBytes() {
    for (Row row : PtPacketTable.ROWS) {
      for (String bits : row.header().split(" ", -1)) {
        assertTrue(bits.matches("[01a-z-]{8}"), row.name() + ": " + bits);
      }
      if (row.payloadBytes() > 0) {
        int bits = 0;
        for (String field : row.payload().split(" ", -1)) {
          bits += Integer.parseInt(field.split(":", -1)[1]);
        }
        assertEquals(8 * row.payloadBytes(), bits, row.name());
      }
    }
  }

  @Test
  void opcodesOverlapExactlyWhereDeclared() {
    Set<String> found = new TreeSet<>();
    for (Row a : PtPacketTable.ROWS) {
      for (Row b : PtPacketTable.ROWS) {
        if (a.kind() < b.kind() && overlap(a, b)) {
          found.add(a.name() + " " + (b.header().startsWith("00000010 ") ? "02" : b.name()));
        }
      }
    }
    assertEquals(new TreeSet<>(DECLARED_OVERLAPS), found);
  }

  /// Whether some bytes have both opcodes.
  private static boolean overlap(Row a, Row b) {
    int both = a.headerMask("01") & b.headerMask("01");
    return ((a.headerMask("1") ^ b.headerMask("1")) & both) == 0;
  }

  @Test
  void fieldsAreContiguousAndWhereTheManualHasThem() {
    assertEquals(new Field(5, 3), PtPacketTable.IP_BYTES);
    assertEquals(new Field(8, 1), PtPacketTable.EXEC_CS_L);
    assertEquals(new Field(15, 1), PtPacketTable.PTW_IP);
    assertEquals(new Field(16, 5), PtPacketTable.CFE_TYPE);
    assertEquals(new Field(24, 9), PtPacketTable.TMA_FC);
    assertEquals(new Field(7, 1), PtPacketTable.PWRE_HW);
    assertEquals(0x8202_8202_8202_8202L, PtPacketTable.PSB_WORD);
  }
}
