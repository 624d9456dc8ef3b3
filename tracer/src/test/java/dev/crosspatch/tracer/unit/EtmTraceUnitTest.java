package dev.crosspatch.tracer.unit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.core.event.RetireBatch;
import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.core.mem.Instruction;
import dev.crosspatch.tracer.etm.EteProtocol;
import dev.crosspatch.tracer.etm.EtmConfig;
import dev.crosspatch.tracer.etm.EtmPacket;
import dev.crosspatch.tracer.etm.EtmPacketReader;
import dev.crosspatch.tracer.etm.EtmPacketText;
import dev.crosspatch.tracer.etm.EtmProtocol;
import dev.crosspatch.tracer.flow.TraceProtocol;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

/// Which packets the unit makes of which rows.
class EtmTraceUnitTest {
  private static final int EL1 = 1 << RetireRow.PRIVILEGE_SHIFT;
  private static final int CALL = 2;
  private static final int BREAKPOINT = 6;
  private static final int DATA_FAULT = 12;
  private static final int IRQ = 14;

  private EtmProtocol protocol = new EtmProtocol();
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final Map<String, Long> options = new LinkedHashMap<>();
  private final RetireBatch batch = new RetireBatch();

  private EtmTraceUnitTest with(String option, long value) {
    options.put(option, value);
    return this;
  }

  private EtmTraceUnitTest ete() {
    protocol = new EteProtocol();
    return this;
  }

  private EtmTraceUnitTest insn(FlowClass flow, long pc, long next, long time) {
    return insn(flow, pc, next, time, EL1);
  }

  private EtmTraceUnitTest insn(FlowClass flow, long pc, long next, long time, int level) {
    return row(RetireRow.INSN, pc, next, time, 4 | level | flow.ordinal() << Instruction.FLOW_SHIFT
        | (next == pc + 4 ? 0 : RetireRow.TAKEN));
  }

  private EtmTraceUnitTest exception(int kind, int type, long from, long handler, long time) {
    return row(kind, from, handler, time, EL1 | type << RetireRow.VECTOR_SHIFT);
  }

  private EtmTraceUnitTest row(int kind, long pc, long next, long time, int info) {
    batch.add(kind, pc, next, time, info);
    return this;
  }

  private TraceUnit run() {
    bytes.reset();
    TraceUnit unit = Units.configure(protocol, options).unit(0, bytes::write);
    unit.retired(batch);
    unit.end();
    assertEquals(bytes.size(), unit.size());
    return unit;
  }

  private byte[] trace() {
    run();
    return bytes.toByteArray();
  }

  private List<String> allPackets() {
    List<String> result = new ArrayList<>();
    EtmConfig config = (EtmConfig) Units.configure(protocol, options).config();
    EtmPacketReader packets = new EtmPacketReader(config.registers(), trace());
    for (EtmPacket p = packets.read(); p != null; p = packets.read()) {
      result.add(EtmPacketText.text(p).replace("IS0 ", "").replace("Target Address", "To")
          .replace(" AArch64 non-secure", ""));
    }
    return result;
  }

  /// Those behind the first address, without the Debug halt at the end.
  private List<String> packets() {
    List<String> all = allPackets();
    int end = all.size() - 1;
    while (!all.get(end).startsWith("Exception 1 (debug halt)")) {
      end--;
    }
    return all.subList(4, end);
  }

  private EtmTraceUnitTest timeless() {
    return with("timeless", 1).with("cid", 0);
  }

  @Test
  void bothAreFoundAsServices() {
    List<String> names = ServiceLoader.load(TraceProtocol.class).stream().map(p -> p.get().name()).toList();
    assertEquals(List.of("etm", "ete"), names.stream().filter(n -> n.startsWith("et")).toList());
  }

  @Test
  void beginsSynchronizedAndEndsInDebugState() {
    with("timer_mhz", 50).with("frequency_mhz", 1000);
    insn(FlowClass.OTHER, 0x1000, 0x1004, 1000).insn(FlowClass.OTHER, 0x1004, 0x1008, 1240);
    assertEquals(
        List.of("A-Sync", "Trace Info info 0x01, threshold 16", "Trace On", "To 32-bit 0x1000 EL1, Context ID 0x0",
            "Exception 1 (debug halt), return to Short 0x1008", "Cycle Count F1 cycles unknown",
            "Timestamp 0x3e, cycles 0"),
        allPackets());
  }

  @Test
  void nothingRetiredGivesNothing() {
    assertEquals(0, trace().length);
  }

  @Test
  void directBranchesAndIsbAreAtoms() {
    timeless();
    insn(FlowClass.COND_BRANCH, 0x1000, 0x1004, 1).insn(FlowClass.COND_BRANCH, 0x1004, 0x1100, 2)
        .insn(FlowClass.JUMP, 0x1100, 0x1104, 3);
    insn(FlowClass.CALL, 0x1104, 0x1200, 4).insn(FlowClass.SYNC, 0x1200, 0x1204, 5)
        .insn(FlowClass.WAIT, 0x1204, 0x1208, 6);
    row(RetireRow.WAKE, 0x1208, 0, 900, EL1).insn(FlowClass.CONTEXT_WRITE, 0x1208, 0x120c, 901);
    assertEquals(List.of("Atom F5 NEEEE"), packets());
  }

  @Test
  void predictedReturnsHaveNoAddress() {
    timeless();
    insn(FlowClass.CALL, 0x1000, 0x2000, 1).insn(FlowClass.INDIRECT_CALL, 0x2000, 0x3000, 2)
        .insn(FlowClass.RETURN, 0x3000, 0x2004, 3);
    insn(FlowClass.RETURN, 0x2004, 0x1004, 4).insn(FlowClass.RETURN, 0x1004, 0x1004, 5)
        .insn(FlowClass.OTHER, 0x1004, 0x1008, 6);
    assertEquals(List.of("Atom F2 EE", "To Short 0x3000", "Atom F3 EEE", "To Short 0x1004"), packets());
  }

  @Test
  void withoutReturnStackEveryReturnHas() {
    timeless().with("return_stack", 0);
    insn(FlowClass.CALL, 0x1000, 0x2000, 1).insn(FlowClass.RETURN, 0x2000, 0x1004, 3)
        .insn(FlowClass.OTHER, 0x1004, 0x1008, 4);
    assertEquals(List.of("Atom F2 EE", "To Short 0x1004"), packets());
  }

  @Test
  void breakpointsReturnToThemselvesAndCallsBehind() {
    timeless();
    exception(RetireRow.TRAP, BREAKPOINT, 0x1000, 0x9200, 1).insn(FlowClass.SYSTEM_CALL, 0x9200, 0x9200, 2);
    exception(RetireRow.CALL, CALL, 0x9204, 0x9200, 2);
    assertEquals(
        List.of("Exception 6 (inst debug), return to Exact Match [0] 0x1000", "To Short 0x9200",
            "Exception 2 (call), return to Short 0x9204",
            "To Exact Match [1] 0x9200"),
        packets());
  }

  @Test
  void exceptionAtABranchTargetCarriesTheTarget() {
    timeless();
    insn(FlowClass.INDIRECT_JUMP, 0x1000, 0x4000, 1);
    exception(RetireRow.FAULT, DATA_FAULT, 0x4000, 0x9200, 2);
    insn(FlowClass.INDIRECT_JUMP, 0x9200, 0x9300, 3).insn(FlowClass.OTHER, 0x9300, 0x9304, 3);
    exception(RetireRow.INTERRUPT, IRQ, 0x9304, 0x9280, 4);
    assertEquals(
        List.of("Atom F1 E", "Exception 12 (data fault) at a branch target, return to Short 0x4000", "To Short 0x9200",
            "Atom F1 E", "To Short 0x9300",
            "Exception 14 (IRQ), return to Short 0x9304", "To Short 0x9280"),
        packets());
  }

  @Test
  void contextFollowsTheExceptionLevel() {
    timeless();
    insn(FlowClass.OTHER, 0x1000, 0x1004, 1, 0);
    exception(RetireRow.INTERRUPT, IRQ, 0x1004, 0x9280, 2).insn(FlowClass.TRAP_RETURN, 0x9280, 0x1004, 3, 0);
    insn(FlowClass.JUMP, 0x1004, 0x1000, 4, 0);
    assertEquals(
        List.of("Exception 14 (IRQ), return to Short 0x1004", "To 32-bit 0x9280 EL1", "Atom F1 E", "Exception Return",
            "To 32-bit 0x1004 EL0", "Atom F1 E"),
        packets());
  }

  @Test
  void interruptAtTheReturnStatesTheContextItInterrupts() {
    timeless().ete();
    insn(FlowClass.OTHER, 0x1000, 0x1004, 1, 0);
    exception(RetireRow.INTERRUPT, IRQ, 0x1004, 0x9280, 2).insn(FlowClass.TRAP_RETURN, 0x9280, 0x1004, 3, 0);
    exception(RetireRow.INTERRUPT, IRQ, 0x1004, 0x9280, 4);
    assertEquals(
        List.of("Exception 14 (IRQ), return to Short 0x1004", "To 32-bit 0x9280 EL1", "Atom F1 E",
            "Exception 14 (IRQ) at a branch target, return to 32-bit 0x1004 EL0", "To 32-bit 0x9280 EL1"),
        packets());
  }

  @Test
  void contextIdIsToldAtOnce() {
    with("timeless", 1);
    insn(FlowClass.JUMP, 0x1000, 0x2000, 1).insn(FlowClass.CONTEXT_WRITE, 0x2000, 0x2004, 2)
        .row(RetireRow.CONTEXT, 0x2004, 0x77, 2, EL1);
    insn(FlowClass.JUMP, 0x2004, 0x1000, 3);
    assertEquals(List.of("Atom F1 E", "Context EL1, Context ID 0x77", "Atom F1 E"), packets());
  }

  @Test
  void timestampsFollowExceptionsTheirReturnsAndIsb() {
    with("cci", 0).with("cid", 0);
    insn(FlowClass.JUMP, 0x1000, 0x2000, 10).insn(FlowClass.JUMP, 0x2000, 0x1000, 11)
        .insn(FlowClass.SYNC, 0x1000, 0x1004, 12);
    exception(RetireRow.INTERRUPT, IRQ, 0x1004, 0x9280, 20).insn(FlowClass.TRAP_RETURN, 0x9280, 0x1004, 30);
    assertEquals(
        List.of("Atom F1 E", "Timestamp 0xa", "Atom F2 EE", "Timestamp 0xc",
            "Exception 14 (IRQ), return to Short 0x1004", "To Short 0x9280",
            "Timestamp 0x14", "Atom F1 E", "Exception Return", "Timestamp 0x1e"),
        packets());
  }

  @Test
  void cyclesAreCountedFromTheThresholdOn() {
    with("ts", 0).with("cid", 0).with("cci_threshold", 10);
    insn(FlowClass.JUMP, 0x1000, 0x1000, 5).insn(FlowClass.JUMP, 0x1000, 0x1000, 15)
        .insn(FlowClass.JUMP, 0x1000, 0x1000, 24);
    insn(FlowClass.JUMP, 0x1000, 0x1000, 30).insn(FlowClass.JUMP, 0x1000, 0x1000, 50)
        .insn(FlowClass.JUMP, 0x1000, 0x1000, 50 + (1 << 20));
    assertEquals(
        List.of("Atom F2 EE", "Cycle Count F1 cycles unknown", "Atom F2 EE", "Cycle Count F2 cycles 15", "Atom F1 E",
            "Cycle Count F2 cycles 20", "Atom F1 E",
            "Cycle Count F1 cycles unknown"),
        packets());
  }

  @Test
  void synchronizationTellsTimeAndTargetOfTheLastP0() {
    with("cid", 0).with("cci", 0).with("sync_period", 27);
    insn(FlowClass.CALL, 0x1000, 0x2000, 10).insn(FlowClass.INDIRECT_JUMP, 0x2000, 0x3000, 20)
        .insn(FlowClass.INDIRECT_JUMP, 0x3000, 0x2000, 21);
    insn(FlowClass.RETURN, 0x2000, 0x1004, 30);
    assertEquals(
        List.of("Atom F1 E", "Timestamp 0xa", "Atom F1 E", "To Short 0x3000", "Atom F1 E", "To Short 0x2000", "A-Sync",
            "Trace Info info 0x00", "Timestamp 0x15", "To 32-bit 0x2000 EL1", "Atom F1 E"),
        packets());
    assertEquals("Exception 1 (debug halt) at a branch target, return to Short 0x1004", allPackets().get(15));
  }

  @Test
  void lostPacketsAreToldAndTracingResumesAtAP0() {
    timeless().with("fifo_bytes", 256).with("drain_bytes", 16).with("sync_period", 0);
    long pc = 0x1000;
    for (int i = 0; i < 60; i++) {
      long next = 0x0123_4567_0000_1000L * (i + 1);
      insn(FlowClass.INDIRECT_JUMP, pc, next, 1);
      pc = next;
    }
    insn(FlowClass.OTHER, pc, pc + 4, 1000).insn(FlowClass.JUMP, pc + 4, 0x1000, 1001);
    List<String> packets = allPackets();
    assertEquals(
        List.of("Overflow", "A-Sync", "Trace Info info 0x00", "Trace On", "To 64-bit 0x444444240003c004 EL1",
            "Atom F1 E",
            "Exception 1 (debug halt), return to 64-bit 0x1000"),
        packets.subList(packets.indexOf("Overflow"), packets.size()));
  }

  @Test
  void behindAnOverflowTheSecondTimestampStandsBehindTheFirstCycleCount() {
    with("cid", 0).with("cci_threshold", 10).with("fifo_bytes", 256).with("drain_bytes", 16).with("sync_period", 0);
    long pc = 0x1000;
    for (int i = 0; i < 60; i++) {
      long next = 0x0123_4567_0000_1000L * (i + 1);
      insn(FlowClass.INDIRECT_JUMP, pc, next, 1);
      pc = next;
    }
    for (long time : new long[] {1000, 1004, 1012, 1030}) {
      insn(FlowClass.JUMP, pc, pc, time);
    }
    List<String> packets = packets();
    assertEquals(
        List.of("Atom F1 E", "Timestamp 0x3e8", "Atom F2 EE", "Cycle Count F1 cycles unknown",
            "Timestamp 0x3f4, cycles 0", "Atom F1 E", "Cycle Count F2 cycles 18"),
        packets.subList(packets.size() - 7, packets.size()));
  }

  @Test
  void optionsAreChecked() {
    Map<String, Long> wrong = Map.of("cci_threshold", 3L);
    assertEquals("etm option cci_threshold: 3 is not within 4..4095",
        assertThrows(IllegalArgumentException.class, () -> Units.configure(protocol, wrong))
            .getMessage());
    Map<String, Long> small = Map.of("fifo_bytes", 255L);
    assertEquals("ete option fifo_bytes: 255 is neither 0 nor 256 or more",
        assertThrows(IllegalArgumentException.class, () -> Units.configure(new EteProtocol(), small))
            .getMessage());
  }
}
