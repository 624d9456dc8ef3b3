package dev.crosspatch.sim.verify;

import dev.crosspatch.core.code.Mode;
import dev.crosspatch.core.event.Event.StaleExecution;
import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.sim.run.RunConfig;
import dev.crosspatch.sim.scenario.FailureKind;
import dev.crosspatch.tracer.text.TextTimeline;
import dev.crosspatch.tracer.text.TextVersion;
import dev.crosspatch.tracer.text.TextVersions;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The contract of a run's poke log: says how running bytes somewhere at some time breaks it. Stale executions are held
/// against it one at a time, what ran from memory by [FreshExecutions], so that memory does not grow with their number:
/// it counts what breaks the contract and keeps the earliest violation of each kind and of each CPU.
public final class Contract {
  private static final Comparator<Violation> EARLIER = Comparator.comparingLong(v -> v.execution().cycle());

  private final RunConfig config;
  private final TextTimeline text;
  private final Map<FailureKind, Long> counts = new EnumMap<>(FailureKind.class);
  private final Map<FailureKind, Violation> firstOfKind = new EnumMap<>(FailureKind.class);
  private final Map<Integer, Violation> firstOfCpu = new TreeMap<>();
  private long stale;
  private long faults;
  private long brokenStale;

  /// @param config of the run
  /// @param text   its initial text with its whole poke log
  public Contract(RunConfig config, TextTimeline text) {
    this.config = config;
    this.text = text;
  }

  /// Checks one stale execution, or fresh one that faulted, and returns how it breaks the contract, or null if it does
  /// not. The trap itself never does: it does not retire.
  public @Nullable Violation check(StaleExecution s) {
    if (s.isFresh()) {
      faults++;
    } else {
      stale++;
    }
    FailureKind kind = kind(s.address(), s.executed(), s.cycle(), s.isFresh());
    if (kind == null) {
      return null;
    }
    Violation violation = new Violation(s, kind);
    brokenStale += s.isFresh() ? 0 : 1;
    add(violation);
    return violation;
  }

  /// Takes up a violation that was found elsewhere.
  void add(Violation violation) {
    counts.merge(violation.kind(), 1L, Long::sum);
    firstOfKind.merge(violation.kind(), violation, Contract::earlier);
    firstOfCpu.merge(violation.execution().cpu(), violation, Contract::earlier);
  }

  private static Violation earlier(Violation a, Violation b) {
    return EARLIER.compare(b, a) < 0 ? b : a;
  }

  /// How running these bytes there at that time breaks the contract, or null if it does not.
  ///
  /// @param fresh whether memory held them then
  @Nullable FailureKind kind(long address, byte[] executed, long cycle, boolean fresh) {
    if (isTrap(config.isa(), executed)) {
      return null;
    }
    TextVersions all = text.versions(address, Mode.CODE_64);
    TextVersions versions = all == null ? null : all.with(executed);
    if (versions == null && all != null && faults(all, executed, config.ticks(cycle))) {
      return null;
    }
    if (versions == null && all != null && all.in(config.ticks(cycle), config.ticks(cycle), -1).stream()
        .allMatch(v -> v.bytes().length == 0)) {
      return FailureKind.UNREPORTED;
    }
    if (versions == null) {
      return all != null && all.get(all.count() - 1).since() >= 0 ? FailureKind.TORN : FailureKind.UNREPORTED;
    }
    long now = config.ticks(cycle);
    if (versions.first(now, now, -1) != null) {
      return null;
    }
    return now <= lastOld(versions, versions.first(now, -1), fresh)
        ? FailureKind.OLD_AFTER_EVENT : FailureKind.NEW_BEFORE_EVENT;
  }

  /// Until when bytes that are not valid are those of the version before `next`, and not yet those of `next`. What
  /// memory held no longer is old; what it held is the nearer of the two.
  private static long lastOld(TextVersions versions, int next, boolean fresh) {
    if (next == 0) {
      return Long.MIN_VALUE;
    }
    return next == versions.count() || !fresh
        ? Long.MAX_VALUE : (versions.get(next - 1).to() + versions.get(next).from()) / 2;
  }

  /// Whether the text then is no instruction, and begins with these bytes: a CPU faults as soon as it sees that.
  private static boolean faults(TextVersions all, byte[] executed, long now) {
    return all.in(now, now, -1).stream()
        .anyMatch(v -> v.insn() == null && v.bytes().length > executed.length
            && Arrays.equals(v.bytes(), 0, executed.length, executed, 0, executed.length));
  }

  /// Tells `stretches` when, from cycle `from` to cycle `until`, running these bytes there breaks the contract if
  /// memory holds them.
  void forbidden(long address, byte[] bytes, long from, long until, Consumer<Stretch> stretches) {
    TextVersions all = text.versions(address, Mode.CODE_64);
    TextVersions versions = all == null ? null : all.with(bytes);
    long cycle = from;
    while (cycle <= until && !isTrap(config.isa(), bytes)) {
      long now = config.ticks(cycle);
      int index = versions == null ? 0 : versions.first(now, -1);
      TextVersion next = versions == null || index == versions.count() ? null : versions.get(index);
      FailureKind kind = kind(address, bytes, cycle, true);
      long end = until;
      if (versions != null && next != null) {
        end = Math.min(until, last(kind == null ? next.to()
            : kind == FailureKind.OLD_AFTER_EVENT ? lastOld(versions, index, true) : next.from() - 1));
      }
      if (kind != null) {
        stretches.accept(new Stretch(cycle, end, bytes, kind));
      }
      if (end == Long.MAX_VALUE || end < cycle) {
        return;
      }
      cycle = end + 1;
    }
  }

  /// Last cycle that reads as `ticks`.
  private long last(long ticks) {
    return ticks == Long.MAX_VALUE ? ticks : config.cycles(ticks + 1) - 1;
  }

  /// Whether it is the breakpoint that patchers write. Other instructions that trap, as UDF or INT n, are text like any
  /// other.
  private static boolean isTrap(Isa isa, byte[] executed) {
    return Arrays.equals(executed, isa.patchKit().trap());
  }

  /// Stale executions checked.
  public long checked() {
    return stale;
  }

  /// Executions checked that faulted though they were fresh.
  public long faults() {
    return faults;
  }

  /// Those that broke the contract.
  public long brokenStale() {
    return brokenStale;
  }

  /// All violations: those, and executions of what memory held, which count once for each CPU and stretch of time.
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
