package dev.crosspatch.tracer.pt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.crosspatch.tracer.pt.PtPacket.IpCompression;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PtPacketWriterTest {
  private final PtPacketWriter writer = new PtPacketWriter();

  @Test
  void compressesAgainstTheLastIpOfAnyIpPacket() {
    writer.appendTipPge(0xffff_ffff_8100_0000L);
    assertWritten("71 00 00 00 81 ff ff");
    writer.appendFup(0xffff_ffff_8100_1234L);
    assertWritten("3d 34 12");
    writer.appendTip(0xffff_ffff_8234_1234L);
    assertWritten("4d 34 12 34 82");
    writer.appendTipPgd(0x0000_7fff_8234_1234L);
    assertWritten("61 34 12 34 82 ff 7f");
    writer.appendTip(0x1234_7fff_8234_1234L);
    assertWritten("cd 34 12 34 82 ff 7f 34 12");
    writer.appendTip(0x1234_0000_0000_0001L);
    assertWritten("8d 01 00 00 00 00 00");
    writer.appendTip(0x1234_0000_0000_0001L);
    assertWritten("2d 01 00");
  }

  @Test
  void lastIpIsZeroAtTheStartAndAfterPsb() {
    writer.appendTip(0x1234);
    assertWritten("2d 34 12");
    writer.appendTip(0xffff_ffff_8100_0000L);
    writer.appendPsb();
    writer.clear();
    writer.appendFup(0x40_1000);
    assertWritten("5d 00 10 40 00");
  }

  @Test
  void suppressedIpsLeaveTheLastIp() {
    writer.appendTip(0xffff_ffff_8100_0000L);
    writer.write(new PtPacket.TipPgd(IpCompression.SUPPRESSED, 0));
    writer.clear();
    writer.appendTipPge(0xffff_ffff_8100_0008L);
    assertWritten("31 08 00");
  }

  @Test
  void theFirstIpAfterAnOverflowDoesNotDependOnTheLast() {
    writer.appendTip(0xffff_ffff_8100_0000L);
    writer.write(new PtPacket.Ovf());
    writer.clear();
    writer.appendFup(0xffff_ffff_8100_0000L);
    assertWritten("7d 00 00 00 81 ff ff");
    writer.appendTip(0xffff_ffff_8100_0004L);
    assertWritten("2d 04 00");
    writer.write(new PtPacket.Ovf());
    writer.clear();
    writer.appendTipPge(0x1234_0000_0000_0000L);
    assertWritten("d1 00 00 00 00 00 00 34 12");
  }

  @ParameterizedTest
  @ValueSource(longs = {21, 22, 23})
  void appendedIpsReadBackWhateverTheSequence(long seed) {
    PtPackets random = new PtPackets(seed);
    long[] ips = new long[5000];
    for (int i = 0; i < ips.length; i++) {
      ips[i] = i > 0 && random.flag() ? ips[i - 1] ^ (random.value() >>> 1) : random.value();
      appendIp(i % 4, ips[i]);
    }
    PtPacketReader reader = new PtPacketReader(writer.toByteArray());
    for (long ip : ips) {
      reader.next();
      assertEquals(ip, reader.ip(), () -> "seed " + seed + ", byte " + reader.offset());
    }
  }

  private void appendIp(int which, long ip) {
    switch (which) {
      case 0 -> writer.appendTip(ip);
      case 1 -> writer.appendTipPge(ip);
      case 2 -> writer.appendTipPgd(ip);
      default -> writer.appendFup(ip);
    }
  }

  @Test
  void appendsTheShortestTntThatHoldsTheBranches() {
    writer.appendTnt(0b101, 3);
    assertWritten("1a");
    writer.appendTnt(0b111111, 6);
    assertWritten("fe");
    writer.appendTnt(0b0000001, 7);
    assertWritten("02 a3 81 00 00 00 00 00");
    IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> writer.appendTnt(4, 2));
    assertEquals("TNT bits 0x4 do not fit 2 branches of 1..47", refused.getMessage());
    assertThrows(IllegalArgumentException.class, () -> writer.appendTnt(0, 48));
    assertThrows(IllegalArgumentException.class, () -> writer.appendTnt(0, 0));
  }

  @Test
  void appendsWhatTheRecordsSay() {
    Random random = new Random(31);
    PtPacketWriter records = new PtPacketWriter();
    for (int i = 0; i < 1000; i++) {
      long value = random.nextLong() >>> random.nextInt(64);
      writer.appendCyc(value);
      records.write(new PtPacket.Cyc(value));
      writer.appendTsc(value);
      records.write(new PtPacket.Tsc(value & 0xff_ffff_ffff_ffffL));
      writer.appendMtc((int) value);
      records.write(new PtPacket.Mtc((int) value & 0xff));
    }
    assertEquals(HexFormat.of().formatHex(records.toByteArray()), HexFormat.of().formatHex(writer.toByteArray()));
  }

  @Test
  void refusesWhatWouldReadDifferentlyInTheBlock() {
    assertRefused("BIP outside a block", new PtPacket.Bip(1, 2));
    writer.write(new PtPacket.Bbp(4, 1));
    assertRefused("BIP payload 0x100000000 in a block of 4-byte items", new PtPacket.Bip(1, 1L << 32));
    assertRefused("TNT-8 0x4 inside a block reads as a BIP", new PtPacket.Tnt8(0, 1));
    assertRefused("TNT-8 0x7c inside a block reads as a BIP", new PtPacket.Tnt8(0b11110, 5));
    writer.write(new PtPacket.Bip(1, 2));
    writer.write(new PtPacket.Bep(false));
    writer.write(new PtPacket.Tnt8(0, 1));
    assertWritten("02 63 81 0c 02 00 00 00 02 33 04");
  }

  private void assertRefused(String message, PtPacket packet) {
    assertEquals(message, assertThrows(IllegalStateException.class, () -> writer.write(packet)).getMessage());
  }

  /// Compares and forgets what was written.
  private void assertWritten(String hex) {
    assertEquals(hex, HexFormat.ofDelimiter(" ").formatHex(writer.toByteArray()));
    writer.clear();
  }
}
