package dev.crosspatch.tracer.pt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.tracer.program.DecodedFlow;
import dev.crosspatch.tracer.program.FlowIsa;
import dev.crosspatch.tracer.program.ProgramRun;
import dev.crosspatch.tracer.program.Traced;
import dev.crosspatch.tracer.text.Poke;
import dev.crosspatch.tracer.text.PokeLog;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Truth to packets to truth: random programs, random runs, every option.
class PtFlowTest {
  private static final PtProtocol PT = new PtProtocol();
  private static final int SEEDS = 12;

  private static Traced trace(long seed, ProgramRun.Plan plan, Map<String, Long> changed) {
    return Traced.run(PT, FlowIsa.BYTES, seed, plan, changed);
  }

  private static void assertExact(long seed, ProgramRun.Plan plan, Map<String, Long> changed) {
    trace(seed, plan, changed).assertExact();
  }

  private static final ProgramRun.Plan PLAIN = new ProgramRun.Plan(5000, 200, 0, false, 0);
  private static final ProgramRun.Plan PATCHED = new ProgramRun.Plan(8000, 300, 40, true, 0);

  @ParameterizedTest
  @ValueSource(strings = {"cyc=1", "cyc=0", "cyc=0,mtc=0", "timeless=1", "ret_compression=0", "long_tnt=1",
      "psb_period=256", "psb_period=0",
      "cyc_threshold=16", "mtc_period=0", "ctc_numerator=84,ctc_denominator=2", "ctc_numerator=7,ctc_denominator=3",
      "tsc=0", "mtc=0"})
  void unchangingTextDecodesExactly(String options) {
    for (long seed = 0; seed < SEEDS; seed++) {
      assertExact(seed, PLAIN, Traced.options(options));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"cyc=1", "ret_compression=0", "long_tnt=1", "psb_period=256", "psb_period=0", "mtc=0",
      "ctc_numerator=7,ctc_denominator=3"})
  void patchedTextDecodesExactlyWithCycles(String options) {
    int pokes = 0;
    for (long seed = 0; seed < SEEDS; seed++) {
      assertExact(seed, PATCHED, Traced.options(options));
      pokes += trace(seed, PATCHED, Traced.options(options)).run().pokeCount();
    }
    assertTrue(pokes > 100, "only " + pokes + " pokes");
  }

  @Test
  void sleepDecodesExactly() {
    for (long seed = 0; seed < SEEDS; seed++) {
      assertExact(seed, new ProgramRun.Plan(4000, 200, 40, true, 100_000), Map.of());
      assertExact(seed, new ProgramRun.Plan(4000, 200, 0, true, 100_000), Map.of("cyc", 0L));
    }
  }

  /// With coarse time or none the decoder may say that it does not know; what it says before that is true.
  @ParameterizedTest
  @ValueSource(strings = {"cyc=0", "cyc=0,mtc=0", "timeless=1", "cyc_threshold=16", "timeless=1,psb_period=0",
      "cyc=0,psb_period=256"})
  void coarseTimeIsNeverWrongInSilence(String options) {
    int sure = 0;
    for (long seed = 0; seed < 4; seed++) {
      sure += trace(seed, new ProgramRun.Plan(2500, 300, 60, true, 0), Traced.options(options)).assertSureIsTrue();
      sure += trace(seed, new ProgramRun.Plan(2500, 300, 60, false, 0), Traced.options(options)).assertSureIsTrue();
    }
    assertTrue(sure > 200, "only " + sure);
  }

  /// A poke that is missing from the log shows: in the log itself, or as a problem, or else nothing ran that it
  /// changed.
  @Test
  void missingPokeShows() {
    int shown = 0;
    for (long seed = 0; seed < SEEDS; seed++) {
      Traced traced = trace(seed, PATCHED, Map.of());
      List<Poke> pokes = traced.run().pokes().pokes();
      PokeLog log = new PokeLog();
      int missing = pokes.size() / 2;
      for (int i = 0; i < pokes.size(); i++) {
        if (i != missing) {
          log.add(pokes.get(i));
        }
      }
      shown += traced.shows(log) ? 1 : 0;
    }
    assertTrue(shown >= SEEDS * 3 / 4, "shown in " + shown + " of " + SEEDS);
  }

  @Test
  void overflowLosesPacketsAndSaysSo() {
    int gaps = 0;
    for (long seed = 0; seed < SEEDS; seed++) {
      Traced traced = trace(seed, PATCHED, Map.of("fifo_bytes", 256L, "drain_bytes", 1L));
      DecodedFlow flow = traced.decode();
      assertEquals(List.of(), flow.problems());
      long overflows = flow.lines().stream().filter(l -> l.equals("~ OVERFLOW")).count();
      assertEquals(traced.overflows(), overflows);
      traced.assertPieces(flow.lines());
      gaps += (int) overflows;
    }
    assertTrue(gaps > 20, "only " + gaps);
  }

  @Test
  void traceEndsAtItsMostBytes() {
    Traced traced = trace(1, PLAIN, Map.of("max_bytes", 1000L));
    DecodedFlow flow = traced.decode();
    assertEquals(List.of(), flow.problems());
    assertTrue(traced.trace().length >= 1000 && traced.trace().length < 1100, "bytes: " + traced.trace().length);
    List<String> decoded = flow.untilProblem();
    traced.assertSame(traced.run().truth().subList(0, decoded.size()), decoded);
  }

  @Test
  void equalRunsGiveEqualBytes() {
    assertArrayEquals(trace(3, PATCHED, Map.of()).trace(), trace(3, PATCHED, Map.of()).trace());
  }

  /// Damaged traces give problems, never exceptions, and the decoder comes back.
  @Test
  void damagedTraceIsTakenUpAgain() {
    Traced traced = trace(5, PLAIN, Map.of("psb_period", 256L));
    Random random = new Random(5);
    for (int i = 0; i < 200; i++) {
      byte[] damaged = traced.trace().clone();
      damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
      DecodedFlow flow = traced.with(damaged).decode(new PokeLog());
      assertTrue(flow.lines().size() > 1000, "lines: " + flow.lines().size());
    }
  }

  @Test
  void ruinedTraceOfPatchedTextEnds() {
    int problems = trace(5, PATCHED, Map.of("psb_period", 256L)).problemsOfRuins(6);
    assertTrue(problems > 300, "problems: " + problems);
  }
}
