package dev.crosspatch.sim.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.core.event.RetireBatch;
import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.core.mem.Instruction;
import dev.crosspatch.sim.mechanism.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Spans from rows, by hand: every row takes ten cycles and is an instruction of four bytes.
class SpanLogTest {
  private static final long FLIP = 0x8000;
  private static final long SYNC = 0x8100;

  private final List<String> told = new ArrayList<>();
  private final RetireBatch batch = new RetireBatch();
  private long time;
  private final SpanLog log = new SpanLog(Map.of(Span.FLIP, List.of(FLIP), Span.SYNC, List.of(SYNC)),
      new SpanLog.Listener() {
        @Override
        public void begun(Span span, long cycle) {
          told.add(span.label() + " " + cycle);
        }

        @Override
        public void ended(Span span, long begin, long end) {
          told.add(span.label() + " " + begin + ".." + end);
        }
      });

  private SpanLogTest row(FlowClass flow, long pc, long next) {
    time += 10;
    batch.add(RetireRow.INSN, pc, next, time, 4 | flow.ordinal() << Instruction.FLOW_SHIFT);
    log.retired(batch); // each in a batch of its own
    batch.clear();
    return this;
  }

  private SpanLogTest call(long from, long to) {
    return row(FlowClass.CALL, from, to);
  }

  private SpanLogTest ret(long to) {
    return row(FlowClass.RETURN, 0x9ffc, to);
  }

  private void assertTold(String... expected) {
    assertEquals(List.of(expected), told);
  }

  @Test
  void fromTheCallToTheReturn() {
    call(0x1000, 0x2000).call(0x2000, FLIP).row(FlowClass.OTHER, FLIP, FLIP + 4).call(FLIP + 4, 0x9000).ret(FLIP + 8)
        .ret(0x2004).ret(0x1004);
    assertTold("flip 20", "flip 20..60");
  }

  @Test
  void withinOneAnother() {
    call(0x1000, FLIP).call(FLIP, SYNC).ret(FLIP + 4).call(FLIP + 4, SYNC).ret(FLIP + 8).ret(0x1004);
    assertTold("flip 10", "sync 20", "sync 20..30", "sync 40", "sync 40..50", "flip 10..60");
  }

  /// The last call of a function may be a jump; it returns for both.
  @Test
  void functionsThatAreJumpedTo() {
    call(0x1000, 0x2000).row(FlowClass.JUMP, 0x2000, FLIP).call(FLIP, 0x7000).row(FlowClass.JUMP, 0x7000, SYNC)
        .call(SYNC, 0x9000).ret(SYNC + 4).ret(FLIP + 4).ret(0x1004);
    assertTold("flip 20", "sync 40", "sync 40..70", "flip 20..80");
  }

  /// x86's sync_core comes back by IRET.
  @Test
  void returnsThatAreNoReturns() {
    row(FlowClass.JUMP, 0x1000, FLIP).call(FLIP, SYNC).call(SYNC, 0x9000)
        .row(FlowClass.TRAP_RETURN, 0x9000, SYNC + 4).ret(FLIP + 4).ret(0x1004);
    assertTold("flip 10", "sync 20", "sync 20..50", "flip 10..60");
  }

  /// What comes back to a function's first instruction from an interrupt does not call it, nor does its own loop.
  @Test
  void interrupts() {
    call(0x1000, FLIP);
    batch.add(RetireRow.INTERRUPT, FLIP, 0x5000, time, 0);
    call(0x5000, 0x5100).ret(0x5004).row(FlowClass.TRAP_RETURN, 0x5004, FLIP)
        .row(FlowClass.COND_BRANCH, FLIP + 4, FLIP).ret(0x1004);
    assertTold("flip 10", "flip 10..60");
  }

  @Test
  void aCallWithinASpanOfTheSameKindBelongsToIt() {
    call(0x1000, FLIP).call(FLIP + 4, FLIP).ret(FLIP + 8).ret(0x1004);
    assertTold("flip 10", "flip 10..40");
  }

  @Test
  void functionsThatAreJumpedToThroughAPointer() {
    call(0x1000, 0x2000).row(FlowClass.INDIRECT_JUMP, 0x2000, FLIP).ret(0x1004);
    call(0x1000, 0x2000).row(FlowClass.INDIRECT_CALL, 0x2000, FLIP).ret(0x2004).ret(0x1004);
    assertTold("flip 20", "flip 20..30", "flip 50", "flip 50..60");
  }

  /// Of more calls than there is room for the youngest are kept.
  @Test
  void manyCalls() {
    row(FlowClass.JUMP, 0x1000, FLIP);
    for (int i = 0; i < 70; i++) {
      call(0x20000 + 16 * i, 0x20010 + 16 * i);
    }
    for (int i = 69; i >= 6; i--) {
      ret(0x20004 + 16 * i);
    }
    assertTold("flip 10");
  }

  /// What a call has left, and no return has dropped, goes with the span.
  @Test
  void aSpanBeginsWithoutCallsOfTheOneBefore() {
    for (int i = 0; i < 2; i++) {
      row(FlowClass.JUMP, 0x1000, FLIP).call(FLIP, 0x9000).row(FlowClass.TRAP_RETURN, 0x9000, FLIP + 4).ret(0x1004);
    }
    row(FlowClass.JUMP, 0x1000, FLIP).ret(0x1004);
    assertTold("flip 10", "flip 10..40", "flip 50", "flip 50..80", "flip 90", "flip 90..100");
  }

  /// A return drops what calls behind its own have left. What ends at once ends from the inside.
  @Test
  void aReturnDropsWhatIsLeft() {
    row(FlowClass.JUMP, 0x1000, FLIP).call(FLIP, 0x9000).call(0x9000, 0x9100)
        .row(FlowClass.TRAP_RETURN, 0x9100, 0x9004).ret(FLIP + 4).row(FlowClass.JUMP, FLIP + 4, SYNC).ret(0x1004);
    assertTold("flip 10", "sync 60", "sync 60..70", "flip 10..70");
  }

  @Test
  void whatNeverReturns() {
    call(0x1000, FLIP).call(FLIP, 0x9000).row(FlowClass.OTHER, 0x9000, 0x9004);
    assertTold("flip 10");
    assertEquals(List.of(true, false), List.of(log.isWithin(Span.FLIP), log.isWithin(Span.SYNC)));
  }
}
