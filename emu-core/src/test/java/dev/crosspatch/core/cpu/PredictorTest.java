package dev.crosspatch.core.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.core.time.Geometry;
import dev.crosspatch.core.time.Grade;
import dev.crosspatch.core.time.TimingModel;
import dev.crosspatch.core.time.TimingTable;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;

/// Which branches counters alone get right, and which only history does.
final class PredictorTest {
  private static final long PC = 0xffff_ffff_8100_0040L;
  private static final int BRANCHES = 20_000;
  private static final int LEARNT = 10_000;

  private static Predictor predictor(String tagged) {
    return new Predictor(new TimingModel(TimingTable.read("micro", name -> Objects.requireNonNull(
        PredictorTest.class.getResourceAsStream("/dev/crosspatch/timing/" + name + ".tsv")))
        .with(Map.of("TAGGED", tagged)), Grade.ADDITIVE), null);
  }

  /// Share of a branch that is predicted wrong, once it is learnt.
  ///
  /// @param taken whether the n-th time
  private static double wrong(String tagged, IntPredicate taken) {
    Predictor predictor = predictor(tagged);
    long before = 0;
    for (int i = 0; i < BRANCHES; i++) {
      before = i == LEARNT ? predictor.mispredicts : before;
      predictor.conditional(PC, taken.test(i));
    }
    return (double) (predictor.mispredicts - before) / (BRANCHES - LEARNT);
  }

  @Test
  void aLoopOfFortyEndsAsForetold() {
    assertEquals(1 / 40.0, wrong("0x0", i -> i % 40 != 39), 0.001, "counters miss each end");
    assertEquals(0, wrong("1024x6", i -> i % 40 != 39), 0.001);
  }

  @Test
  void alternationNeedsHistory() {
    assertTrue(wrong("0x0", i -> (i & 1) == 0) > 0.4);
    assertEquals(0, wrong("1024x6", i -> (i & 1) == 0), 0.001);
  }

  @Test
  void chanceIsNotLearnt() {
    Random random = new Random(20191101);
    double wrong = wrong("1024x6", i -> random.nextInt(4) != 0);
    assertTrue(wrong > 0.2 && wrong < 0.4, "a quarter at least, and not much more: " + wrong);
  }

  /// A branch that goes as the one before it went, of many in turn: tags keep them apart.
  @Test
  void branchesAreToldByWhatOthersDid() {
    Predictor predictor = predictor("1024x6");
    Random random = new Random(1);
    long missed = 0;
    for (int i = 0; i < BRANCHES; i++) {
      boolean taken = random.nextBoolean();
      predictor.conditional(PC + 64L * (i % 7), taken);
      long before = predictor.mispredicts;
      predictor.conditional(PC + 0x1000 + 64L * (i % 7), taken);
      missed += i < LEARNT ? 0 : predictor.mispredicts - before;
    }
    assertEquals(0, (double) missed / (BRANCHES - LEARNT), 0.02);
  }

  @Test
  void targetsOfAnIndirectBranchGoByHistory() {
    for (String tagged : new String[] {"0x0", "1024x6"}) {
      Predictor predictor = predictor(tagged);
      for (int i = 0; i < BRANCHES; i++) {
        predictor.conditional(PC, i % 3 == 0);
        predictor.indirect(FlowClass.INDIRECT_JUMP.ordinal(), PC + 16, PC + 18, PC + 256L * (i % 3));
      }
      double wrong = (double) predictor.mispredicts / BRANCHES;
      assertTrue(tagged.equals("0x0") ? wrong > 0.9 : wrong < 0.05, tagged + ": " + wrong);
    }
  }

  @Test
  void whatWasUsedLastStays() {
    RecentlyUsed known = new RecentlyUsed(new Geometry(2, 2));
    assertEquals(false, known.touch(4));
    assertEquals(false, known.touch(6));
    assertEquals(true, known.touch(4));
    assertEquals(false, known.touch(8), "in place of 6");
    assertEquals(true, known.touch(4));
    assertEquals(false, known.touch(6));
    assertEquals(false, known.touch(5), "the other set");
  }
}
