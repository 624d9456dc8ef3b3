package dev.crosspatch.tracer.etm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.tracer.flow.Problem;
import dev.crosspatch.tracer.program.DecodedFlow;
import dev.crosspatch.tracer.program.FlowIsa;
import dev.crosspatch.tracer.program.ProgramRun;
import dev.crosspatch.tracer.program.Traced;
import dev.crosspatch.tracer.text.Poke;
import dev.crosspatch.tracer.text.PokeLog;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Truth to packets to truth: random programs, random runs, every option, ETMv4 and ETE.
class EtmFlowTest {
  private static final List<EtmProtocol> PROTOCOLS = List.of(new EtmProtocol(), new EteProtocol());
  private static final EtmProtocol ETM = PROTOCOLS.getFirst();
  private static final int SEEDS = 12;

  private static Traced trace(EtmProtocol protocol, long seed, ProgramRun.Plan plan, Map<String, Long> changed) {
    return Traced.run(protocol, FlowIsa.WORDS, seed, plan, changed);
  }

  private static EtmRegisters registers(Traced traced) {
    return ((EtmConfig) traced.config()).registers();
  }

  private static final ProgramRun.Plan PLAIN = new ProgramRun.Plan(5000, 200, 0, false, 0);
  private static final ProgramRun.Plan PATCHED = new ProgramRun.Plan(8000, 300, 40, true, 0);

  @ParameterizedTest
  @ValueSource(strings = {"ts=1", "timeless=1", "cci=0", "cci_threshold=4", "ts=0", "return_stack=0", "cid=0",
      "sync_period=256",
      "bb=1", "bb=1,sync_period=256,cci=0", "bb=1,return_stack=0", "sync_period=0",
      "cci=0,timer_mhz=54,frequency_mhz=1500", "timer_mhz=25,frequency_mhz=3000"})
  void unchangingTextDecodesExactly(String options) {
    for (long seed = 0; seed < SEEDS; seed++) {
      for (EtmProtocol protocol : PROTOCOLS) {
        trace(protocol, seed, PLAIN, Traced.options(options)).assertExact();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ts=1", "cci=0", "cci_threshold=4", "return_stack=0", "cid=0", "sync_period=256", "bb=1",
      "sync_period=0"})
  void patchedTextDecodesExactly(String options) {
    int pokes = 0;
    for (long seed = 0; seed < SEEDS; seed++) {
      for (EtmProtocol protocol : PROTOCOLS) {
        Traced traced = trace(protocol, seed, PATCHED, Traced.options(options));
        traced.assertExact();
        pokes += traced.run().pokeCount();
      }
    }
    assertTrue(pokes > 100, "only " + pokes + " pokes");
  }

  @Test
  void sleepDecodesExactly() {
    for (long seed = 0; seed < SEEDS; seed++) {
      trace(ETM, seed, new ProgramRun.Plan(4000, 200, 40, true, 100_000), Map.of()).assertExact();
      trace(ETM, seed, new ProgramRun.Plan(4000, 200, 40, true, 3_000_000), Map.of("cci", 0L)).assertExact();
    }
  }

  /// Without the protocol's synchronization, or without time, the decoder may say that it does not know; what it says
  /// before that is true.
  @ParameterizedTest
  @ValueSource(strings = {"ts=1", "cci=0", "timeless=1", "timeless=1,sync_period=0", "ts=0,sync_period=256"})
  void coarseTimeIsNeverWrongInSilence(String options) {
    int sure = 0;
    for (long seed = 0; seed < 4; seed++) {
      for (boolean syncs : new boolean[] {true, false}) {
        ProgramRun.Plan plan = new ProgramRun.Plan(2500, 300, 60, syncs, 0);
        sure += trace(ETM, seed, plan, Traced.options(options)).assertSureIsTrue();
      }
    }
    assertTrue(sure > 200, "only " + sure);
  }

  /// A poke that is missing from the log shows: in the log itself, or as a problem, or else nothing ran that it
  /// changed.
  @Test
  void missingPokeShows() {
    int shown = 0;
    for (long seed = 0; seed < SEEDS; seed++) {
      Traced traced = trace(ETM, seed, PATCHED, Map.of());
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
      for (EtmProtocol protocol : PROTOCOLS) {
        Traced traced = trace(protocol, seed, PLAIN, Map.of("fifo_bytes", 256L, "drain_bytes", 1L, "cci", seed & 1));
        DecodedFlow flow = traced.decode();
        assertEquals(List.of(), flow.problems());
        long overflows = flow.lines().stream().filter(l -> l.equals("~ OVERFLOW")).count();
        assertEquals(traced.overflows(), overflows);
        traced.assertPieces(flow.lines());
        gaps += (int) overflows;
      }
    }
    assertTrue(gaps > 20, "only " + gaps);
  }

  /// Behind an overflow the first timestamp comes with the first P0 element: where tracing resumed the time is known
  /// only roughly.
  @Test
  void pokesInAnOverflowMayBeAmbiguous() {
    for (long seed = 0; seed < SEEDS; seed++) {
      DecodedFlow flow = trace(ETM, seed, PATCHED, Map.of("fifo_bytes", 256L, "drain_bytes", 1L)).decode();
      assertTrue(flow.problems().stream().allMatch(p -> p.kind() == Problem.Kind.AMBIGUOUS), flow.problems()::toString);
    }
  }

  @Test
  void traceEndsAtItsMostBytes() {
    Traced traced = trace(ETM, 1, PLAIN, Map.of("max_bytes", 1000L));
    DecodedFlow flow = traced.decode();
    assertEquals(List.of(), flow.problems());
    assertTrue(traced.trace().length >= 1000 && traced.trace().length < 1100, "bytes: " + traced.trace().length);
    List<String> decoded = flow.untilProblem();
    traced.assertSame(traced.run().truth().subList(0, decoded.size()), decoded);
  }

  /// Cut at every packet boundary the decoded flow is a beginning of the truth, and all is told that the packets prove:
  /// each atom an instruction, each exception all up to where it was taken.
  @ParameterizedTest
  @ValueSource(strings = {"bb=0", "bb=1", "return_stack=0", "sync_period=256", "bb=1,sync_period=256"})
  void aCutTraceTellsAllThatItProves(String options) {
    for (EtmProtocol protocol : PROTOCOLS) {
      Traced traced = trace(protocol, 3, new ProgramRun.Plan(600, 50, 0, false, 0), Traced.options(options));
      EtmPacketReader packets = new EtmPacketReader(registers(traced), traced.trace());
      int waypoints = 0;
      int before = 0;
      for (int kind = packets.next(); kind >= 0; kind = packets.next()) {
        DecodedFlow flow = traced.with(Arrays.copyOf(traced.trace(), packets.position())).decode();
        List<String> lines = flow.untilProblem();
        int cut = packets.position();
        assertEquals(List.of(), flow.problems(), () -> protocol.name() + " cut at " + cut);
        traced.assertSame(traced.run().truth().subList(0, lines.size()), lines);
        waypoints += kind == EtmPacketTable.ATOMS ? packets.atomCount() : 0;
        assertTrue(lines.size() >= waypoints && lines.size() >= before,
            () -> protocol.name() + " cut at " + cut + ": " + lines.size());
        if (kind == EtmPacketTable.EXCEPTION) {
          assertTrue(traced.run().truth().size() == lines.size()
              || traced.run().truth().get(lines.size()).startsWith("! " + Long.toHexString(packets.address())),
              () -> protocol.name() + " cut at " + cut + " behind an exception");
        }
        before = lines.size();
      }
      assertTrue(waypoints > 50, "waypoints: " + waypoints);
    }
  }

  /// Packets lost anywhere: what is told is true, up to the loss and behind it.
  @ParameterizedTest
  @ValueSource(strings = {"sync_period=256", "bb=1,sync_period=256", "return_stack=0,sync_period=256"})
  void anOverflowAnywhereIsAGap(String options) {
    for (EtmProtocol protocol : PROTOCOLS) {
      Traced traced = trace(protocol, 4, new ProgramRun.Plan(1500, 50, 0, false, 0), Traced.options(options));
      EtmPacketReader packets = new EtmPacketReader(registers(traced), traced.trace());
      byte[] trace = traced.trace();
      int gaps = 0;
      for (int kind = packets.next(); kind >= 0; kind = packets.next()) {
        int cut = packets.position();
        EtmPacketReader rest = new EtmPacketReader(registers(traced), trace, cut, trace.length);
        if (!rest.sync()) {
          break;
        }
        ByteArrayOutputStream lossy = new ByteArrayOutputStream();
        lossy.write(trace, 0, cut);
        lossy.writeBytes(new byte[] {0, 5});
        lossy.write(trace, rest.position(), trace.length - rest.position());
        DecodedFlow flow = traced.with(lossy.toByteArray()).decode();
        assertEquals(List.of(), flow.problems(), () -> protocol.name() + " lost at " + cut);
        traced.assertPieces(flow.lines());
        gaps += (int) flow.lines().stream().filter("~ OVERFLOW"::equals).count();
      }
      assertTrue(gaps > 20, "gaps: " + gaps);
    }
  }

  /// An address that no branch needs is held against the flow: with one bit of it turned there is a problem. That of an
  /// indirect branch is believed, and shows only if what follows does not fit.
  @Test
  void aWrongBroadcastAddressShows() {
    Traced traced = trace(ETM, 5, new ProgramRun.Plan(1500, 50, 0, false, 0), Map.of("bb", 1L, "sync_period", 0L));
    EtmPacketReader packets = new EtmPacketReader(registers(traced), traced.trace());
    int wrong = 0;
    int shown = 0;
    for (int kind = packets.next(); kind >= 0; kind = packets.next()) {
      if (kind == EtmPacketTable.ADDRESS && packets.size() > 1) {
        byte[] damaged = traced.trace().clone();
        damaged[packets.offset() + 1] ^= 4;
        shown += traced.with(damaged).decode().problems().isEmpty() ? 0 : 1;
        wrong++;
      }
    }
    assertTrue(wrong > 20 && shown > wrong * 3 / 4, shown + " of " + wrong + " wrong addresses show");
  }

  @Test
  void equalRunsGiveEqualBytes() {
    assertArrayEquals(trace(ETM, 3, PATCHED, Map.of()).trace(), trace(ETM, 3, PATCHED, Map.of()).trace());
  }

  /// Damaged traces give problems, never exceptions, and the decoder comes back.
  @Test
  void damagedTraceIsTakenUpAgain() {
    Traced traced = trace(ETM, 5, PLAIN, Map.of("sync_period", 256L));
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
    int problems = trace(ETM, 5, PATCHED, Map.of("sync_period", 256L)).problemsOfRuins(6);
    assertTrue(problems > 300, "problems: " + problems);
  }
}
