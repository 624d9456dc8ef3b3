package dev.crosspatch.sim.verify;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.crosspatch.core.cpu.Counters;
import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.core.time.Grade;
import dev.crosspatch.core.time.TimingTable;
import dev.crosspatch.sim.Json;
import dev.crosspatch.sim.run.FileSums;
import dev.crosspatch.sim.run.RunOutcome;
import dev.crosspatch.sim.run.OutputDirectory;
import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.run.RunFiles;
import dev.crosspatch.sim.scenario.Scenario;
import dev.crosspatch.sim.scenario.Verdict;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.IntConsumer;

/// A run and its verification, put together: the content of `summary.json`.
///
/// @param run          what ran, and what was counted
/// @param verification how it decodes and what it broke
/// @param violations   the first executions that broke the contract
/// @param scene        what stood around its first failure
/// @param version      of the program
/// @param repeat       the command that repeats it
public record Summary(RunOutcome run, Verification verification, List<Violation> violations,
    Optional<Scene> scene, String version, String repeat) {

  /// Copies the list.
  public Summary {
    violations = List.copyOf(violations);
  }

  /// Verifies what a run has written to `out`, and writes the violations there.
  ///
  /// @param truth    whether the truth was kept
  /// @param progress hears the number of each CPU before it is decoded
  public static Summary of(RunOutcome run, OutputDirectory out, boolean truth, String version, String repeat,
      IntConsumer progress) {
    RunDirectory finished = RunDirectory.fresh(out, run.config(), truth);
    Verification verification;
    EarliestViolations earliest;
    try (ViolationLog violations = new ViolationLog(out.stream(RunFiles.VIOLATIONS), finished.image())) {
      earliest = new EarliestViolations(violations);
      verification = new Verification(finished, run.end(), run.scenario().expect().windows(), earliest, progress);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    long stale = run.cpus().stream().mapToLong(cpu -> cpu.counters().staleExecutions()).sum();
    if (stale != verification.checked().staleExecutions()) {
      throw new IllegalStateException(stale + " stale executions counted, " + verification.checked().staleExecutions()
          + " recorded");
    }
    return new Summary(run, verification, earliest.list(), verification.scene(), version, repeat);
  }

  /// Writes what a directory that is left has besides: the report, and the summary with the checksums of all of it.
  ///
  /// @param out   where the run wrote to
  /// @param truth whether the truth was kept, and is to be left
  /// @param flow  whether flow files are to be written, too
  public void finish(OutputDirectory out, boolean truth, boolean flow) {
    if (flow) {
      FlowFiles.write(RunDirectory.fresh(out, run.config(), truth), out::stream);
    }
    out.write(RunFiles.REPORT, HtmlReport.html(this)); // reads the truth
    if (!truth) {
      out.remove(RunFiles.STALE);
      out.remove(RunFiles.STORES);
      out.remove(RunFiles.TRUTH);
    }
    out.write(RunFiles.SUMMARY, json(FileSums.of(out.work())));
  }

  /// The verdict.
  public Verdict verdict() {
    return verification.verdict();
  }

  /// The earliest cause of a failure; empty if the run passes.
  public Optional<Failure> firstFailure() {
    return verification.firstFailure();
  }

  /// Whether the run ended as its scenario expects.
  public boolean asExpected() {
    return verification.meets(run.scenario().expect());
  }

  /// The file's text.
  private String json(FileSums files) {
    return Seal.seal(Json.object(g -> write(g, files)));
  }

  private void write(JsonGenerator g, FileSums files) throws IOException {
    Scenario scenario = run.scenario();
    g.writeStringField("verdict", verdict().name().toLowerCase(Locale.ROOT));
    g.writeStringField("expected", scenario.expect().verdict().name().toLowerCase(Locale.ROOT));
    object(g, "expect", scenario.expect()::write);
    g.writeBooleanField("as_expected", asExpected());
    g.writeStringField("scenario", scenario.name());
    g.writeStringField("description", scenario.description().strip());
    writeBases(g, scenario);
    g.writeStringField("repeat", repeat);
    g.writeStringField("guest", run.end().line());
    object(g, "guest_end", run.end()::write);
    object(g, "limits", this::writeLimits);
    g.writeArrayFieldStart("cpus");
    for (CpuVerification cpu : verification.cpus()) {
      writeCpu(g, cpu);
    }
    g.writeEndArray();
    g.writeNumberField("pokes", verification.pokes());
    g.writeNumberField("bad_pokes", verification.badPokes());
    verification.losses().write(g);
    verification.copies().write(g);
    g.writeNumberField("stale_checked", verification.contract().checked());
    g.writeNumberField("violations", verification.contract().broken());
    object(g, "checked", verification.checked()::write);
    object(g, "violations_by_kind", this::writeKinds);
    verification.races().write(g);
    verification.windows().write(g, verification.missed());
    object(g, "latency", run.latency()::write);
    if (run.injector().isPresent()) {
      object(g, "injected", run.injector().get()::write);
    }
    if (firstFailure().isPresent()) {
      object(g, "first_failure", this::writeFailure);
    } else {
      g.writeNullField("first_failure");
    }
    object(g, "config", o -> writeConfig(o, scenario));
    g.writeNumberField("seed", scenario.machine().seed());
    g.writeStringField("version", version);
    g.writeNumberField("host_seconds", run.hostSeconds());
    object(g, "files", files::write);
  }

  private static void writeBases(JsonGenerator g, Scenario scenario) throws IOException {
    g.writeArrayFieldStart("bases");
    for (Scenario.Base base : scenario.bases()) {
      g.writeStartObject();
      g.writeStringField("file", base.file());
      g.writeArrayFieldStart("changed");
      for (String key : base.changed()) {
        g.writeString(key);
      }
      g.writeEndArray();
      g.writeEndObject();
    }
    g.writeEndArray();
  }

  private static void object(JsonGenerator g, String name, Json.Body body) throws IOException {
    g.writeObjectFieldStart(name);
    body.write(g);
    g.writeEndObject();
  }

  private void writeLimits(JsonGenerator g) throws IOException {
    RunLimits limits = run.scenario().limits();
    g.writeNumberField("cycles", limits.cycles());
    g.writeNumberField("retired", limits.retired());
    g.writeNumberField("slack", limits.slack());
    g.writeNumberField("ahead", limits.ahead());
    g.writeStringField("reached", run.limitReached());
  }

  private void writeKinds(JsonGenerator g) throws IOException {
    for (Violation first : verification.contract().firstOfEachKind()) {
      g.writeNumberField(first.kind().label(), verification.contract().count(first.kind()));
    }
  }

  private void writeFailure(JsonGenerator g) throws IOException {
    firstFailure().orElseThrow().write(g);
    if (scene.isPresent()) {
      object(g, "scene", scene.get()::write);
    }
  }

  private void writeCpu(JsonGenerator g, CpuVerification cpu) throws IOException {
    RunOutcome.Cpu counted = run.cpus().get(cpu.cpu());
    Counters counters = counted.counters();
    FlowComparison c = cpu.comparison();
    g.writeStartObject();
    g.writeNumberField("cpu", cpu.cpu());
    g.writeNumberField("retired", counters.retired());
    g.writeNumberField("decoded", c.decoded());
    compared(g, "mismatches", c, c.mismatches());
    g.writeNumberField("ambiguous", c.ambiguous());
    g.writeNumberField("problems", c.problemCount());
    g.writeNumberField("gaps", c.gaps());
    compared(g, "lost", c, c.lost());
    g.writeNumberField("cycles", counters.cycles());
    g.writeNumberField("stale_executions", counters.staleExecutions());
    g.writeNumberField("icache_hits", counters.icacheHits());
    g.writeNumberField("icache_misses", counters.icacheMisses());
    g.writeNumberField("mispredicts", counters.mispredicts());
    g.writeNumberField("exceptions", counters.exceptions());
    g.writeNumberField("interrupts", counters.interrupts());
    g.writeNumberField("trace_bytes", counted.traceBytes());
    g.writeNumberField("overflows", counted.overflows());
    g.writeEndObject();
  }

  /// What only a comparison with the truth tells: null without one.
  private static void compared(JsonGenerator g, String name, FlowComparison c, long count) throws IOException {
    if (c.compares()) {
      g.writeNumberField(name, count);
    } else {
      g.writeNullField(name);
    }
  }

  private void writeConfig(JsonGenerator g, Scenario scenario) throws IOException {
    run.config().write(g);
    Json.numbers(g, "trace_unit", scenario.trace().setup()::write);
    g.writeStringField("preset", scenario.machine().preset());
    g.writeStringField("staleness", scenario.machine().staleness().name().toLowerCase(Locale.ROOT));
    if (scenario.machine().time() != Grade.ADDITIVE) { // what is usual is not said
      g.writeStringField("time", scenario.machine().time().name().toLowerCase(Locale.ROOT));
    }
    if (!scenario.machine().timing().isEmpty()) {
      g.writeObjectFieldStart("timing");
      for (var row : scenario.machine().timing().entrySet()) {
        g.writeStringField(TimingTable.key(row.getKey()), row.getValue());
      }
      g.writeEndObject();
    }
    g.writeNumberField("fetch", scenario.machine().fetch());
    g.writeBooleanField("idc", scenario.machine().storesReachUnification());
    g.writeBooleanField("dic", scenario.machine().cachesSnoop());
    object(g, "guest", scenario.guest()::write);
  }
}
