package dev.crosspatch.sim.perfetto;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.crosspatch.core.code.Image;
import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.Inputs;
import dev.crosspatch.sim.fields.Fields;
import dev.crosspatch.sim.run.RunConfig;
import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.run.RunFiles;
import dev.crosspatch.sim.run.Truth;
import dev.crosspatch.sim.scenario.FailureKind;
import dev.crosspatch.sim.verify.Symbols;
import dev.crosspatch.sim.window.Sites;
import dev.crosspatch.tracer.flow.Problem;
import dev.crosspatch.tracer.text.Loss;
import dev.crosspatch.tracer.text.PokeConflict;
import dev.crosspatch.tracer.text.PokeLog;
import dev.crosspatch.tracer.text.TextTimeline;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;

/// Writes a finished run, or a part of it, as JSON in the Trace Event Format, which Perfetto's UI and
/// `chrome://tracing` load: what each CPU did, what happened to the text, and what the traces cannot tell. What is in
/// it stands in `docs/formats.md`.
///
/// CPUs go on together, a stretch of time after the other, so that a file with too many events can end for all of them
/// at one cycle. Nothing is kept of what was written.
public final class PerfettoExport {
  /// How the file begins, by which it is known.
  public static final String BEGINS = TraceEvents.BEGINS;

  private final RunDirectory run;
  private final Image image;
  private final PokeLog pokes;
  private final Symbols symbols;
  private final Functions functions;
  private final Sites sites;
  private final TextTimeline text;
  private final long recorded;

  /// What was written.
  ///
  /// @param events events, without names
  /// @param part   of the run
  /// @param cut    whether the run goes on behind it, as there would have been too many
  public record Written(long events, Cycles part, boolean cut) {}

  /// @throws BadInput if the run kept no truth
  public PerfettoExport(RunDirectory run) {
    if (run.kept() != Truth.WHOLE) {
      throw new BadInput(run.path() + ": the truth was not kept (--no-truth), so there is nothing to show");
    }
    this.run = run;
    image = run.image();
    pokes = run.pokes();
    symbols = new Symbols(image);
    functions = new Functions(image);
    sites = Sites.of(run, image, pokes.pokes());
    text = new TextTimeline(run.config().isa(), image, pokes);
    recorded = StaleMarks.withRecord(run);
  }

  /// Writes it.
  ///
  /// @param wanted part of the run
  /// @param most   events of CPUs, at most: the file ends a little before there are more
  public Written to(OutputStream file, Cycles wanted, long most) throws IOException {
    Cycles part = new Cycles(wanted.from(), cut(wanted, most));
    boolean cut = part.to() != wanted.to();
    try (TraceEvents out = TraceEvents.to(file, run.config().clocks(), g -> about(g, part, cut))) {
      Subject subject = subject(out, part);
      out.name(Track.ofCpu(0), true, "machine");
      List<Long> ends = cpus(subject);
      devices(subject);
      new SiteTracks(subject).write(run);
      conflicts(subject);
      for (int cpu = 0; cpu < run.config().cpus(); cpu++) {
        TraceGaps.write(run, subject, text, cpu, ends.get(cpu));
      }
      return new Written(out.count(), part, cut);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /// Where a part must end to have at most that many events.
  private long cut(Cycles wanted, long most) {
    try (TraceEvents count = TraceEvents.counting(run.config().clocks());
        CpuTracks cpus = new CpuTracks(run, image, subject(count, wanted), recorded)) {
      return cpus.write(most);
    }
  }

  private Subject subject(TraceEvents out, Cycles part) {
    return new Subject(out, part, sites, symbols, functions);
  }

  /// Writes what CPUs did, and returns when each of them came to its end.
  private List<Long> cpus(Subject subject) {
    try (CpuTracks cpus = new CpuTracks(run, image, subject, recorded)) {
      cpus.write(Long.MAX_VALUE);
      return cpus.ends();
    }
  }

  private void devices(Subject subject) {
    Track track = Track.ofDevices();
    boolean[] named = {false};
    run.stores().forEach(store -> {
      if (store.cpu() < 0 && subject.part().contains(store.cycle())) {
        if (!named[0]) {
          named[0] = true;
          subject.out().name(track, false, track.name());
        }
        PatchSteps.store(subject, track, store);
      }
      return true;
    });
  }

  /// Pokes that contradict the text, and events that were lost; they belong to no trace.
  private void conflicts(Subject subject) {
    Track track = Track.ofPokeLog();
    if (!text.conflicts().isEmpty() || !pokes.losses().isEmpty()) {
      subject.out().name(track, false, track.name());
    }
    for (Loss loss : pokes.losses()) {
      long cycle = run.config().cycles(loss.time());
      if (subject.part().contains(cycle)) {
        subject.out().instant(track, cycle, "problem", FailureKind.LOST_EVENTS.label(), g -> {
          g.writeNumberField("count", loss.count());
          g.writeStringField("detail", loss.toString());
        });
      }
    }
    for (PokeConflict conflict : text.conflicts()) {
      long cycle = run.config().cycles(conflict.poke().time());
      if (subject.part().contains(cycle)) {
        TraceGaps.problem(subject, track, cycle, Problem.of(conflict), 1);
      }
    }
  }

  private void about(JsonGenerator g, Cycles part, boolean cut) throws IOException {
    RunConfig config = run.config();
    Path file = run.path().resolve(RunFiles.SUMMARY);
    Fields summary = RunDirectory.summary(file, Inputs.text(file, Inputs.MOST_YAML));
    for (String field : new String[] {"scenario", "verdict", "seed", "version"}) {
      g.writeStringField(field, summary.text(field, ""));
    }
    g.writeStringField("preset", summary.map("config").text("preset", ""));
    g.writeStringField("isa", config.isa().name());
    g.writeNumberField("cpus", config.cpus());
    g.writeStringField("clock", "ts is cycles of the cores' clock, " + config.clocks().coreMhz()
        + " of which are a microsecond, rounded down to nanoseconds; args.cycle is exact");
    g.writeNumberField("frequency_mhz", config.clocks().coreMhz());
    g.writeNumberField("from_cycle", part.from());
    if (part.to() != Long.MAX_VALUE) {
      g.writeNumberField("to_cycle", part.to());
    }
    g.writeBooleanField("cut", cut);
  }
}
