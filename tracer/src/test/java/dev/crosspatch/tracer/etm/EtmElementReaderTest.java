package dev.crosspatch.tracer.etm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.code.Mode;
import dev.crosspatch.tracer.flow.ElementReader;
import dev.crosspatch.tracer.flow.Elements;
import dev.crosspatch.tracer.flow.TraceSource;
import dev.crosspatch.tracer.program.ElementText;
import dev.crosspatch.tracer.unit.Units;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Packets to elements and their times.
class EtmElementReaderTest {
  private static final int EL1 = 1 | EtmContext.SF | EtmContext.NS;
  private static final int IRQ = 14;

  private final EtmProtocol etm = new EtmProtocol();
  private final Map<String, Long> options = new LinkedHashMap<>();
  private static final Set<Mode> CODE_64 = Set.of(Mode.CODE_64);
  private final EtmPacketWriter out = new EtmPacketWriter(config(etm).registers());

  private EtmConfig config(EtmProtocol protocol) {
    return (EtmConfig) Units.configure(protocol, options).config();
  }

  @BeforeEach
  void begin() {
    sync();
    out.appendTraceOn();
    address(0x4000);
  }

  private void sync() {
    out.appendASync();
    out.appendTraceInfo(EtmPacket.TraceInfo.CYCLE_COUNTING, 0, 4);
  }

  private void address(long address) {
    out.appendAddressContext(address, 0, EL1, 0, 0);
  }

  private void exception(int type, long from, long handler) {
    out.appendException(type, false, from, 0);
    out.appendAddress(handler, 0);
  }

  private List<String> elements() {
    return ElementText.behindTheFirst(config(etm).reader(TraceSource.of(out.toByteArray()), CODE_64));
  }

  @Test
  void timestampsTellTheTimeOfTheLastAtom() {
    out.appendAtoms(0b101, 3);
    out.appendTimestamp(100);
    out.appendAtoms(0b11, 2);
    out.appendAddress(0x5000, 0);
    out.appendTimestamp(110);
    out.appendAtoms(0b1, 1);
    assertEquals(List.of("BITS 1 2 ..100", "BITS 1 1 100..100", "BITS 3 2 100..110", "TARGET 5000 110..110",
        "BITS 1 1 110.."), elements());
  }

  @Test
  void timestampZeroTellsNothing() {
    out.appendAtoms(0b1, 1);
    out.appendTimestamp(0);
    assertEquals(List.of("BITS 1 1 .."), elements());
  }

  @Test
  void cycleCountsAddToTimestamps() {
    options.put("timer_mhz", 1L);
    options.put("frequency_mhz", 10L);
    out.appendAtoms(0b1, 1);
    out.appendCycleCount(0, EtmPacket.UNKNOWN);
    out.appendTimestamp(100, 0); // cycle 1000 to 1009
    out.appendAtoms(0b1, 1);
    out.appendCycleCount(0, 23); // cycle 1023 to 1032
    out.appendAtoms(0b1, 1);
    out.appendTimestamp(103, 2); // cycle 1030 to 1039, so the count before was at 1028 to 1032
    out.appendAtoms(0b1, 1);
    out.appendCycleCount(0, 8); // cycle 1036 to 1040
    assertEquals(List.of("BITS 1 1 100..100", "BITS 1 1 102..103", "BITS 1 1 103..103", "BITS 1 1 103..104"),
        elements());
  }

  @Test
  void unknownCountsTellNothing() {
    out.appendAtoms(0b1, 1);
    out.appendTimestamp(100, 0);
    out.appendAtoms(0b1, 1);
    out.appendCycleCount(0, EtmPacket.UNKNOWN);
    out.appendAtoms(0b1, 1);
    out.appendCycleCount(0, 30);
    assertEquals(List.of("BITS 1 1 100..100", "BITS 1 1 100..", "BITS 1 1 100.."), elements());
  }

  @Test
  void exceptionsAreJoinedWithTheirHandlers() {
    exception(IRQ, 0x4010, 0x9280);
    out.appendTimestamp(50);
    out.appendAtoms(0b1, 1);
    out.appendExceptionReturn();
    out.appendException(IRQ, true, 0x4010, 0);
    out.appendAddress(0x9280, 0);
    assertEquals(List.of("ASYNC 4010 9280 50..50", "BITS 1 1 50..", "TARGET 4010 50..", "ASYNC 4010 9280 50.."),
        elements());
  }

  @Test
  void exceptionAtAHandlersFirstInstruction() {
    out.appendException(IRQ, false, 0x4010, 0);
    out.appendException(3, true, 0x9280, 0);
    out.appendAddress(0x9200, 0);
    assertEquals(List.of("ASYNC 4010 9280 ..", "ASYNC 9280 9200 .."), elements());
  }

  @Test
  void chunksEndBehindSynchronization() {
    out.appendAtoms(0b1, 1);
    sync();
    out.appendTimestamp(70);
    address(0x4000);
    out.appendAtoms(0b1, 1);
    assertEquals(List.of("BITS 1 1 70..70", "AT 4000 70..", "--", "BITS 1 1 70.."), elements());
  }

  @Test
  void contextIsAnElementWhenItChanges() {
    out.appendContext(EL1 | EtmContext.C, 0, 7);
    out.appendContext(EL1 | EtmContext.C, 0, 7);
    out.appendContext(EL1, 0, 0);
    out.appendContext(EL1 | EtmContext.C, 0, -1);
    assertEquals(List.of("CONTEXT 7 ..", "CONTEXT ffffffff .."), elements());
  }

  @Test
  void lossAndDebugStateInterruptTheFlow() {
    out.appendOverflow();
    sync();
    out.appendTraceOn();
    address(0x5000);
    exception(EtmPacket.ExceptionEntry.DEBUG_HALT, 0x5004, 0x6000);
    out.appendTraceOn();
    address(0x7000);
    out.appendException(IRQ, false, 0x7004, 0);
    out.appendTraceOn();
    assertEquals(
        List.of("LOST 0 ..", "START 5000 ..", "STOP 5004 ..", "START 6000 ..", "START 7000 ..", "STOP 7004 .."),
        elements());
  }

  /// The trace ends, or packets are lost, before it tells where an exception led: it has told how far the flow came
  /// (D5.3.26: the preferred return address).
  @Test
  void anExceptionWithoutHandlerTellsHowFarTheFlowCame() {
    out.appendAtoms(0b1, 1);
    out.appendException(IRQ, false, 0x4010, 0);
    out.appendOverflow();
    sync();
    out.appendTraceOn();
    address(0x5000);
    out.appendException(IRQ, false, 0x5008, 0);
    out.write(new EtmPacket.Discard());
    sync();
    out.appendTraceOn();
    address(0x6000);
    out.appendException(IRQ, false, 0x600c, 0);
    assertEquals(
        List.of("BITS 1 1 ..", "STOP 4010 ..", "LOST 0 ..", "START 5000 ..", "STOP 5008 ..", "START 6000 ..",
            "STOP 600c .."), elements());
  }

  /// The address behind Trace Info tells where the last P0 element led, which may stand between them (I_CHTFM).
  @Test
  void atomsBetweenTraceInfoAndItsAddressGoOn() {
    out.appendAtoms(0b1, 1);
    sync();
    out.appendAtoms(0b01, 2);
    address(0x4000);
    out.appendAtoms(0b1, 1);
    assertEquals(List.of("BITS 1 1 ..", "BITS 1 2 ..", "AT 4000 ..", "--", "BITS 1 1 .."), elements());
  }

  @Test
  void badPacketsAreLocatedAndTheTraceTakenUpAgain() {
    out.appendException(IRQ, false, 0x4010, 0);
    out.appendAtoms(0b1, 1);
    out.appendAtoms(0b1, 1);
    sync();
    out.appendAtoms(0b1, 1);
    address(0x4000);
    out.write(new EtmPacket.Discard());
    assertEquals(
        List.of("STOP 4010 ..",
            "ERROR ETM packet at byte 0x1b: atoms between an exception and the address of its handler ..",
            "AT 4000 ..", "--",
            "STOP ffffffffffffffff .."),
        elements());
  }

  @Test
  void packetsThatCannotBeFollowedSaySo() {
    EtmPacketWriter ete = new EtmPacketWriter(config(new EteProtocol()).registers());
    ete.appendASync();
    ete.appendTraceInfo(0, 0, 0);
    ete.appendAddress(0x4000, 0);
    ete.appendSourceAddress(0x4010, 0);
    ElementReader reader = config(new EteProtocol()).reader(TraceSource.of(ete.toByteArray()), CODE_64);
    Elements elements = new Elements();
    assertEquals(true, reader.next(elements));
    assertEquals("ERROR ETM packet at byte 0x12: Source Address Short IS0 0x4010 cannot be followed ..",
        ElementText.describe(elements, elements.count() - 1, reader));
  }

  /// It is skipped up to the next address in AArch64 state.
  @Test
  void codeOfAnotherStateIsSkipped() {
    out.appendAtoms(0b1, 1);
    out.appendAddressContext(0x5000, 0, EtmContext.NS, 0, 0);
    out.appendAtoms(0b1, 1);
    out.appendAddress(0x5100, 0);
    out.appendAtoms(0b1, 1);
    out.appendException(IRQ, false, 0x5104, 0);
    address(0x9280);
    out.appendAtoms(0b1, 1);
    assertEquals(List.of("BITS 1 1 ..", "ERROR ETM packet at byte 0x18: AArch32 state cannot be followed ..",
        "TARGET 9280 ..", "BITS 1 1 .."), elements());
  }

  private List<String> elementsOf(Mode... modes) {
    return ElementText.behindTheFirst(config(etm).reader(TraceSource.of(out.toByteArray()), Set.of(modes))).stream()
        .map(e -> e.replaceAll(" \\.\\.$", "")).toList();
  }

  /// SF of the context, IS of the address (DDI0487 D5.3): in AArch32 state each address says A32 or T32, as a branch
  /// may change that without a packet.
  @Test
  void modeIsToldBehindEachAddressOfAArch32State() {
    out.appendAtoms(0b1, 1);
    out.appendAddressContext(0x5000, 0, EtmContext.NS, 0, 0);
    out.appendAtoms(0b1, 1);
    out.appendAddress(0x5100, 1);
    out.appendAtoms(0b1, 1);
    out.appendAddress(0x5200, 1);
    out.appendException(IRQ, false, 0x5204, 1);
    address(0x9280);
    out.appendAtoms(0b1, 1);
    out.appendAddress(0x9400, 0);
    assertEquals(List.of("BITS 1 1", "TARGET 5000", "MODE 1", "BITS 1 1", "TARGET 5100", "MODE 2", "BITS 1 1",
        "TARGET 5200", "MODE 2", "ASYNC 5204 9280", "MODE 0", "BITS 1 1", "TARGET 9400"), elementsOf(Mode.values()));
  }

  /// A context in a packet of its own is that of the address before it, or of the next.
  @Test
  void stateInAPacketOfItsOwn() {
    out.appendAtoms(0b1, 1);
    out.appendAddress(0x5000, 1);
    out.appendContext(EtmContext.NS, 0, 0);
    out.appendAtoms(0b1, 1);
    out.appendContext(EL1, 0, 0);
    out.appendAddress(0x6000, 0);
    assertEquals(List.of("BITS 1 1", "TARGET 5000", "MODE 2", "BITS 1 1", "TARGET 6000", "MODE 0"),
        elementsOf(Mode.values()));
  }

  @Test
  void stateThatChangesWithoutAnAddress() {
    out.appendAtoms(0b1, 1);
    out.appendContext(EtmContext.NS, 0, 0);
    out.appendAtoms(0b1, 1);
    out.flushAtoms();
    out.appendAddress(0x6000, 0);
    List<String> told = elementsOf(Mode.values());
    assertEquals("BITS 1 1", told.getFirst());
    assertTrue(told.get(1).endsWith("atoms between a change of the execution state and an address"), told::toString);
    assertEquals(List.of("TARGET 6000", "MODE 1"), told.subList(2, told.size()));
  }

  /// An instruction set with A32 only.
  @Test
  void codeOfAModeThatIsNotThereIsSkipped() {
    out.appendAtoms(0b1, 1);
    out.appendAddressContext(0x5000, 0, EtmContext.NS, 0, 0);
    out.appendAtoms(0b1, 1);
    out.appendAddress(0x5100, 1);
    out.appendAtoms(0b1, 1);
    out.appendAddress(0x5200, 0);
    List<String> told = elementsOf(Mode.CODE_64, Mode.CODE_32);
    assertEquals(List.of("BITS 1 1", "TARGET 5000", "MODE 1", "BITS 1 1"), told.subList(0, 4));
    assertTrue(told.get(4).endsWith(": T32 code cannot be followed"), told::toString);
    assertEquals(List.of("TARGET 5200", "MODE 1"), told.subList(5, told.size()));
  }

  /// The packets behind it can be read: the next address is told.
  @Test
  void behindAPacketThatCannotBeFollowedTheNextAddressIsTold() {
    EtmPacketWriter ete = new EtmPacketWriter(config(new EteProtocol()).registers());
    ete.appendASync();
    ete.appendTraceInfo(0, 0, 0);
    ete.appendAddress(0x4000, 0);
    ete.appendSourceAddress(0x4010, 0);
    ete.appendAtoms(0b1, 1);
    ete.appendSourceAddress(0x4020, 0);
    ete.appendAddress(0x4800, 0);
    ete.appendAtoms(0b1, 1);
    assertEquals(
        List.of("ERROR ETM packet at byte 0x12: Source Address Short IS0 0x4010 cannot be followed ..",
            "TARGET 4800 ..", "BITS 1 1 .."),
        ElementText.behindTheFirst(config(new EteProtocol()).reader(TraceSource.of(ete.toByteArray()), CODE_64)));
  }

  @Test
  void speculationCannotBeFollowed() {
    int at = out.size();
    out.appendASync();
    out.write(new EtmPacket.TraceInfo(EtmPacket.TraceInfo.CYCLE_COUNTING, 0, 2, 4));
    address(0x4000);
    String error = "ERROR ETM packet at byte 0x" + Integer.toHexString(at + 12)
        + ": 2 P0 elements that are still speculative cannot be followed ..";
    assertEquals(List.of(error), elements());
  }

  /// Without the marker the timestamp would tell the time of the second atom, which came later.
  @Test
  void timestampTellsTheTimeOfWhatIsBeforeItsMarker() {
    EtmRegisters config = Configurations.named("etm4.6-spec");
    for (boolean marker : new boolean[] {true, false}) {
      EtmPacketWriter marked = new EtmPacketWriter(config);
      marked.appendASync();
      marked.appendTraceInfo(0, 0, 0);
      marked.appendTraceOn();
      marked.appendAddress(0x4000, 0);
      marked.appendAtoms(0b1, 1);
      marked.write(marker ? new EtmPacket.TimestampMarker() : new EtmPacket.Event(1));
      marked.appendAtoms(0b0, 1);
      marked.appendTimestamp(100, EtmPacket.UNKNOWN);
      marked.appendAddress(0x4800, 0);
      ElementReader reader = new EtmElementReader(TraceSource.of(marked.toByteArray()), config,
          config(etm).clocks(), CODE_64);
      List<String> expected = marker
          ? List.of("BITS 1 1 ..100", "BITS 0 1 100..", "TARGET 4800 100..")
          : List.of("BITS 1 1 ..100", "BITS 0 1 100..100", "TARGET 4800 100..");
      List<String> result = ElementText.behindTheFirst(reader);
      assertEquals(expected, result.subList(Math.max(0, result.size() - 3), result.size()),
          () -> "marker " + marker + ": " + result);
    }
  }

  @Test
  void traceWithoutSynchronizationIsAnError() {
    ElementReader reader = config(etm).reader(TraceSource.of(new byte[] {(byte) 0xf7}), CODE_64);
    Elements elements = new Elements();
    assertEquals(true, reader.next(elements));
    assertEquals("ERROR ETM packet at byte 0x0: there is no A-Sync in the trace ..",
        ElementText.describe(elements, 0, reader));
    assertEquals(false, reader.next(elements));
  }
}
