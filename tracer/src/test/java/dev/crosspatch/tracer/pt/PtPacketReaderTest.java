package dev.crosspatch.tracer.pt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PtPacketReaderTest {
  private static final String PSB = "0282028202820282 0282028202820282";

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      ad 01 02 03             | IP compression 5 is reserved
      fd                      | IP compression 7 is reserved
      c9                      | opcode c9 is unknown
      05                      | opcode 05 is unknown
      39 00                   | opcode 39 is unknown
      02 04                   | opcode 02 04 is unknown
      02 00                   | opcode 02 00 is unknown
      02 c3 89                | opcode 02 c3 89 is unknown
      99 60                   | opcode 99 60 is unknown
      99 03                   | MODE.Exec has both CS.L and CS.D
      99 23                   | MODE.TSX has both InTX and TXAbort
      02 52 00 00             | PTW payload size code 2 is reserved
      02 f2 00 00             | PTW payload size code 3 is reserved
      02 a3 00 00 00 00 00 00 | TNT-64 holds no branch
      02 a3 01 00 00 00 00 00 | TNT-64 holds no branch
      02 82 02 82 02 82 02 82 02 82 02 82 02 82 00 00 | PSB breaks off
      ff ff ff ff ff ff ff ff ff 10                   | CYC value exceeds 64 bits
      07 01 01 01 01 01 01 01 01 01 00                | CYC value exceeds 64 bits
      """)
  void badPacketsAreToldWithTheirPlace(String hex, String reason) {
    byte[] bytes = bytes("59 00" + hex);
    PtPacketReader reader = new PtPacketReader(bytes);
    reader.read();
    PtPacketException thrown = assertThrows(PtPacketException.class, reader::read);
    assertEquals("PT packet at byte 0x2: " + reason, thrown.getMessage());
    assertEquals(2, thrown.offset());
    assertFalse(thrown.needMoreBytes());
    assertEquals(PtPacketReader.BAD_PACKET, reader.next(), "stays at the bad bytes");
    assertEquals(0, reader.size());
    assertEquals("no packet at byte 0x2", assertThrows(IllegalStateException.class, reader::packet).getMessage());
  }

  @Test
  void aCutPacketWaitsForTheRest() {
    byte[] bytes = bytes("02 a3 35 01 00 00 00 00 59 07");
    PtPacketReader reader = new PtPacketReader(bytes, 0, 1);
    PtPacketException cut = assertThrows(PtPacketException.class, reader::read);
    assertEquals("PT packet at byte 0x0: cut after 1 of at least 2 bytes", cut.getMessage());
    assertTrue(cut.needMoreBytes());
    reader.extend(bytes, 7);
    assertEquals(PtPacketReader.NEED_MORE_BYTES, reader.next());
    assertEquals("PT packet at byte 0x0: cut after 7 of at least 8 bytes", reader.error().getMessage());
    reader.extend(bytes, 10);
    assertReads("tnt.64 ..!!.!.!", reader);
    assertReads("mtc 7", reader);
    assertEquals(PtPacketReader.END, reader.next());
    assertThrows(IllegalStateException.class, reader::error);
  }

  @Test
  void rangesAreChecked() {
    Exception range = assertThrows(IllegalArgumentException.class, () -> new PtPacketReader(new byte[2], 1, 3));
    assertEquals("range 1..3 is not inside 0..2", range.getMessage());
    PtPacketReader reader = new PtPacketReader(new byte[4], 0, 3);
    Exception end = assertThrows(IllegalArgumentException.class, () -> reader.extend(new byte[4], 2));
    assertEquals("end 2 is not inside 3..4", end.getMessage());
  }

  @Test
  void theCursorGivesThePartsOfHotPackets() {
    PtPacketReader reader =
        new PtPacketReader(bytes("1a 02a3350100000000 6d000000 81ffff 2d1000 0d ff fe 59c5 19070605 04030201"));
    assertEquals(PtPacketTable.TNT_8, reader.next());
    assertEquals(0b101, reader.bits());
    assertEquals(3, reader.count());
    assertEquals(PtPacketTable.TNT_64, reader.next());
    assertEquals(0b00110101, reader.bits());
    assertEquals(8, reader.count());
    assertEquals(PtPacketTable.TIP, reader.next());
    assertEquals(3, reader.ipCompression());
    assertEquals(0xffff_ffff_8100_0000L, reader.ip());
    assertEquals(PtPacketTable.TIP, reader.next());
    assertEquals(0x10, reader.payload());
    assertEquals(0xffff_ffff_8100_0010L, reader.ip());
    assertEquals(PtPacketTable.TIP, reader.next());
    assertEquals(0, reader.ipCompression());
    assertEquals(0xffff_ffff_8100_0010L, reader.ip(), "the last IP stays");
    assertEquals(PtPacketTable.CYC, reader.next());
    assertEquals(0xfff, reader.payload());
    assertEquals(2, reader.size());
    assertEquals(PtPacketTable.MTC, reader.next());
    assertEquals(0xc5, reader.payload());
    assertEquals(PtPacketTable.TSC, reader.next());
    assertEquals(0x1020304050607L, reader.payload());
    assertEquals(24, reader.offset());
  }

  @Test
  void psbResetsTheLastIpAndOvfDoesNot() {
    PtPacketReader reader = new PtPacketReader(bytes("6d00000081ffff 02f3 2d0400" + PSB + "2d0800"));
    skip(reader, 3);
    assertEquals(0xffff_ffff_8100_0004L, reader.ip());
    skip(reader, 2);
    assertEquals(8, reader.ip());
  }

  @ParameterizedTest
  @CsvSource(textBlock = """
      pad,00
      fup,3d0000
      tsc,1900000000000000
      tma,02730000000000
      mtc,5900
      cyc,03
      cbr,02030000
      mnt,02c3880000000000000000
      exstop,0262
      pwre,02220000
      pwrx,02a20000000000
      """)
  void blocksStayOpenAcross(String name, String hex) {
    PtPacketReader reader = new PtPacketReader(bytes("026380" + hex + "0401020304"));
    skip(reader, 2);
    assertEquals(name, PtPacketTable.name(reader.kind()));
    assertReads("bip 0: 4030201", reader);
  }

  @ParameterizedTest
  @CsvSource(textBlock = """
      tnt.8,06
      tnt.64,02a3ff0000000000
      tip,0d
      tip.pge,11
      tip.pgd,01
      pip,0243000000000000
      mode.exec,9901
      mode.tsx,9920
      vmcs,02c80000000000
      psb,02820282028202820282028202820282
      psbend,0223
      ovf,02f3
      stop,0283
      ptw,021200000000
      mwait,02c20000000000000000
      bep,0233
      cfe,02130100
      evd,0253000000000000000000
      trig,d90000
      """)
  void blocksEndWith(String name, String hex) {
    PtPacketReader reader = new PtPacketReader(bytes("026380" + hex + "04"));
    skip(reader, 2);
    assertEquals(name, PtPacketTable.name(reader.kind()));
    assertEquals(0, reader.block());
    assertReads("tnt.8 .", reader);
  }

  @Test
  void syncFindsTheNextPsb() {
    PtPacketReader reader = new PtPacketReader(bytes("c9 02 82" + "00" + PSB + "0223 c9" + PSB));
    assertEquals(PtPacketReader.BAD_PACKET, reader.next());
    assertTrue(reader.sync());
    assertEquals(4, reader.offset());
    assertTrue(reader.sync(), "already there");
    assertEquals(PtPacketTable.PSB, reader.next());
    assertEquals(PtPacketTable.PSBEND, reader.next());
    assertEquals(PtPacketReader.BAD_PACKET, reader.next());
    assertTrue(reader.sync());
    assertEquals(PtPacketTable.PSB, reader.next());
    assertEquals(23, reader.offset());
    assertFalse(reader.sync());
    assertEquals(PtPacketReader.END, reader.next());
  }

  @Test
  void syncPassesTheRestOfADamagedPsb() {
    PtPacketReader reader = new PtPacketReader(bytes("82 0282 0282" + PSB + "0223"));
    assertTrue(reader.sync());
    assertEquals(5, reader.offset());
    assertEquals(PtPacketTable.PSB, reader.next());
    assertEquals(PtPacketTable.PSBEND, reader.next());
  }

  @Test
  void syncFindsAPsbWhoseBeginningWasSwallowed() {
    PtPacketReader reader = new PtPacketReader(bytes("59c5 19010203" + PSB + "0223 0000"));
    skip(reader, 2);
    assertEquals(PtPacketReader.BAD_PACKET, reader.next());
    assertEquals(10, reader.offset());
    assertTrue(reader.sync());
    assertEquals(6, reader.offset());
    skip(reader, 1);
    assertEquals(PtPacketTable.PSBEND, reader.next());
    PtPacketReader behind = new PtPacketReader(bytes(PSB), 1, 16);
    assertFalse(behind.sync(), "not before where the reader started");
  }

  @Test
  void syncForgetsTheBlock() {
    PtPacketReader reader = new PtPacketReader(bytes("026380 c9" + PSB + "04"));
    skip(reader, 1);
    assertEquals(PtPacketReader.BAD_PACKET, reader.next());
    assertTrue(reader.sync());
    skip(reader, 1);
    assertReads("tnt.8 .", reader);
  }

  @Test
  void syncNeedsAWholePsb() {
    byte[] psb = bytes(PSB);
    assertFalse(new PtPacketReader(Arrays.copyOf(psb, 15)).sync());
    assertTrue(new PtPacketReader(psb).sync());
    assertFalse(new PtPacketReader(new byte[0]).sync());
  }

  private static void assertReads(String text, PtPacketReader reader) {
    reader.read();
    assertEquals(text, PtPacketText.text(reader.packet()));
  }

  private static void skip(PtPacketReader reader, int packets) {
    for (int i = 0; i < packets; i++) {
      assertTrue(reader.next() >= 0);
    }
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }
}
