package dev.crosspatch.sim.verify;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.crosspatch.core.machine.Counters;
import dev.crosspatch.sim.Json;
import dev.crosspatch.sim.guest.Outcome;
import dev.crosspatch.sim.run.Latency;
import dev.crosspatch.sim.run.Run;
import dev.crosspatch.sim.run.RunConfig;
import dev.crosspatch.sim.scenario.Scenario;
import dev.crosspatch.sim.scenario.Verdict;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/// A run and its verification, put together: the content of `summary.json`.
///
/// @param run          what ran
/// @param latency      how long patching took
/// @param verification how it decodes
/// @param version      of the program
/// @param firstFailure the decoder's or the contract's first failure, else the guest's bad end
public record Summary(Run run, Latency latency, Verification verification, String version, Optional<Failure> firstFailure) {

  /// Puts a run and its verification together.
  public static Summary of(Run run, Verification verification, String version) {
    long stale = IntStream.range(0, run.machine().cpus()).mapToLong(cpu -> run.machine().counters(cpu).staleExecutions()).sum();
    if (stale != verification.checked().staleExecutions()) {
      throw new IllegalStateException(stale + " stale executions counted, " + verification.checked().staleExecutions() + " recorded");
    }
    Optional<Failure> failure = verification.firstFailure();
    if (failure.isEmpty() && !run.endedWell()) {
      failure = Optional.of(badEnd(run, verification));
    }
    return new Summary(run, run.latency(), verification, version, failure);
  }

  /// The verdict: pass if the guest came to its own good end and every CPU decodes to its truth, with no ambiguity.
  public Verdict verdict() {
    return run.endedWell() && verification.clean() ? Verdict.PASS : Verdict.FAIL;
  }

  private static Failure badEnd(Run run, Verification verification) {
    return switch (run.lab().outcome()) {
      case Outcome.UnclaimedTrap t -> verification.failure("guest", t.cpu(), t.cycle(), t.address(), t.text());
      case Outcome.Panic p -> verification.failure("guest", p.cpu(), p.cycle(), p.address(), p.text());
      case Outcome.BadAccess b -> new Failure("guest", b.cpu(), b.cycle(), 0, "", "", "", b.text());
      case Outcome.Exited e -> new Failure("guest", -1, -1, 0, "", "", "", e.text());
      case Outcome.Running r -> new Failure("guest", -1, -1, 0, "", "", "", run.ending());
    };
  }

  /// The file's text.
  public String json() {
    return Json.object(this::write);
  }

  private void write(JsonGenerator g) throws IOException {
    Scenario scenario = run.scenario();
    g.writeStringField("verdict", verdict().name().toLowerCase(Locale.ROOT));
    g.writeStringField("expected", scenario.expect().name().toLowerCase(Locale.ROOT));
    g.writeStringField("scenario", scenario.name());
    g.writeStringField("description", scenario.description().strip());
    g.writeStringField("guest", run.ending());
    g.writeArrayFieldStart("cpus");
    for (CpuVerification cpu : verification.cpus()) {
      writeCpu(g, cpu);
    }
    g.writeEndArray();
    g.writeNumberField("pokes", verification.pokes());
    g.writeNumberField("violations", verification.contract().broken());
    g.writeObjectFieldStart("checked");
    verification.checked().write(g);
    g.writeEndObject();
    g.writeObjectFieldStart("latency");
    latency.write(g);
    g.writeEndObject();
    if (firstFailure.isPresent()) {
      g.writeObjectFieldStart("first_failure");
      firstFailure.get().write(g);
      g.writeEndObject();
    } else {
      g.writeNullField("first_failure");
    }
    g.writeObjectFieldStart("config");
    writeConfig(g, scenario);
    g.writeEndObject();
    g.writeNumberField("seed", scenario.machine().seed());
    g.writeStringField("version", version);
    g.writeNumberField("host_seconds", run.hostSeconds());
  }

  private void writeCpu(JsonGenerator g, CpuVerification cpu) throws IOException {
    Counters counters = run.machine().counters(cpu.cpu());
    FlowComparison c = cpu.comparison();
    g.writeStartObject();
    g.writeNumberField("cpu", cpu.cpu());
    g.writeNumberField("retired", counters.retired());
    g.writeNumberField("decoded", c.decoded());
    g.writeNumberField("mismatches", c.mismatches());
    g.writeNumberField("ambiguous", c.ambiguous());
    g.writeNumberField("problems", c.problemCount());
    g.writeNumberField("gaps", c.gaps());
    g.writeNumberField("lost", c.lost());
    g.writeNumberField("cycles", counters.cycles());
    g.writeNumberField("stale_executions", counters.staleExecutions());
    g.writeNumberField("icache_hits", counters.icacheHits());
    g.writeNumberField("icache_misses", counters.icacheMisses());
    g.writeNumberField("mispredicts", counters.mispredicts());
    g.writeNumberField("exceptions", counters.exceptions());
    g.writeNumberField("interrupts", counters.interrupts());
    g.writeNumberField("trace_bytes", run.trace(cpu.cpu()).size());
    g.writeNumberField("overflows", run.trace(cpu.cpu()).overflows());
    g.writeEndObject();
  }

  private void writeConfig(JsonGenerator g, Scenario scenario) throws IOException {
    RunConfig.of(scenario, run.machine().timing()).write(g);
    g.writeStringField("preset", scenario.machine().preset());
    g.writeStringField("staleness", scenario.machine().staleness().name().toLowerCase(Locale.ROOT));
    g.writeBooleanField("idc", scenario.machine().idc());
    g.writeBooleanField("dic", scenario.machine().dic());
    g.writeStringField("guest", scenario.guest().toString());
  }
}
