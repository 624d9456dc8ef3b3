package dev.crosspatch.sim.verify;

import dev.crosspatch.core.event.StaleExecution;
import dev.crosspatch.core.isa.FlowClass;
import dev.crosspatch.core.isa.Insn;
import dev.crosspatch.core.isa.Isa;
import dev.crosspatch.sim.run.RunConfig;
import dev.crosspatch.sim.scenario.FailureKind;
import dev.crosspatch.tracer.text.TextTimeline;
import dev.crosspatch.tracer.text.TextVersions;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Holds a run's stale executions against the contract of its poke log, one at a time, so that memory does not grow with their number: it counts what breaks
/// the contract and keeps the earliest violation of each kind and of each CPU.
public final class Contract {
  private static final Comparator<Violation> EARLIER = Comparator.comparingLong(v -> v.execution().cycle());

  private final RunConfig config;
  private final TextTimeline text;
  private final Map<FailureKind, Long> counts = new EnumMap<>(FailureKind.class);
  private final Map<FailureKind, Violation> firstOfKind = new EnumMap<>(FailureKind.class);
  private final Map<Integer, Violation> firstOfCpu = new TreeMap<>();
  private long checked;

  /// @param config of the run
  /// @param text   its initial text with its whole poke log
  public Contract(RunConfig config, TextTimeline text) {
    this.config = config;
    this.text = text;
  }

  /// Checks one stale execution and returns how it breaks the contract, or null if it does not. The trap itself never does: it does not retire.
  public @Nullable Violation check(StaleExecution s) {
    checked++;
    FailureKind kind = kind(s.address(), s.executed(), s.cycle());
    if (kind == null) {
      return null;
    }
    Violation violation = new Violation(s, kind);
    counts.merge(kind, 1L, Long::sum);
    firstOfKind.merge(kind, violation, Contract::earlier);
    firstOfCpu.merge(s.cpu(), violation, Contract::earlier);
    return violation;
  }

  private static Violation earlier(Violation a, Violation b) {
    return EARLIER.compare(b, a) < 0 ? b : a;
  }

  /// How running these bytes there at that time breaks the contract, or null if it does not.
  @Nullable FailureKind kind(long address, byte[] executed, long cycle) {
    if (isTrap(config.isa(), address, executed)) {
      return null;
    }
    TextVersions all = text.versions(address);
    TextVersions versions = all == null ? null : all.with(executed);
    if (versions == null) {
      return all != null && all.get(all.count() - 1).since() >= 0 ? FailureKind.TORN : FailureKind.UNREPORTED;
    }
    long now = config.ticks(cycle);
    if (versions.first(now, now, -1) != null) {
      return null;
    }
    return versions.get(0).to() < now ? FailureKind.OLD_AFTER_EVENT : FailureKind.NEW_BEFORE_EVENT;
  }

  private static boolean isTrap(Isa isa, long address, byte[] executed) {
    Insn insn = isa.classify(executed, 0, executed.length, address);
    return insn != null && insn.flow() == FlowClass.TRAP;
  }

  /// Stale executions checked.
  public long checked() {
    return checked;
  }

  /// Those that broke the contract.
  public long broken() {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  /// How often it was broken in this way.
  public long count(FailureKind kind) {
    return counts.getOrDefault(kind, 0L);
  }

  /// The earliest violation of each kind, earliest first.
  public List<Violation> firstOfEachKind() {
    return firstOfKind.values().stream().sorted(EARLIER).toList();
  }

  /// The earliest violation of a CPU.
  public Optional<Violation> first(int cpu) {
    return Optional.ofNullable(firstOfCpu.get(cpu));
  }

  /// The earliest violation of all.
  public Optional<Violation> first() {
    return firstOfKind.values().stream().min(EARLIER);
  }
}
