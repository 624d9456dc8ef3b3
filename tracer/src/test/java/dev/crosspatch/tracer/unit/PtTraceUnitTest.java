package dev.crosspatch.tracer.unit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.core.event.RetireBatch;
import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.core.mem.Instruction;
import dev.crosspatch.tracer.flow.RawTrace;
import dev.crosspatch.tracer.flow.TraceProtocol;
import dev.crosspatch.tracer.pt.PtProtocol;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

/// Which packets the unit makes of which rows. 0x1000 is written as such: the listing shows IPs as far as the packets
/// hold them.
class PtTraceUnitTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PtProtocol pt = new PtProtocol();
  private final Map<String, Long> options = new LinkedHashMap<>();
  private final RetireBatch batch = new RetireBatch();

  private PtTraceUnitTest with(String option, long value) {
    options.put(option, value);
    return this;
  }

  private PtTraceUnitTest insn(FlowClass flow, long pc, int length, long next, long time) {
    return row(RetireRow.INSN, pc, next, time, length | (flow.ordinal() << Instruction.FLOW_SHIFT)
        | (next == pc + length ? 0 : RetireRow.TAKEN));
  }

  private PtTraceUnitTest row(int kind, long pc, long next, long time, int info) {
    batch.add(kind, pc, next, time, info);
    return this;
  }

  private TraceUnit run() {
    bytes.reset();
    TraceUnit unit = Units.configure(pt, options).unit(0, bytes::write);
    unit.retired(batch);
    unit.end();
    assertEquals(bytes.size(), unit.size());
    return unit;
  }

  private byte[] trace() {
    run();
    return bytes.toByteArray();
  }

  /// Packets without offset and bytes, from the TIP.PGE on.
  private List<String> packets() {
    List<String> all = allPackets();
    return all.subList(all.indexOf("mode.exec cs.l") + 2, all.size());
  }

  private List<String> allPackets() {
    StringBuilder text = new StringBuilder();
    try {
      Units.configure(pt, options).config().list(RawTrace.of(trace()), text);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return new ArrayList<>(text.toString().lines().map(line -> line.substring(38 - 1).strip()).toList());
  }

  @Test
  void isFoundAsAService() {
    List<String> names = ServiceLoader.load(TraceProtocol.class).stream().map(p -> p.get().name()).toList();
    assertEquals(1, names.stream().filter(n -> n.equals("pt")).count(), names.toString());
  }

  @Test
  void beginsWithStatusAndEndsDisabled() {
    insn(FlowClass.OTHER, 0x1000, 4, 0x1004, 1234);
    assertEquals(
        List.of("psb", "tsc 4d2", "tma c, 22", "cbr 19", "psbend", "mode.exec cs.l", "tip.pge 1: ????????????1000",
            "fup 1: ????????????1004",
            "tip.pgd 0: ????????????????"),
        allPackets());
  }

  @Test
  void nothingRetiredGivesNothing() {
    assertEquals(0, trace().length);
  }

  @Test
  void sixBranchesFillAPacketWhoseCycIsTheFirstBranchs() {
    for (int i = 0; i < 7; i++) {
      insn(FlowClass.COND_BRANCH, 0x1000, 2, i == 2 ? 0x1002 : 0x1000, 1000 + 10 * i);
    }
    assertEquals(List.of("tnt.8 !!.!!!", "cyc 3c", "tnt.8 !", "fup 1: ????????????1000", "tip.pgd 0: ????????????????"),
        packets());
  }

  @Test
  void longPacketsHold47Branches() {
    with("long_tnt", 1).with("timeless", 1);
    for (int i = 0; i < 48; i++) {
      insn(FlowClass.COND_BRANCH, 0x1000, 2, 0x1000, 1000 + i);
    }
    assertEquals("tnt.64 " + "!".repeat(47), packets().getFirst());
    assertEquals("tnt.8 !", packets().get(1));
  }

  @Test
  void predictedReturnsAreBitsAndOthersEmptyTheStack() {
    with("timeless", 1);
    insn(FlowClass.CALL, 0x1000, 5, 0x2000, 10).insn(FlowClass.CALL, 0x2000, 5, 0x3000, 11)
        .insn(FlowClass.RETURN, 0x3000, 1, 0x2005, 12);
    insn(FlowClass.CALL, 0x2005, 5, 0x3000, 13).insn(FlowClass.RETURN, 0x3000, 1, 0x4000, 14)
        .insn(FlowClass.RETURN, 0x4000, 1, 0x1005, 15);
    insn(FlowClass.CALL, 0x1005, 5, 0x100a, 16).insn(FlowClass.RETURN, 0x100a, 1, 0x100a, 17);
    assertEquals(
        List.of("tnt.8 !", "tip 1: ????????????4000", "tip 1: ????????????1005", "tip 1: ????????????100a",
            "fup 1: ????????????100a",
            "tip.pgd 0: ????????????????"),
        packets());
  }

  @Test
  void withoutCompressionEveryReturnIsATip() {
    with("timeless", 1).with("ret_compression", 0);
    insn(FlowClass.CALL, 0x1000, 5, 0x2000, 10).insn(FlowClass.RETURN, 0x2000, 1, 0x1005, 12);
    assertEquals("tip 1: ????????????1005", packets().getFirst());
  }

  @Test
  void diversionsFlushBranchesAndTellTheirSource() {
    insn(FlowClass.COND_BRANCH, 0x1000, 2, 0x1002, 1000);
    row(RetireRow.TRAP, 0x1002, 0x9000, 1005, 0).insn(FlowClass.TRAP_RETURN, 0x9000, 2, 0x1003, 1008);
    row(RetireRow.INTERRUPT, 0x1003, 0x9000, 1008, 0).row(RetireRow.FAULT, 0x9000, 0x9100, 1010, 0);
    assertEquals(
        List.of("tnt.8 .", "cyc 5", "fup 1: ????????????1002", "tip 1: ????????????9000", "cyc 3",
            "tip 1: ????????????1003",
            "fup 1: ????????????1003", "tip 1: ????????????9000", "cyc 2", "fup 1: ????????????9000",
            "tip 1: ????????????9100",
            "fup 1: ????????????9100", "tip.pgd 0: ????????????????"),
        packets());
  }

  @Test
  void addressSpaceChangesAreToldAndRepeatedBehindPsb() {
    with("psb_period", 1).with("timeless", 1);
    insn(FlowClass.CONTEXT_WRITE, 0x1000, 3, 0x1003, 10).row(RetireRow.CONTEXT, 0x1003, 0x12345018L, 10, 0)
        .insn(FlowClass.OTHER, 0x1003, 1, 0x1004, 11);
    assertEquals(
        List.of("pip 12345000", "psb", "cbr 19", "pip 12345000", "mode.exec cs.l", "fup 1: ????????????1003", "psbend"),
        packets().subList(0, 7));
  }

  @Test
  void mtcStandsAtItsTimeBeforeTheRowBehindIt() {
    with("mtc_period", 0);
    insn(FlowClass.COND_BRANCH, 0x1000, 2, 0x1002, 1050).insn(FlowClass.OTHER, 0x1002, 2, 0x1004, 1110)
        .insn(FlowClass.OTHER, 0x1004, 2, 0x1006, 1120);
    assertEquals(
        List.of("tnt.8 .", "cyc 32", "mtc b", "cyc 14", "fup 1: ????????????1006", "tip.pgd 0: ????????????????"),
        packets());
  }

  @Test
  void sleepGivesATimestampInsteadOfManyMtcs() {
    with("mtc_period", 0).with("cyc", 0);
    insn(FlowClass.WAIT, 0x1000, 1, 0x1001, 1050).row(RetireRow.WAKE, 0x1001, 0, 51_050, 0);
    assertEquals(List.of("tsc c76a", "tma 1fe, 32", "fup 1: ????????????1001", "tip.pgd 0: ????????????????"),
        packets());
  }

  @Test
  void overflowLosesBranchesAndStack() {
    with("fifo_bytes", 256).with("drain_bytes", 1).with("timeless", 1).with("psb_period", 0);
    for (int i = 0; i < 60; i++) {
      insn(FlowClass.INDIRECT_JUMP, 0x1000, 2, 0x1000, 100 + i);
    }
    insn(FlowClass.CALL, 0x1000, 5, 0x2000, 200).insn(FlowClass.RETURN, 0x2000, 1, 0x1005, 100_000)
        .insn(FlowClass.OTHER, 0x1005, 1, 0x1006, 100_001);
    List<String> packets = packets();
    int overflow = packets.indexOf("ovf");
    assertEquals(
        List.of("ovf", "fup 3: 0000000000002000", "tip 1: ????????????1005", "fup 1: ????????????1006",
            "tip.pgd 0: ????????????????"),
        packets.subList(overflow, packets.size()));
    assertEquals(1, run().overflows());
  }

  @Test
  void lossAtTheEndIsTold() {
    with("fifo_bytes", 256).with("drain_bytes", 1).with("timeless", 1);
    for (int i = 0; i < 60; i++) {
      insn(FlowClass.INDIRECT_JUMP, 0x1000, 2, 0x1000, 100);
    }
    assertEquals("ovf", packets().getLast());
  }

  @Test
  void optionsOutOfRangeAreNamed() {
    assertMessage("PT option mtc_period: 9 is not within 0..8", "mtc_period", 9);
    assertMessage("PT option fifo_bytes: 100 is neither 0 nor 256 or more", "fifo_bytes", 100);
    assertMessage("PT option cyc: 2 is not within 0..1", "cyc", 2);
  }

  private void assertMessage(String message, String option, long value) {
    Map<String, Long> wrong = new LinkedHashMap<>();
    wrong.put(option, value);
    assertEquals(message, assertThrows(IllegalArgumentException.class,
        () -> Units.configure(pt, wrong)).getMessage());
  }
}
