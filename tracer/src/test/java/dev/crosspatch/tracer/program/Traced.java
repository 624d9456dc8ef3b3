package dev.crosspatch.tracer.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.tracer.flow.FlowDecoder;
import dev.crosspatch.tracer.flow.TraceConfig;
import dev.crosspatch.tracer.flow.TraceProtocol;
import dev.crosspatch.tracer.flow.TraceSource;
import dev.crosspatch.tracer.text.PokeLog;
import dev.crosspatch.tracer.text.TextTimeline;
import dev.crosspatch.tracer.unit.TraceSetup;
import dev.crosspatch.tracer.unit.TraceUnit;
import dev.crosspatch.tracer.unit.Units;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// A run of a program with its trace, to be decoded and held against the truth.
public record Traced(
    TraceProtocol protocol, long seed, Program program, ProgramRun run, byte[] trace, int overflows,
    TraceConfig config) {

  /// Runs a random program of eight functions.
  ///
  /// @param changed options that differ from the defaults
  public static Traced run(
      TraceProtocol protocol, FlowIsa isa, long seed, ProgramRun.Plan plan, Map<String, Long> changed) {
    TraceSetup setup = Units.configure(protocol, changed);
    Program program = new Program(isa, seed, 8);
    ByteArrayOutputStream trace = new ByteArrayOutputStream();
    TraceUnit unit = setup.unit(0, trace::write);
    ProgramRun run = new ProgramRun(program, plan, seed + 1, unit).run();
    return new Traced(protocol, seed, program, run, trace.toByteArray(), unit.overflows(), setup.config());
  }

  /// Options as `name=value,name=value`.
  public static Map<String, Long> options(String text) {
    Map<String, Long> map = new LinkedHashMap<>();
    for (String option : text.split(",", -1)) {
      int equals = option.indexOf('=');
      map.put(option.substring(0, equals), Long.parseLong(option.substring(equals + 1)));
    }
    return map;
  }

  /// The same run with other bytes.
  public Traced with(byte[] bytes) {
    return new Traced(protocol, seed, program, run, bytes, overflows, config);
  }

  /// Problems of decoding this run from 40 traces, each with many random bits turned. However much is damaged, the
  /// decoder throws nothing, and ends soon although every version of the text may have to be tried.
  public int problemsOfRuins(long damage) {
    Random random = new Random(damage);
    int problems = 0;
    for (int i = 0; i < 40; i++) {
      byte[] ruined = trace.clone();
      for (int flips = ruined.length / (1 + random.nextInt(200)); flips > 0; flips--) {
        ruined[random.nextInt(ruined.length)] ^= (byte) (1 << random.nextInt(8));
      }
      int round = i;
      problems += assertTimeout(Duration.ofSeconds(60), () -> with(ruined).decode(), () -> "round " + round)
          .problems().size();
    }
    return problems;
  }

  /// The flow, decoded with the run's own pokes.
  public DecodedFlow decode() {
    return decode(run.pokes());
  }

  /// The flow, decoded with these pokes, which must fit the text.
  public DecodedFlow decode(PokeLog pokes) {
    TextTimeline text = new TextTimeline(program.isa(), program.image(), pokes);
    assertEquals(List.of(), text.conflicts());
    return decode(text);
  }

  private DecodedFlow decode(TextTimeline text) {
    DecodedFlow flow = new DecodedFlow();
    new FlowDecoder(config, text, flow).decode(config.reader(TraceSource.of(trace), program.isa().modes()));
    return flow;
  }

  /// Whether it shows, in the log itself, as a problem or in the flow, that these were not the run's pokes.
  public boolean shows(PokeLog pokes) {
    TextTimeline text = new TextTimeline(program.isa(), program.image(), pokes);
    DecodedFlow flow = decode(text);
    return !text.conflicts().isEmpty() || !flow.problems().isEmpty() || !flow.untilProblem().equals(run.truth());
  }

  /// The decoder finds the truth, without a problem.
  public void assertExact() {
    DecodedFlow flow = decode();
    assertEquals(List.of(), flow.problems(), () -> "seed " + seed);
    assertSame(run.truth(), flow.untilProblem());
  }

  /// Names the first line that differs.
  public void assertSame(List<String> truth, List<String> decoded) {
    int n = Math.min(truth.size(), decoded.size());
    for (int i = 0; i < n; i++) {
      int row = i;
      assertEquals(truth.get(i), decoded.get(i), () -> "seed " + seed + " row " + row);
    }
    assertEquals(truth.size(), decoded.size(), () -> "seed " + seed);
  }

  /// What the decoder says before the first problem is true.
  ///
  /// @return how many lines that is
  public int assertSureIsTrue() {
    DecodedFlow flow = decode();
    List<String> sure = flow.untilProblem();
    List<String> truth = run.truth();
    assertSame(flow.problems().isEmpty() ? truth : truth.subList(0, sure.size()), sure);
    return sure.size();
  }

  /// Each piece between gaps is a piece of the truth, in order.
  public void assertPieces(List<String> decoded) {
    List<String> truth = run.truth();
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
}
