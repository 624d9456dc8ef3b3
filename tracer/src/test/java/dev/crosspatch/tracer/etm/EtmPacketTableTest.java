package dev.crosspatch.tracer.etm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// The header table: which headers a configuration has, and both directions of it.
class EtmPacketTableTest {

  @Test
  void headerAndKindAgreeInBothDirections() {
    EtmPacketTable table = new EtmPacketTable(Configurations.named("ete1.3-spec"));
    for (int header = 0; header < 256; header++) {
      int kind = table.kind(header);
      int detail = EtmPacketTable.detail(header);
      if (kind == EtmPacketTable.ATOMS) {
        int bits = EtmPacketTable.atomBits(detail);
        assertEquals(header, EtmPacketTable.atomHeader(bits, EtmPacketTable.atomCount(detail)));
      } else if (kind >= 0) {
        assertEquals(header, EtmPacketTable.header(kind, detail));
      }
    }
  }

  @Test
  void atomPatternsAreThoseOfTheManual() {
    List<String> patterns = new ArrayList<>();
    for (int count = 0; count < 32; count++) {
      for (int bits = 0; bits < 1 << Math.min(count, 7); bits++) {
        if (EtmPacketTable.atomHeader(bits, count) != 0) {
          patterns.add(EtmPacketText.atoms(bits, count));
        }
      }
    }
    assertEquals(
        List.of(
            "N", "E", "NN", "EN", "NE", "EE", "NNN", "ENN", "NEN", "EEN", "NNE", "ENE", "NEE", "EEE", //
            "NNNN", "ENEN", "EEEN", "NENE", "NEEE", "EEEE", //
            "NNNNN", "NENEN", "EEEEN", "ENENE", "NEEEE", "EEEEE", "EEEEEN", "EEEEEE", "EEEEEEN", "EEEEEEE", "EEEEEEEN"),
        patterns);
    assertEquals(0xD4, EtmPacketTable.atomHeader(0xFFFFFF, 24));
    assertEquals(0xF4, EtmPacketTable.atomHeader(0x7FFFFF, 24));
    assertEquals(0, EtmPacketTable.atomHeader(0x1FFFFFF, 25));
  }

  @Test
  void packetsOfOtherProfilesAreReservedInEteOnly() {
    assertEquals("header 0x52 is reserved", problem("ete1.0", 0x52));
    assertEquals("header 0x52 is invalid for this configuration", problem("etm4.5", 0x52));
    assertEquals("header 0x20 is invalid for this configuration", problem("etm4.5", 0x20));
    assertEquals("header 0x47 is reserved", problem("etm4.5", 0x47));
    assertEquals("header 0x05 is reserved", problem("etm4.5", 0x05));
  }

  @Test
  void configurationDecidesWhatIsValid() {
    assertValid("etm4.5", "ete1.0", 0x07); // Exception Return
    assertValid("ete1.0", "etm4.5", 0x0A, 0x0B, 0xB0, 0xB2, 0xB4, 0xB9); // transactions, Source Address
    assertValid("ete1.3-spec", "ete1.0", 0x09, 0x88, 0xA0, 0xAC, 0xAF); // Instrumentation, Marker, Q
    assertValid("ete1.3-spec", "ete1.0", 0x0C, 0x14, 0x1F, 0x2D, 0x2E, 0x2F, 0x34, 0x3F); // commits and cancels
    assertValid("etm4.6-spec", "etm4.2-commit", 0x88, 0x2D, 0x2E, 0x34, 0x38); // Marker, speculation
    assertValid("etm4.2-commit", "etm4.5", 0x0C, 0x14, 0x1F, 0xA0, 0xAF); // commits in cycle counts, Q
    assertValid("etm4.5", "etm4.0-bare", 0x02, 0x03, 0x0D, 0x0E, 0x0F, 0x10, 0x13, 0x70); // time, Ignore
  }

  @Test
  void headersThatTheManualLeavesFreeAreReserved() {
    EtmPacketTable table = new EtmPacketTable(Configurations.named("ete1.3-spec"));
    BitSet free = new BitSet();
    IntStream.range(0, 256).filter(h -> table.problem(h).endsWith("reserved")).forEach(free::set);
    BitSet expected = new BitSet();
    IntStream.of(0x05, 0x08, 0x84, 0x87, 0x9C, 0x9F, 0xB3).forEach(expected::set);
    expected.set(0x20, 0x2D);
    expected.set(0x40, 0x70);
    expected.set(0x89, 0x90);
    expected.set(0x93, 0x95);
    expected.set(0x97, 0x9A);
    expected.set(0xA3, 0xA5);
    expected.set(0xA7, 0xAA);
    expected.set(0xAD, 0xAF);
    expected.set(0xBA, 0xC0);
    free.andNot(valid(table));
    assertEquals(expected, free);
  }

  private static BitSet valid(EtmPacketTable table) {
    BitSet valid = new BitSet();
    IntStream.range(0, 256).filter(h -> table.kind(h) >= 0).forEach(valid::set);
    return valid;
  }

  private static void assertValid(String in, String notIn, int... headers) {
    EtmPacketTable with = new EtmPacketTable(Configurations.named(in));
    for (int header : headers) {
      assertTrue(with.kind(header) >= 0, in + " lacks 0x" + Integer.toHexString(header));
      assertTrue(problem(notIn, header).endsWith("is invalid for this configuration"), problem(notIn, header));
    }
  }

  private static String problem(String configuration, int header) {
    EtmRegisters config = Configurations.named(configuration);
    EtmPacketReader reader = new EtmPacketReader(config, new byte[] {(byte) header});
    String message = assertThrows(EtmPacketException.class, reader::read).getMessage();
    assertTrue(message.startsWith("ETM packet at byte 0x0: "), message);
    return message.substring("ETM packet at byte 0x0: ".length());
  }
}
