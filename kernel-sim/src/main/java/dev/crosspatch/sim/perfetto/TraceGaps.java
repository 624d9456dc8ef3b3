package dev.crosspatch.sim.perfetto;

import dev.crosspatch.sim.Json;
import dev.crosspatch.sim.run.RunConfig;
import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.scenario.FailureKind;
import dev.crosspatch.tracer.flow.FlowDecoder;
import dev.crosspatch.tracer.flow.FlowListener;
import dev.crosspatch.tracer.flow.Problem;
import dev.crosspatch.tracer.flow.TraceSource;
import dev.crosspatch.tracer.text.TextTimeline;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What the trace of one CPU cannot tell, on a track of its own, as its decoder finds it: gaps as slices, problems as
/// instants.
final class TraceGaps implements FlowListener {
  private static final long NEVER = Long.MIN_VALUE;

  private final TraceEvents out;
  private final Track track;
  private final RunConfig config;
  private final Subject subject;
  private final FlowDecoder decoder;
  /// First tick that lies behind the part that is shown.
  private final long behind;
  /// Earliest time of the last instruction, and when tracing stopped if it has, in ticks of the trace clock.
  private long last = NEVER;
  private long stopped = NEVER;
  private boolean named;
  /// The first of problems that are not told yet, when they were, and how many.
  private @Nullable Problem held;
  private long heldAt = NEVER;
  private long count;

  /// The decoder has come behind the part that is shown.
  private static final class Behind extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Behind() {
      super(null, null, false, false);
    }
  }

  private TraceGaps(RunConfig config, Subject subject, TextTimeline text, Track track) {
    this.config = config;
    this.subject = subject;
    this.track = track;
    out = subject.out();
    long end = subject.part().to();
    behind = end == Long.MAX_VALUE ? end : config.ticks(end) + 1;
    decoder = new FlowDecoder(config.trace(), text, this);
  }

  /// Decodes a CPU's trace.
  ///
  /// @param end when the CPU's last row happened
  static void write(RunDirectory run, Subject subject, TextTimeline text, int cpu, long end) {
    RunConfig config = run.config();
    TraceGaps gaps = new TraceGaps(config, subject, text, Track.ofTrace(cpu));
    try (TraceSource trace = run.trace(cpu).open()) {
      gaps.decoder.decode(config.trace().reader(trace, config.isa().modes()));
    } catch (Behind e) {
      gaps.tell();
      return;
    }
    gaps.tell();
    if (gaps.stopped != NEVER && gaps.cycle(gaps.stopped + 1) <= end) { // else it may be the very tick
      gaps.slice("off", gaps.cycle(gaps.stopped), end);
    }
  }

  @Override
  public void instruction(long address) {
    passed();
  }

  @Override
  public void diverted(long from, long to) {
    passed();
  }

  private void passed() {
    last = decoder.time();
    if (last >= behind) {
      throw new Behind();
    }
  }

  @Override
  public void stopped(long address, long time) {
    stopped = Math.max(last, time);
  }

  @Override
  public void gap(long address, Gap reason, long time) {
    tell();
    if (reason != Gap.BEGIN) {
      long from = cycle(stopped != NEVER ? stopped : last);
      slice(reason.name().toLowerCase(Locale.ROOT), from, Math.max(from, cycle(time)));
    }
    stopped = NEVER;
    last = Math.max(last, time);
  }

  private void slice(String reason, long from, long to) {
    if (from < subject.part().to() && to >= subject.part().from()) {
      name();
      out.begin(track, subject.part().nearest(from), "gap", "gap: " + reason, g -> {
        g.writeNumberField("from", from);
        g.writeNumberField("to", to);
      });
      out.end(track, subject.part().nearest(to));
    }
  }

  /// Problems of one kind at one time are one instant: of a trace that tells hardly any times there may be thousands.
  @Override
  public void problem(Problem problem) {
    long low = problem.low() == NEVER ? last : problem.low();
    if (held == null || held.kind() != problem.kind() || heldAt != low) {
      tell();
      held = problem;
      heldAt = low;
    }
    count++;
  }

  private void tell() {
    Problem problem = held;
    long low = subject.part().nearest(cycle(heldAt));
    if (problem != null && (heldAt == NEVER || low == cycle(heldAt)) && low < subject.part().to()) {
      name();
      problem(subject, track, low, problem, count);
    }
    held = null;
    count = 0;
  }

  /// Writes a problem, and others like it at the same time.
  static void problem(Subject subject, Track track, long cycle, Problem problem, long count) {
    subject.out().instant(track, cycle, "problem", FailureKind.of(problem).label(), g -> {
      g.writeNumberField("count", count);
      g.writeStringField("place", subject.symbols().name(problem.address()));
      g.writeStringField("address", Json.address(problem.address()));
      g.writeStringField("detail", problem.detail());
    });
  }

  private void name() {
    if (!named) {
      named = true;
      out.name(track, false, track.name());
    }
  }

  private long cycle(long ticks) {
    return ticks == NEVER ? 0 : config.cycles(ticks);
  }
}
