package dev.crosspatch.sim.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.crosspatch.core.event.RetireBatch;
import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.sim.truth.TruthLog;
import dev.crosspatch.sim.truth.TruthReader;
import dev.crosspatch.tracer.flow.Elements;
import dev.crosspatch.tracer.flow.FlowListener.Gap;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class FlowComparisonTest {
  private static final int ROWS = 2000;

  /// Addresses of a truth of `ROWS` instructions that never repeats a stretch.
  private static final long[] TRUTH = new SplittableRandom(7).longs(ROWS, 0x1000, 0x100000).toArray();

  private static FlowComparison comparison() {
    return comparison(TRUTH);
  }

  /// Ten cycles an instruction.
  private static FlowComparison comparison(long[] truth) {
    RetireBatch batch = new RetireBatch();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    TruthLog log = new TruthLog(bytes::write);
    for (int i = 0; i < truth.length; i++) {
      batch.clear();
      batch.add(RetireRow.INSN, truth[i], 0, 10L * i, 0);
      log.retired(batch);
    }
    log.end();
    return new FlowComparison(new TruthReader("truth", bytes.toByteArray()), ticks -> ticks);
  }

  private static void feed(FlowComparison c, int from, int to) {
    for (int i = from; i < to; i++) {
      c.instruction(TRUTH[i]);
    }
  }

  @Test
  void equalFlowsAgreeEverywhere() {
    FlowComparison c = comparison();
    feed(c, 0, ROWS);
    c.finish();
    assertEquals(ROWS, c.matched());
    assertEquals(0, c.mismatches());
    assertNull(c.first());
  }

  @Test
  void oneWrongInstructionIsOneOnEachSide() {
    FlowComparison c = comparison();
    feed(c, 0, 500);
    c.instruction(1);
    feed(c, 501, ROWS);
    c.finish();
    assertEquals(2, c.mismatches());
    var first = c.first();
    assertNotNull(first);
    assertEquals(500, first.index());
    assertEquals(TRUTH[500], first.expected());
    assertEquals(1, first.decoded());
  }

  @Test
  void skippedInstructionsAreMissed() {
    FlowComparison c = comparison();
    feed(c, 0, 500);
    feed(c, 700, ROWS);
    c.finish();
    assertEquals(200, c.mismatches());
    assertEquals(0, c.lost());
  }

  @Test
  void aFlowThatEndsEarlyMissesTheRest() {
    FlowComparison c = comparison();
    feed(c, 0, 1500);
    c.finish();
    assertEquals(500, c.mismatches());
  }

  @Test
  void aFlowThatGoesOnTooLongIsWrong() {
    FlowComparison c = comparison();
    feed(c, 0, ROWS);
    c.instruction(1);
    c.instruction(2);
    c.finish();
    assertEquals(2, c.mismatches());
  }

  @Test
  void aGapThatTheTraceAdmitsIsLostAndNotWrong() {
    FlowComparison c = comparison();
    feed(c, 0, 500);
    c.gap(TRUTH[700], Gap.OVERFLOW, 7000);
    feed(c, 700, ROWS);
    c.finish();
    assertEquals(0, c.mismatches());
    assertEquals(200, c.lost());
    assertEquals(1, c.gaps());
  }

  @Test
  void wrongInstructionsBehindAGapAreStillWrong() {
    FlowComparison c = comparison();
    feed(c, 0, 500);
    c.gap(TRUTH[700], Gap.OVERFLOW, 7000);
    feed(c, 700, 1200);
    c.instruction(1);
    feed(c, 1201, ROWS);
    c.finish();
    assertEquals(2, c.mismatches());
    assertEquals(200, c.lost());
  }

  @Test
  void aDiversionMustAgreeInBothAddresses() {
    FlowComparison c = comparison();
    feed(c, 0, 500);
    c.diverted(TRUTH[500], 0x42);
    feed(c, 501, ROWS);
    c.finish();
    assertEquals(2, c.mismatches());
  }

  @Test
  void aGapMayLoseAnyNumberOfInstructions() {
    long[] truth = new SplittableRandom(8).longs(200_000, 0x1000, 0x100000).toArray();
    FlowComparison c = comparison(truth);
    c.gap(truth[150_000], Gap.OVERFLOW, 1_500_000);
    for (int i = 150_000; i < truth.length; i++) {
      c.instruction(truth[i]);
    }
    c.finish();
    assertEquals(0, c.mismatches());
    assertEquals(150_000, c.lost());
  }

  /// A loop of ten instructions, left behind row 1900.
  private static long[] loop() {
    long[] truth = TRUTH.clone();
    Arrays.setAll(truth, i -> i < 1900 ? 0x1000 + i % 10 * 4L : TRUTH[i]);
    return truth;
  }

  /// Without time every turn of a loop may be the one behind the gap; only the way out of the loop tells.
  @Test
  void theWayOutOfALoopTellsWhichTurnAGapEndedIn() {
    long[] truth = loop();
    FlowComparison c = comparison(truth);
    c.gap(truth[1500], Gap.OVERFLOW, Long.MIN_VALUE);
    for (int i = 1500; i < ROWS; i++) {
      c.instruction(truth[i]);
    }
    c.finish();
    assertEquals(0, c.mismatches());
    assertEquals(1500, c.lost());
  }

  /// The same where what is decoded first is wrong: which turn it was tells the way out all the same.
  @Test
  void aWrongInstructionBehindAGapDoesNotHideWhichTurnItWas() {
    long[] truth = loop();
    FlowComparison c = comparison(truth);
    c.gap(truth[1500], Gap.OVERFLOW, Long.MIN_VALUE);
    c.instruction(truth[1500]);
    c.instruction(1);
    for (int i = 1502; i < ROWS; i++) {
      c.instruction(truth[i]);
    }
    c.finish();
    assertEquals(1500, c.lost());
    assertEquals(2, c.mismatches());
    var first = c.first();
    assertNotNull(first);
    assertEquals(1501, first.index());
  }

  @Test
  void aFlowThatIsWrongForLongIsFoundAgain() {
    long[] truth = new SplittableRandom(9).longs(30_000, 0x1000, 0x100000).toArray();
    FlowComparison c = comparison(truth);
    for (int i = 0; i < 10_000; i++) {
      c.instruction(1);
    }
    for (int i = 10_000; i < truth.length; i++) {
      c.instruction(truth[i]);
    }
    c.finish();
    assertEquals(20_000, c.mismatches());
    assertEquals(20_000, c.matched());
  }

  /// The trace says where it stopped: the rest is lost, and that is a gap.
  @Test
  void whatRanBehindTheStopIsLost() {
    for (long address : new long[] {TRUTH[900], Elements.UNKNOWN}) {
      FlowComparison c = comparison();
      feed(c, 0, 900);
      c.stopped(address, 9000);
      c.finish();
      assertEquals(0, c.mismatches());
      assertEquals(ROWS - 900, c.lost());
      assertEquals(1, c.gaps());
      assertNull(c.first());
    }
  }

  /// Its twin: a wrong flow before the stop, and one that ends before it, are as wrong as ever.
  @Test
  void aWrongFlowBeforeTheStopIsWrong() {
    FlowComparison c = comparison();
    feed(c, 0, 500);
    c.instruction(1);
    feed(c, 501, 900);
    c.stopped(TRUTH[900], 9000);
    c.finish();
    assertEquals(2, c.mismatches());
    assertEquals(ROWS - 900, c.lost());
    FlowComparison early = comparison();
    feed(early, 0, 700);
    early.stopped(TRUTH[900], 9000);
    early.finish();
    assertEquals(200, early.mismatches());
    FlowComparison elsewhere = comparison();
    feed(elsewhere, 0, 900);
    elsewhere.stopped(1, 9000);
    elsewhere.finish();
    assertEquals(ROWS - 900, elsewhere.mismatches());
    assertEquals(0, elsewhere.lost());
  }

  /// Where nothing ran behind it, as at the end of every run, there is no gap.
  @Test
  void theStopAtTheEndLosesNothing() {
    FlowComparison c = comparison();
    feed(c, 0, ROWS);
    c.stopped(0x1000, 10L * ROWS);
    c.finish();
    assertEquals(0, c.gaps());
    assertEquals(0, c.lost());
  }
}
