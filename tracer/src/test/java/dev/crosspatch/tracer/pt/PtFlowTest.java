package dev.crosspatch.tracer.pt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.tracer.flow.FlowDecoder;
import dev.crosspatch.tracer.text.Poke;
import dev.crosspatch.tracer.text.PokeLog;
import dev.crosspatch.tracer.text.TextTimeline;
import dev.crosspatch.tracer.toy.DecodedFlow;
import dev.crosspatch.tracer.toy.ToyIsa;
import dev.crosspatch.tracer.toy.ToyRun;
import dev.crosspatch.tracer.toy.ToyWorld;
import java.util.Collections;
import java.util.LinkedHashMap;
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

  /// A traced run.
  private record Traced(ToyWorld world, ToyRun run, byte[] trace, int overflows, Map<String, Long> options) {
    DecodedFlow decode(PokeLog pokes) {
      DecodedFlow flow = new DecodedFlow();
      TextTimeline text = new TextTimeline(ToyIsa.TOY, world.image(), pokes);
      assertEquals(List.of(), text.conflicts());
      new FlowDecoder(PT, text, flow).decode(PT.reader(trace, options));
      return flow;
    }
  }

  private static Traced trace(long seed, ToyRun.Plan plan, Map<String, Long> changed) {
    Map<String, Long> options = new LinkedHashMap<>(PT.options());
    options.putAll(changed);
    ToyWorld world = new ToyWorld(seed, 8);
    var unit = PT.unit(ToyIsa.TOY, 0, options);
    ToyRun run = new ToyRun(world, plan, seed + 1, unit).run();
    return new Traced(world, run, unit.bytes(), unit.overflows(), options);
  }

  private static void assertExact(long seed, ToyRun.Plan plan, Map<String, Long> changed) {
    Traced traced = trace(seed, plan, changed);
    DecodedFlow flow = traced.decode(traced.run().pokes());
    assertEquals(List.of(), flow.problems(), () -> "seed " + seed);
    assertSame(seed, traced.run().truth(), flow.untilProblem());
  }

  private static void assertSame(long seed, List<String> truth, List<String> decoded) {
    int n = Math.min(truth.size(), decoded.size());
    for (int i = 0; i < n; i++) {
      int row = i;
      assertEquals(truth.get(i), decoded.get(i), () -> "seed " + seed + " row " + row);
    }
    assertEquals(truth.size(), decoded.size(), () -> "seed " + seed);
  }

  private static final ToyRun.Plan PLAIN = new ToyRun.Plan(5000, 200, 0, false, 0);
  private static final ToyRun.Plan PATCHED = new ToyRun.Plan(8000, 300, 40, true, 0);

  @ParameterizedTest
  @ValueSource(strings = {"cyc=1", "cyc=0", "cyc=0,mtc=0", "timeless=1", "ret_compression=0", "long_tnt=1", "psb_period=256", "psb_period=0",
      "cyc_threshold=16", "mtc_period=0", "ctc_numerator=84,ctc_denominator=2", "ctc_numerator=7,ctc_denominator=3", "tsc=0", "mtc=0"})
  void unchangingTextDecodesExactly(String options) {
    for (long seed = 0; seed < SEEDS; seed++) {
      assertExact(seed, PLAIN, parse(options));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"cyc=1", "ret_compression=0", "long_tnt=1", "psb_period=256", "psb_period=0", "mtc=0", "ctc_numerator=7,ctc_denominator=3"})
  void patchedTextDecodesExactlyWithCycles(String options) {
    int pokes = 0;
    for (long seed = 0; seed < SEEDS; seed++) {
      assertExact(seed, PATCHED, parse(options));
      pokes += trace(seed, PATCHED, parse(options)).run().pokeCount();
    }
    assertTrue(pokes > 100, "only " + pokes + " pokes");
  }

  @Test
  void sleepDecodesExactly() {
    for (long seed = 0; seed < SEEDS; seed++) {
      assertExact(seed, new ToyRun.Plan(4000, 200, 40, true, 100_000), Map.of());
      assertExact(seed, new ToyRun.Plan(4000, 200, 0, true, 100_000), Map.of("cyc", 0L));
    }
  }

  /// With coarse time or none the decoder may say that it does not know; what it says before that is true.
  @ParameterizedTest
  @ValueSource(strings = {"cyc=0", "cyc=0,mtc=0", "timeless=1", "cyc_threshold=16", "timeless=1,psb_period=0", "cyc=0,psb_period=256"})
  void coarseTimeIsNeverWrongInSilence(String options) {
    int sure = 0;
    for (long seed = 0; seed < 4; seed++) {
      sure += assertSureIsTrue(trace(seed, new ToyRun.Plan(2500, 300, 60, true, 0), parse(options)), seed);
      sure += assertSureIsTrue(trace(seed, new ToyRun.Plan(2500, 300, 60, false, 0), parse(options)), seed);
    }
    assertTrue(sure > 200, "only " + sure);
  }

  private static int assertSureIsTrue(Traced traced, long seed) {
    DecodedFlow flow = traced.decode(traced.run().pokes());
    List<String> sure = flow.untilProblem();
    List<String> truth = traced.run().truth();
    assertSame(seed, flow.problems().isEmpty() ? truth : truth.subList(0, sure.size()), sure);
    return sure.size();
  }

  /// A poke that is missing from the log shows: in the log itself, or as a problem, or else nothing ran that it changed.
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
      DecodedFlow flow = new DecodedFlow();
      TextTimeline text = new TextTimeline(ToyIsa.TOY, traced.world().image(), log);
      new FlowDecoder(PT, text, flow).decode(PT.reader(traced.trace(), traced.options()));
      boolean differs = !flow.untilProblem().equals(traced.run().truth());
      shown += !text.conflicts().isEmpty() || !flow.problems().isEmpty() || differs ? 1 : 0;
    }
    assertTrue(shown >= SEEDS * 3 / 4, "shown in " + shown + " of " + SEEDS);
  }

  @Test
  void overflowLosesPacketsAndSaysSo() {
    int gaps = 0;
    for (long seed = 0; seed < SEEDS; seed++) {
      Traced traced = trace(seed, PATCHED, Map.of("fifo_bytes", 256L, "drain_bytes", 1L));
      DecodedFlow flow = traced.decode(traced.run().pokes());
      assertEquals(List.of(), flow.problems());
      long overflows = flow.lines().stream().filter(l -> l.equals("~ OVERFLOW")).count();
      assertTrue(traced.overflows() - overflows <= 1, traced.overflows() + " overflows, " + overflows + " gaps");
      assertPieces(seed, traced.run().truth(), flow.lines());
      gaps += (int) overflows;
    }
    assertTrue(gaps > 20, "only " + gaps);
  }

  /// Each piece between gaps is a piece of the truth, in order.
  private static void assertPieces(long seed, List<String> truth, List<String> decoded) {
    int at = 0;
    int from = 1;
    while (from < decoded.size()) {
      int to = from;
      while (to < decoded.size() && !decoded.get(to).startsWith("~")) {
        to++;
      }
      List<String> piece = decoded.subList(from, to);
      int found = Collections.indexOfSubList(truth.subList(at, truth.size()), piece);
      int line = from;
      assertTrue(found >= 0, () -> "seed " + seed + " line " + line + ": not in the truth");
      at += found + piece.size();
      from = to + 1;
    }
  }

  @Test
  void traceEndsAtItsMostBytes() {
    Traced traced = trace(1, PLAIN, Map.of("max_bytes", 1000L));
    DecodedFlow flow = traced.decode(traced.run().pokes());
    assertEquals(List.of(), flow.problems());
    assertTrue(traced.trace().length >= 1000 && traced.trace().length < 1100, "bytes: " + traced.trace().length);
    List<String> decoded = flow.untilProblem();
    assertSame(1, traced.run().truth().subList(0, decoded.size()), decoded);
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
      DecodedFlow flow = new DecodedFlow();
      TextTimeline text = new TextTimeline(ToyIsa.TOY, traced.world().image(), new PokeLog());
      new FlowDecoder(PT, text, flow).decode(PT.reader(damaged, traced.options()));
      assertTrue(flow.lines().size() > 1000, "lines: " + flow.lines().size());
    }
  }

  private static Map<String, Long> parse(String options) {
    Map<String, Long> map = new LinkedHashMap<>();
    for (String option : options.split(",", -1)) {
      int equals = option.indexOf('=');
      map.put(option.substring(0, equals), Long.parseLong(option.substring(equals + 1)));
    }
    return map;
  }
}
