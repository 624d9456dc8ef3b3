package dev.crosspatch.sim.truth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.event.RetireBatch;
import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.sim.BadInput;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TruthLogTest {
  private static final int ROWS = RetireBatch.CAPACITY;

  private static RetireBatch random(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    RetireBatch batch = new RetireBatch();
    long time = 0;
    for (int i = 0; i < ROWS; i++) {
      time += random.nextInt(50);
      int kind = random.nextInt(10) == 0 ? 1 + random.nextInt(RetireRow.CALL) : RetireRow.INSN;
      long pc = random.nextBoolean() ? 0xffffffff81000000L + random.nextInt(1 << 20) : random.nextInt(1 << 24);
      batch.add(kind, pc, 0xffffffff81000000L + random.nextInt(1 << 20), time, 0);
    }
    return batch;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void readsBackWhatItWrote(long seed) {
    RetireBatch batch = random(seed);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    TruthLog log = new TruthLog(bytes::write);
    log.retired(batch);
    log.end();
    TruthReader reader = new TruthReader("truth/cpu0.log", bytes.toByteArray());
    for (int i = 0; i < ROWS; i++) {
      RetireRow row = batch.run(i);
      assertTrue(reader.next(), "seed " + seed + " row " + i);
      assertEquals(row.kind(), reader.kind());
      assertEquals(row.pc, reader.address());
      if (!reader.isInstruction()) {
        assertEquals(row.next, reader.target());
      }
      assertTrue(reader.time() <= row.time && row.time < reader.time() + TruthReader.TIME_GRAIN,
          "seed " + seed + " row " + i);
    }
    assertFalse(reader.next());
    assertEquals(log.count() - 1, reader.index());
  }

  @Test
  void asTracedItHasNoLowBits() {
    RetireBatch batch = new RetireBatch();
    batch.add(RetireRow.INSN, 0x1000, 0, 1, 0);
    batch.add(RetireRow.FAULT, 0xaa1e03e9d503201fL, 0x2000, 2, 0);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    TruthLog log = new TruthLog(bytes::write);
    log.retired(batch);
    log.end();
    TruthReader reader = new TruthReader("x.log", bytes.toByteArray()).asTraced(4);
    assertTrue(reader.next());
    assertTrue(reader.next());
    assertEquals(0xaa1e03e9d503201cL, reader.address());
    assertEquals(0x2000, reader.copy().target());
  }

  /// A version, and that the next row stands elsewhere, are heard on the way to that row, at their own times; behind a
  /// mark every row's time is exact.
  @Test
  void tellsVersionsAndExactTimes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    TruthLog log = new TruthLog(bytes::write);
    long marked = 1000;
    for (long time = 1; time < 2000; time += 3) {
      RetireBatch batch = new RetireBatch();
      batch.add(RetireRow.INSN, 0x1000 + time, 0, time, 0);
      log.retired(batch);
      if (time == 301) {
        log.version(302, 77);
        log.stale(303);
      } else if (time >= marked && time < marked + 3) {
        log.mark(time + 40);
      }
    }
    log.end();
    List<String> heard = new ArrayList<>();
    TruthReader reader = new TruthReader("x.log", bytes.toByteArray());
    reader.hearText(number -> heard.add(number + " at " + reader.time() + " behind " + reader.index()));
    long exact = 0;
    while (reader.next()) {
      long time = reader.address() - 0x1000;
      exact += reader.time() == time ? 1 : 0;
      assertTrue(time <= marked + 2 || time > marked + 40 + TruthReader.TIME_GRAIN || reader.time() == time,
          "time " + time);
    }
    assertEquals(List.of("77 at 302 behind 100", "0 at 303 behind 100"), heard);
    assertTrue(exact < 150, "elsewhere times are coarse");
  }

  @Test
  void refusesWhatIsNoLog() {
    var e = assertThrows(BadInput.class, () -> new TruthReader("x.log", "nonsense".getBytes(StandardCharsets.UTF_8)));
    assertEquals("x.log: not a truth log (it does not start with CPTRUTH2)", e.getMessage());
  }

  @Test
  void aLogCutWithinANumberSaysWhere() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    TruthLog log = new TruthLog(bytes::write);
    log.retired(random(1));
    log.end();
    byte[] cut = Arrays.copyOf(bytes.toByteArray(), 10);
    cut[9] = (byte) 0x80;
    TruthReader reader = new TruthReader("x.log", cut);
    var e = assertThrows(BadInput.class, () -> {
      while (reader.next()) {}
    });
    assertEquals("x.log: byte 0xa: the log ends within a number", e.getMessage());
  }
}
