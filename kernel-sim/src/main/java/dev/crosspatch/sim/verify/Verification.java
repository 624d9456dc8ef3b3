package dev.crosspatch.sim.verify;

import dev.crosspatch.core.event.StaleExecution;
import dev.crosspatch.core.image.Image;
import dev.crosspatch.sim.Json;
import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.run.TextStores;
import dev.crosspatch.tracer.flow.Problem;
import dev.crosspatch.tracer.text.PokeConflict;
import dev.crosspatch.tracer.text.PokeLog;
import dev.crosspatch.tracer.text.TextTimeline;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// A finished directory decoded again from its files alone, every CPU held against its truth.
public final class Verification {
  /// A stale record belongs to a difference if it lies at most this many cycles from it: truth times are up to 32 cycles early.
  private static final int NEAR = 64;

  private final RunDirectory run;
  private final List<CpuVerification> cpus = new ArrayList<>();
  private final List<PokeConflict> conflicts;
  private final int pokes;
  private final Symbols symbols;
  private final Image image;

  /// Decodes and compares all CPUs, telling `progress` the number of each before it starts.
  public Verification(RunDirectory run, IntConsumer progress) {
    this.run = run;
    image = run.image();
    symbols = new Symbols(image);
    PokeLog log = run.pokes();
    pokes = log.pokes().size();
    TextTimeline text = new TextTimeline(run.config().isa(), image, log);
    conflicts = text.conflicts();
    for (int cpu = 0; cpu < run.config().cpus(); cpu++) {
      progress.accept(cpu);
      cpus.add(CpuVerification.of(run, text, cpu));
    }
  }

  /// Whether every CPU's decoded flow is the truth, with no ambiguity, and the poke log fits the text.
  public boolean clean() {
    return conflicts.isEmpty() && cpus.stream().allMatch(CpuVerification::clean);
  }

  /// The CPUs in order.
  public List<CpuVerification> cpus() {
    return cpus;
  }

  /// Pokes in the log.
  public int pokes() {
    return pokes;
  }

  /// Names of addresses in the initial image.
  public Symbols symbols() {
    return symbols;
  }

  /// The first failure in time, if there is one.
  public Optional<Failure> firstFailure() {
    List<Failure> all = new ArrayList<>();
    for (PokeConflict c : conflicts) {
      all.add(new Failure("bad_poke", c.poke().cpu(), run.config().cycles(c.poke().time()), c.poke().address(), symbols.name(c.poke().address()), "",
          "", c.toString()));
      break;
    }
    for (CpuVerification cpu : cpus) {
      Failure failure = failure(cpu);
      if (failure != null) {
        all.add(failure);
      }
    }
    return all.stream().min(Comparator.comparingLong(Failure::cycle));
  }

  private @Nullable Failure failure(CpuVerification cpu) {
    FlowComparison.Difference difference = cpu.comparison().first();
    if (difference != null) {
      return flow(cpu, difference);
    }
    if (cpu.comparison().problems().isEmpty()) {
      return null;
    }
    Problem p = cpu.comparison().problems().getFirst();
    long cycle = p.low() == Long.MIN_VALUE ? -1 : run.config().cycles(p.low());
    return new Failure(
        p.kind().name().toLowerCase(Locale.ROOT), cpu.cpu(), cycle, p.address(), symbols.name(p.address()), "", "",
        p.detail() + " (trace byte 0x" + Integer.toHexString(p.offset()) + ")");
  }

  private Failure flow(CpuVerification cpu, FlowComparison.Difference d) {
    FlowSite site = FlowSite.before(run, cpu.cpu(), d);
    TextStores stores = run.stores();
    byte[] memory = stores.bytesAt(image, site.address(), site.length(), site.cycle());
    byte[] executed = run.stale().stream()
        .filter(s -> s.cpu() == cpu.cpu() && s.address() == site.address() && Math.abs(s.cycle() - site.cycle()) <= NEAR)
        .min(Comparator.comparingLong(s -> Math.abs(s.cycle() - site.cycle())))
        .map(StaleExecution::executed).orElse(memory);
    String detail =
        "instruction " + d.index() + " of the truth: really ran " + place(d.expected()) + ", decoded " + place(d.decoded()) + problem(cpu);
    return new Failure(
        "flow", cpu.cpu(), site.cycle(), site.address(), symbols.name(site.address()), Json.hex(executed), Json.hex(memory), detail);
  }

  private String problem(CpuVerification cpu) {
    List<Problem> problems = cpu.comparison().problems();
    return problems.isEmpty() ? "" : "; the decoder says: " + problems.getFirst().detail();
  }

  private String place(long address) {
    String name = symbols.name(address);
    return Json.address(address) + (name.isEmpty() ? "" : " (" + name + ")");
  }
}
