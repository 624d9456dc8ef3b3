package dev.crosspatch.tracer.etm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/// The cursor: its accessors, synchronization, what it says at ends and errors, and that it allocates nothing.
class EtmPacketReaderTest {
  private static final EtmRegisters ETE = Configurations.named("ete1.0");
  private static final String A_SYNC = "00 00 00 00 00 00 00 00 00 00 00 80 ";

  @Test
  void accessorsTellTheCurrentPacket() {
    EtmPacketReader r = reader("06 4c 85 04 03 02 01 00 80 ff ff f1 07 00 00 00 2a 00 00 00 fd 03 88 77 05 90");
    assertEquals(EtmPacketTable.EXCEPTION, r.next());
    assertEquals(6, r.exceptionType());
    assertTrue(r.exceptionIsTarget());
    assertTrue(r.hasAddress());
    assertEquals(0xFFFF_8000_0102_0610L, r.address());
    assertEquals(0, r.is());
    assertTrue(r.hasContext());
    assertEquals(0xF1, r.contextInfo());
    assertEquals(7, r.vmid());
    assertEquals(0x2A, r.contextId());
    assertEquals(20, r.size());
    assertEquals(EtmPacketTable.ATOMS, r.next());
    assertEquals(3, r.atomCount());
    assertEquals(0b101, r.atomBits());
    assertEquals(20, r.offset());
    assertEquals(EtmPacketTable.TIMESTAMP, r.next());
    assertEquals(0x3B88, r.timestamp());
    assertEquals(5, r.cycles());
    assertFalse(r.hasAddress());
    assertEquals(EtmPacketTable.ADDRESS, r.next());
    assertEquals(0xFFFF_8000_0102_0610L, r.address());
    assertFalse(r.hasContext());
    assertEquals(EtmPacketReader.END, r.next());
    assertEquals(0, r.size());
  }

  @Test
  void countersAndSpeculation() {
    EtmPacketReader r = reader("01 09 01 10 0c 21 2e 07 2f 01 3f 36 7a", "ete1.3-spec");
    assertEquals(EtmPacketTable.TRACE_INFO, r.next());
    assertEquals(EtmPacket.TraceInfo.CYCLE_COUNTING, r.traceInfo());
    assertEquals(16, r.threshold());
    assertEquals(EtmPacketTable.CYCLE_COUNT_F2, r.next());
    assertEquals(3, r.count());
    assertEquals(17, r.cycles());
    assertEquals(EtmPacketTable.CANCEL_F1, r.next());
    assertEquals(7, r.count());
    assertFalse(r.mispredict());
    assertEquals(EtmPacketTable.CANCEL_F1, r.next());
    assertTrue(r.mispredict());
    assertEquals(EtmPacketTable.CANCEL_F3, r.next());
    assertEquals(5, r.count());
    assertTrue(r.afterE());
    assertEquals(EtmPacketTable.CANCEL_F2, r.next());
    assertEquals(EtmPacket.AtomsBefore.EE, r.atomsBefore());
    assertEquals(EtmPacketTable.EVENT, r.next());
    assertEquals(0b1010, r.events());
  }

  @Test
  void syncFindsTheNextASync() {
    EtmPacketReader r = reader("f7 08 00 00 00 " + A_SYNC + "04 00 00 80 " + A_SYNC + "04");
    assertTrue(r.sync());
    assertEquals(5, r.position());
    assertEquals(EtmPacketTable.A_SYNC, r.next());
    assertEquals(EtmPacketTable.TRACE_ON, r.next());
    assertEquals(EtmPacketReader.BAD_PACKET, r.next());
    assertEquals(EtmPacketReader.BAD_PACKET, r.next());
    assertTrue(r.sync());
    assertEquals(EtmPacketTable.A_SYNC, r.next());
    assertEquals(21, r.offset());
    assertEquals(EtmPacketTable.TRACE_ON, r.next());
    assertFalse(r.sync());
    assertEquals(EtmPacketReader.END, r.next());
  }

  @Test
  void syncKeepsZerosThatMayBeginAnASync() {
    byte[] bytes = bytes("f7 00 00 00 00 00 " + "00 00 00 00 00 00 80 04");
    EtmPacketReader r = new EtmPacketReader(ETE, bytes, 0, 6);
    assertFalse(r.sync());
    assertEquals(1, r.position());
    r.extend(bytes, bytes.length);
    assertTrue(r.sync());
    assertEquals(EtmPacketTable.A_SYNC, r.next());
    assertEquals(EtmPacketTable.TRACE_ON, r.next());
  }

  @Test
  void aBadPacketChangesNoState() {
    EtmPacketReader r = reader("9d 04 03 02 01 00 80 ff ff 85 80 00 00 00 00 00 00 00 31 " + A_SYNC + "90");
    r.next();
    assertEquals(EtmPacketReader.BAD_PACKET, r.next());
    assertEquals("ETM packet at byte 0x9: address bytes 0x80 0x00 have reserved bits", r.error().getMessage());
    assertTrue(r.sync());
    r.next();
    r.next();
    assertEquals(0xFFFF_8000_0102_0610L, r.address());
  }

  @Test
  void misuseIsTold() {
    EtmPacketReader r = reader("f7");
    assertEquals("No error at byte 0x0", message(r::error));
    assertEquals(EtmPacketTable.ATOMS, r.next());
    assertEquals("No error at byte 0x0", message(r::error));
    assertEquals(EtmPacketReader.END, r.next());
    assertEquals("No packet at byte 0x1", message(r::packet));
  }

  @Test
  void listingShowsOffsetBytesAndPacket() {
    byte[] bytes = bytes("f9 9d 04 03 02 01 00 80 ff ff 52");
    EtmPacketReader r = new EtmPacketReader(ETE, bytes);
    r.next();
    assertEquals("       0  f9                         Atom F3 ENN", EtmPacketText.line(r));
    r.next();
    assertEquals(
        "       1  9d 04 03 02 01 00 80 ff .. Target Address 64-bit IS0 0xffff800001020610",
        EtmPacketText.line(r));
    r.next();
    assertEquals(
        "       a  52                         ETM packet at byte 0xa: header 0x52 is reserved",
        EtmPacketText.line(r));
  }

  @Test
  void cursorAndWriterAllocateNothingPerPacket() {
    EtmPacketWriter writer = new EtmPacketWriter(ETE);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long packets = 0;
    long allocated = 0;
    for (int round = 0; round < 5; round++) { // the first rounds warm up and grow the buffer
      long before = threads.getCurrentThreadAllocatedBytes();
      writer.clear();
      writeSome(writer);
      EtmPacketReader reader = new EtmPacketReader(ETE, writer.buffer(), 0, writer.size());
      packets = count(reader);
      allocated = threads.getCurrentThreadAllocatedBytes() - before;
    }
    assertTrue(packets > 100_000, packets + " packets");
    assertTrue(allocated < 50_000, allocated + " bytes allocated for " + packets + " packets");
  }

  private static void writeSome(EtmPacketWriter writer) {
    for (int i = 0; i < 20_000; i++) {
      writer.appendAtoms(i * 0x9E3779B97F4A7C15L, i & 31);
      writer.appendAddress(0xFFFF_8000_0800_0000L + 4L * ((i * 7919) & 0xFFFFFF), 0);
      writer.appendException(14, false, 0xFFFF_8000_0800_0000L + 4L * i, 0);
      writer.appendAddressContext(0xFFFF_8000_0810_0000L, 0, 0xF1, i, i);
      writer.appendTimestamp(1000L * i, i);
      writer.appendCycleCount(0, i & 63);
    }
    writer.flushAtoms();
  }

  private static long count(EtmPacketReader reader) {
    long packets = 0;
    while (reader.next() >= 0) {
      packets++;
    }
    assertEquals(EtmPacketReader.END, reader.kind());
    return packets;
  }

  private static String message(Executable action) {
    return String.valueOf(assertThrows(IllegalStateException.class, action).getMessage());
  }

  private static EtmPacketReader reader(String hex) {
    return reader(hex, "ete1.0");
  }

  private static EtmPacketReader reader(String hex, String configuration) {
    return new EtmPacketReader(Configurations.named(configuration), bytes(hex));
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }
}
