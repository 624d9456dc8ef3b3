package dev.crosspatch.sim.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.event.Event.StaleExecution;
import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.Json;
import dev.crosspatch.sim.run.Checked;
import dev.crosspatch.sim.run.GuestEnd;
import dev.crosspatch.sim.run.RunConfig;
import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.run.RunFiles;
import dev.crosspatch.sim.run.Truth;
import dev.crosspatch.sim.scenario.FailureKind;
import dev.crosspatch.sim.scenario.Verdict;
import dev.crosspatch.tracer.text.Poke;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Every stale execution is held against the contract, however many there were before it.
final class StaleRecordsTest {
  /// More than were once kept.
  private static final int MANY = 100_000;
  @TempDir static Path dir;
  private static Path out;
  private static RunConfig config;
  private static Poke poke;

  @BeforeAll
  static void run() throws IOException {
    out = dir.resolve("out");
    config = SmallRun.into(out);
    poke = directory(Checked.UNKNOWN).pokes().pokes().getFirst();
  }

  private static RunDirectory directory(long met) {
    return new RunDirectory(out, config, Truth.WHOLE, new Checked(true, met, 0));
  }

  /// The old instruction of the first poke, on CPU 1, at this tick.
  private static StaleExecution old(long ticks) {
    return new StaleExecution(1, config.cycles(ticks), poke.address(), poke.before(), poke.after());
  }

  /// So many records of the old instruction before the poke's time, then one more.
  private static void write(int count, StaleExecution last) throws IOException {
    String before = line(old(poke.time()));
    try (BufferedWriter file = Files.newBufferedWriter(out.resolve(RunFiles.STALE))) {
      for (int i = 0; i < count; i++) {
        file.write(before);
      }
      file.write(line(last));
    }
  }

  private static String line(StaleExecution s) {
    return "{\"cpu\":%d,\"cycle\":%d,\"address\":\"%s\",\"executed\":\"%s\",\"memory\":\"%s\"}\n".formatted(
        s.cpu(), s.cycle(), Json.address(s.address()), Json.hex(s.executed()), Json.hex(s.memory()));
  }

  private static Verification verify(RunDirectory run) {
    return new Verification(run, new GuestEnd(FailureKind.EXIT, -1, -1, 0, 0, "exit 0"), null, v -> {}, cpu -> {});
  }

  @Test
  void theOnlyViolationLiesBehindAHundredThousandOthers() throws IOException {
    write(MANY, old(poke.time() + 1));
    Verification verification = verify(directory(MANY + 1));
    assertFalse(verification.verdict() == Verdict.PASS);
    assertEquals(new Checked(true, MANY + 1, 1), verification.checked());
    assertEquals(FailureKind.OLD_AFTER_EVENT, verification.firstFailure().orElseThrow().kind());
  }

  @Test
  void itsTwinBreaksNothing() throws IOException {
    write(MANY, old(poke.time()));
    Verification verification = verify(directory(MANY + 1));
    assertTrue(verification.verdict() == Verdict.PASS, () -> verification.firstFailure().toString());
    assertEquals(new Checked(true, MANY + 1, 0), verification.checked());
  }

  @Test
  void recordsThatAreMissingAreMissed() throws IOException {
    write(3, old(poke.time()));
    assertTrue(verify(directory(4)).verdict() == Verdict.PASS);
    BadInput bad = assertThrows(BadInput.class, () -> verify(directory(5)));
    assertEquals(out.resolve(RunFiles.STALE) + ": has 4 stale executions, but the run met 5 (summary.json)",
        bad.line());
  }
}
