package dev.crosspatch.isa.arm64;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.cpu.Meeting;
import dev.crosspatch.core.event.RetireBatch;
import dev.crosspatch.core.machine.RunLimits;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What reaches other cores, or comes from them, is done at or behind the time to which those have run ahead.
class Arm64MeetingTest {
  /// Cycles, more than all that a core does before.
  private static final int AHEAD = 100_000;
  private static final int BRANCH_TO_SELF = 0x14000000;
  /// Rs of exclusive stores is X1.
  private static final int STATUS = 1 << 16;
  private static final long DATA = 0x40_0000;

  private final Arm64Lab lab = new Arm64Lab(2, "max");
  private long done;

  /// When core 1 has executed a word, behind whose time core 0 is already.
  private long timeOf(int word) {
    lab.load(0, BRANCH_TO_SELF, word, BRANCH_TO_SELF);
    lab.core(1).pc = Arm64Lab.TEXT + 4;
    lab.core(1).eventRegister = true;
    lab.core(1).r[0] = DATA;
    lab.mapUser(DATA, 0);
    lab.machine.leaveOut(Meeting.REFILL);
    lab.machine.attach(1, this::retired);
    lab.machine.run(new RunLimits(2L * AHEAD, Long.MAX_VALUE, 0, AHEAD));
    return done;
  }

  private void retired(RetireBatch batch) {
    for (int i = 0; i < batch.rows(); i++) {
      done = batch.row(i).pc == Arm64Lab.TEXT + 4 ? batch.row(i).time : done;
    }
  }

  @ParameterizedTest
  @CsvSource({
      "TLBI VMALLE1IS, TRANSLATION",
      "SEV,            EVENT",
      "WFE,            EVENT",
      "STXR,           MONITOR",
      "IC IALLUIS,     MAINTENANCE",
  })
  void coresMeet(String row, Meeting where) {
    int word = Arm64Lab.word(row, 31) | (where == Meeting.MONITOR ? STATUS : 0);
    assertTrue(timeOf(word) >= AHEAD, () -> row + " at " + done);
    Arm64MeetingTest without = new Arm64MeetingTest();
    without.lab.machine.leaveOut(where);
    assertTrue(without.timeOf(word) < AHEAD, () -> row + " at " + without.done);
  }
}
