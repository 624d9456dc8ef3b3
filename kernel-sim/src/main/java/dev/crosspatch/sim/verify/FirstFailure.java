package dev.crosspatch.sim.verify;

import dev.crosspatch.core.event.Event.StaleExecution;
import dev.crosspatch.sim.Json;
import dev.crosspatch.sim.run.GuestEnd;
import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.run.Truth;
import dev.crosspatch.sim.scenario.FailureKind;
import dev.crosspatch.tracer.text.PokeConflict;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Finds the earliest cause of a run's failure. Causes are executions that broke the contract, pokes that contradict
/// the text, and the guest's bad end; a decoded flow that goes wrong is a cause of its own only where no execution on
/// its CPU broke the contract there or before. What might have happened, a race, is the cause where nothing did, and of
/// what the trace cannot tell behind it.
final class FirstFailure {
  /// A trap is reported only after its handler has looked for an owner: at most this many cycles later.
  private static final int HANDLED = 2000;

  private final Evidence evidence;
  private final List<CpuVerification> cpus;
  private final List<Symptom> symptoms;
  private final GuestEnd end;
  private final StaleQuery endExecuted;
  private final boolean compared;

  FirstFailure(RunDirectory run, Evidence evidence, List<CpuVerification> cpus, GuestEnd end) {
    this.evidence = evidence;
    this.cpus = cpus;
    this.end = end;
    compared = run.kept() == Truth.WHOLE;
    symptoms = new ArrayList<>();
    for (CpuVerification cpu : cpus) {
      Symptom.of(run, evidence, cpu).ifPresent(symptoms::add);
    }
    endExecuted = new StaleQuery(end.cpu(), end.address(), end.cycle() - HANDLED, end.cycle(), true);
  }

  /// Takes up one stale execution of the run. All go by before [#find].
  void hear(StaleExecution s) {
    endExecuted.hear(s);
    for (Symptom symptom : symptoms) {
      symptom.query().hear(s);
    }
  }

  /// The earliest cause; empty if nothing failed.
  Optional<Failure> find(Contract contract, Losses losses, Copies copies, Races races) {
    List<Failure> all = new ArrayList<>();
    contract.first().map(this::failure).ifPresent(all::add);
    evidence.text().conflicts().stream().findFirst().map(this::failure).ifPresent(all::add);
    symptoms.stream().filter(s -> !explained(s, contract) && !losses.explain(s.latest()) && !copies.explain(s.latest()))
        .map(s -> s.failure(contract)).forEach(all::add);
    if (!end.good()) {
      all.add(badEnd());
    }
    Optional<Failure> first = all.stream().min(Comparator.comparingLong(FirstFailure::time));
    Comparator<Failure> earlier = Comparator.comparingLong(FirstFailure::time);
    boolean happened = all.stream().anyMatch(f -> !isOfTrace(f));
    return Stream.of(losses.failure(first), copies.failure(first), first).flatMap(Optional::stream).min(earlier)
        .filter(f -> !isOfTrace(f) || !(happened ? races.isBefore(time(f), f.cpu()) : races.isBefore(time(f))))
        .or(races::failure);
  }

  private static boolean isOfTrace(Failure failure) {
    return failure.kind().group() == FailureKind.Group.TRACE;
  }

  private static long time(Failure failure) {
    return failure.cycle() < 0 ? Long.MAX_VALUE : failure.cycle();
  }

  private static boolean explained(Symptom symptom, Contract contract) {
    return contract.first(symptom.cpu()).filter(v -> v.execution().cycle() <= symptom.latest()).isPresent();
  }

  private Failure failure(Violation violation) {
    StaleExecution s = violation.execution();
    byte[] held = evidence.memoryBeside(s.executed(), s.address(), s.cycle());
    return new Failure(
        violation.kind(), s.cpu(), s.cycle(), s.address(), evidence.name(s.address(), s.cycle()),
        Json.hex(s.executed()),
        Json.hex(startsWith(held, s.memory()) ? held : s.memory()),
        Violation.text(violation.kind()) + (compared ? "; " + decodedAnyway(s.cpu()) : ""));
  }

  private static boolean startsWith(byte[] bytes, byte[] with) {
    return bytes.length >= with.length && Arrays.equals(bytes, 0, with.length, with, 0, with.length);
  }

  private String decodedAnyway(int cpu) {
    FlowComparison.Difference d = cpus.get(cpu).comparison().first();
    return d == null
        ? "the decoder still found the true flow of CPU " + cpu
        : "the decoded flow of CPU " + cpu + " goes wrong at instruction " + d.index() + " of the truth: "
        + Json.address(d.decoded()) + " for "
            + Json.address(d.expected());
  }

  private Failure failure(PokeConflict c) {
    long address = c.poke().address();
    return new Failure(
        FailureKind.BAD_POKE, c.poke().cpu(), evidence.config().cycles(c.poke().time()), address,
        evidence.symbols().name(address), "", "", c.toString());
  }

  private Failure badEnd() {
    if (end.address() == 0) {
      return new Failure(end.kind(), end.cpu(), end.cycle(), 0, "", "", "", end.text());
    }
    StaleExecution stale = endExecuted.found();
    long at = stale == null ? end.cycle() : stale.cycle();
    byte[] held = evidence.memory(end.address(), at);
    byte[] trap = evidence.config().isa().patchKit().trap();
    boolean gone = stale == null && end.kind() == FailureKind.UNOWNED_TRAP && held.length > 0
        && !startsWith(held, trap);
    byte[] executed = stale != null ? stale.executed() : gone ? trap : held;
    return new Failure(
        end.kind(), end.cpu(), end.cycle(), end.address(), evidence.name(end.address(), end.cycle()),
        Json.hex(executed),
        Json.hex(evidence.memoryBeside(executed, end.address(), at)),
        end.text() + (gone ? "; memory held it when it ran, and no more when its handler looked for its owner" : ""));
  }
}
