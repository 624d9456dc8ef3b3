package dev.crosspatch.sim.verify;

import dev.crosspatch.core.event.Event.StaleExecution;
import dev.crosspatch.sim.Json;
import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.scenario.FailureKind;
import dev.crosspatch.sim.truth.TruthReader;
import dev.crosspatch.tracer.flow.Problem;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The first sign, on one CPU, that the trace does not tell what ran: the place where decoded flow and truth part, or
/// else the first problem the decoder reported. It is a failure of its own only if nothing else explains it
/// ([FirstFailure]).
final class Symptom {
  private final Evidence evidence;
  private final int cpu;
  private final FlowComparison.@Nullable Difference difference;
  /// The problem that was reported for this very place and time, if any.
  private final @Nullable Problem problem;
  private final long address;
  /// Earliest cycle; of a difference, [TruthReader#TIME_GRAIN] early at most.
  private final long cycle;
  private final StaleQuery executed;

  private Symptom(Evidence evidence, int cpu, FlowComparison.@Nullable Difference difference, @Nullable Problem problem,
      FlowSite site) {
    this.evidence = evidence;
    this.cpu = cpu;
    this.difference = difference;
    this.problem = problem;
    this.address = site.address();
    this.cycle = site.cycle();
    executed = new StaleQuery(cpu, address, cycle, cycle + TruthReader.TIME_GRAIN, false);
  }

  /// Of a CPU; empty if its decode is right.
  static Optional<Symptom> of(RunDirectory run, Evidence evidence, CpuVerification cpu) {
    FlowComparison.Difference difference = cpu.comparison().first();
    List<Problem> problems = cpu.comparison().problems();
    if (difference != null) {
      FlowSite site = FlowSite.before(run, cpu.cpu(), difference);
      return Optional.of(new Symptom(evidence, cpu.cpu(), difference, problemAt(evidence, site, problems), site));
    }
    return problems.stream().findFirst()
        .map(p -> new Symptom(evidence, cpu.cpu(), null, p, new FlowSite(p.address(), evidence.cycles(p.low()))));
  }

  private static @Nullable Problem problemAt(Evidence evidence, FlowSite site, List<Problem> problems) {
    return problems.stream().filter(p -> p.address() == site.address())
        .filter(p -> evidence.cycles(p.low()) <= site.cycle() + TruthReader.TIME_GRAIN
            && site.cycle() <= evidence.lastCycle(p.high()))
        .findFirst().orElse(null);
  }

  int cpu() {
    return cpu;
  }

  /// Looks for what the CPU executed at its place.
  StaleQuery query() {
    return executed;
  }

  /// Latest cycle at which what it is a sign of happened.
  long latest() {
    // the first row that differs may itself be the cause, long behind the last that agrees
    long grain = difference == null ? cycle : Math.max(cycle, difference.until()) + TruthReader.TIME_GRAIN;
    return problem == null ? grain : Math.max(grain, evidence.lastCycle(problem.high()));
  }

  /// The failure it is, if it has no cause but the text itself.
  Failure failure(Contract contract) {
    StaleExecution stale = executed.found();
    long at = cycle < 0 ? -1 : stale == null ? cycle : stale.cycle();
    byte[] memory = at < 0 ? new byte[0] : evidence.memory(address, at);
    byte[] ran = stale == null ? memory : stale.executed();
    byte[] held = at < 0 ? memory : evidence.memoryBeside(ran, address, at);
    FailureKind cause = difference == null || at < 0 ? null : cause(contract, stale, memory, at);
    FailureKind kind = cause != null ? cause : problem != null ? FailureKind.of(problem) : FailureKind.FLOW;
    int slack = evidence.config().slack();
    String detail = (cause == null ? "" : Violation.text(cause) + "; ") + detail() + (cause != null || slack == 0 ? ""
        : "; clocks may disagree by " + slack + " cycles (slack), and it is by them that a decoder knows which text "
            + "was there");
    return new Failure(kind, cpu, at, address, evidence.name(address, at), Json.hex(ran), Json.hex(held), detail);
  }

  /// How it breaks the contract that the CPU ran this there: what was stale, else what memory held all the time that
  /// the truth leaves open.
  private @Nullable FailureKind cause(Contract contract, @Nullable StaleExecution stale, byte[] memory, long at) {
    if (stale != null) {
      return contract.kind(address, stale.executed(), stale.cycle(), false);
    }
    long end = at + TruthReader.TIME_GRAIN;
    FailureKind kind = contract.kind(address, memory, at, true);
    return kind == contract.kind(address, evidence.memory(address, end), end, true) ? kind : null;
  }

  private String detail() {
    StringBuilder text = new StringBuilder();
    if (difference != null) {
      text.append("instruction ").append(difference.index()).append(" of the truth: really ran ")
          .append(place(difference.expected()))
          .append(", decoded ").append(place(difference.decoded()));
    }
    if (problem != null) {
      text.append(difference == null ? "" : "; the decoder says: ").append(problem.detail())
          .append(String.format(Locale.ROOT, " (trace byte 0x%x)", problem.offset()));
    }
    return text.toString();
  }

  private String place(long at) {
    if (at == FlowComparison.Difference.NOTHING) {
      return "nothing, the decoded flow ends there";
    }
    String name = evidence.symbols().name(at);
    return Json.address(at) + (name.isEmpty() ? "" : " (" + name + ")");
  }
}
