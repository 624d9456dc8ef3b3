package dev.crosspatch.sim.verify;

import dev.crosspatch.core.event.StaleExecution;
import dev.crosspatch.core.image.Image;
import dev.crosspatch.core.isa.Insn;
import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.Json;
import dev.crosspatch.sim.run.Checked;
import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.run.RunFiles;
import dev.crosspatch.sim.run.TextStores;
import dev.crosspatch.sim.run.Truth;
import dev.crosspatch.tracer.flow.Problem;
import dev.crosspatch.tracer.text.PokeConflict;
import dev.crosspatch.tracer.text.PokeLog;
import dev.crosspatch.tracer.text.TextTimeline;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// A finished directory decoded again from its files alone, every CPU held against its truth.
public final class Verification {
  /// A stale record belongs to a failure if it lies at most this many cycles from it: a trap is reported only after its handler has looked for an owner.
  private static final int NEAR = 2000;
  /// Bytes shown of what is no instruction.
  private static final int SHOWN = 8;

  private final RunDirectory run;
  private final @Nullable TextStores stores;
  private final List<CpuVerification> cpus = new ArrayList<>();
  private final List<PokeConflict> conflicts;
  private final Contract contract;
  private final Optional<Failure> firstFailure;
  private final int pokes;
  private final Symbols symbols;
  private final Image image;

  /// Decodes and compares all CPUs, telling `progress` the number of each before it starts.
  public Verification(RunDirectory run, IntConsumer progress) {
    this.run = run;
    stores = run.kept() == Truth.NONE ? null : run.stores();
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
    contract = new Contract(run.config(), text);
    if (run.kept() != Truth.NONE) {
      run.stale(contract::check);
      if (!run.earlier().agrees(contract.checked())) {
        throw new BadInput(run.path().resolve(RunFiles.STALE) + ": has " + contract.checked() + " stale executions, but the run met "
            + run.earlier().staleExecutions() + " (" + RunFiles.SUMMARY + ")");
      }
    }
    firstFailure = findFirstFailure();
  }

  /// Whether every CPU's decoded flow is the truth, with no ambiguity, the poke log fits the text, and no CPU broke its contract.
  public boolean clean() {
    return conflicts.isEmpty() && checked().violations() == 0 && cpus.stream().allMatch(CpuVerification::clean);
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

  /// What this verification rests on.
  public Checked checked() {
    return run.kept() == Truth.NONE ? run.earlier() : new Checked(run.kept() == Truth.WHOLE, contract.checked(), contract.broken());
  }

  /// What [#checked] says, for people.
  public String checkedText() {
    return checked().text(run.kept() == Truth.NONE);
  }

  /// The stale executions held against the contract of the poke log; none if no truth was kept.
  public Contract contract() {
    return contract;
  }

  /// The first failure in time, if there is one.
  public Optional<Failure> firstFailure() {
    return firstFailure;
  }

  private Optional<Failure> findFirstFailure() {
    List<Failure> all = new ArrayList<>();
    contract.first().map(this::failure).ifPresent(all::add);
    for (PokeConflict c : conflicts) {
      all.add(new Failure("bad_poke", c.poke().cpu(), run.config().cycles(c.poke().time()), c.poke().address(), symbols.name(c.poke().address()), "",
          "", c.toString()));
      break;
    }
    if (run.kept() == Truth.NONE && checked().violations() > 0) {
      all.add(new Failure("contract", -1, Long.MAX_VALUE, 0, "", "", "",
          "the run found " + checked().violations() + " violations of the poke log's contract; it kept no truth in which they could be looked at again"));
    }
    for (CpuVerification cpu : cpus) {
      Failure failure = failure(cpu);
      if (failure != null) {
        all.add(failure);
      }
    }
    return all.stream().min(Comparator.comparingLong(Failure::cycle));
  }

  private Failure failure(Violation violation) {
    StaleExecution s = violation.execution();
    return new Failure(
        violation.kind().name().toLowerCase(Locale.ROOT), s.cpu(), s.cycle(), s.address(), symbols.name(s.address()), Json.hex(s.executed()),
        Json.hex(s.memory()), violation.text() + "; " + decodedAnyway(cpus.get(s.cpu())));
  }

  private static String decodedAnyway(CpuVerification cpu) {
    FlowComparison.Difference d = cpu.comparison().first();
    return d == null
        ? "the decoder still found the true flow of CPU " + cpu.cpu()
        : "the decoded flow of CPU " + cpu.cpu() + " goes wrong at instruction " + d.index() + " of the truth: " + Json.address(d.decoded()) + " for "
            + Json.address(d.expected());
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
        p.detail() + " (trace byte 0x" + Long.toHexString(p.offset()) + ")");
  }

  private Failure flow(CpuVerification cpu, FlowComparison.Difference d) {
    FlowSite site = FlowSite.before(run, cpu.cpu(), d);
    return failure(
        "flow", cpu.cpu(), site.cycle(), site.address(),
        "instruction " + d.index() + " of the truth: really ran " + place(d.expected()) + ", decoded " + place(d.decoded()) + problem(cpu));
  }

  /// A failure at an instruction, with the bytes that were executed there (those of a stale execution close by, else those in memory) and those that memory held.
  Failure failure(String kind, int cpu, long cycle, long address, String detail) {
    if (stores == null) {
      return new Failure(kind, cpu, cycle, address, symbols.name(address), "", "", detail);
    }
    byte[] memory = stores.bytesAt(image, address, Math.min(SHOWN, run.config().isa().maxLength()), cycle);
    StaleExecution stale = nearest(cpu, cycle, address);
    byte[] executed = first(address, stale == null ? memory : stale.executed());
    return new Failure(
        kind, cpu, cycle, address, symbols.name(address), Json.hex(executed), Json.hex(Arrays.copyOf(memory, Math.min(memory.length, executed.length))),
        detail);
  }

  private @Nullable StaleExecution nearest(int cpu, long cycle, long address) {
    StaleExecution[] found = new StaleExecution[1];
    run.stale(s -> {
      long distance = Math.abs(s.cycle() - cycle);
      if (s.cpu() == cpu && s.address() == address && distance <= NEAR && (found[0] == null || distance < Math.abs(found[0].cycle() - cycle))) {
        found[0] = s;
      }
    });
    return found[0];
  }

  /// The first instruction of `bytes`, or all of them if they are none.
  private byte[] first(long address, byte[] bytes) {
    Insn insn = run.config().isa().classify(bytes, 0, bytes.length, address);
    return insn == null ? bytes : Arrays.copyOf(bytes, insn.length());
  }

  private String problem(CpuVerification cpu) {
    List<Problem> problems = cpu.comparison().problems();
    return problems.isEmpty() ? "" : "; the decoder says: " + problems.getFirst().detail();
  }

  private String place(long address) {
    if (address == FlowComparison.Difference.NOTHING) {
      return "nothing, the decoded flow ends there";
    }
    String name = symbols.name(address);
    return Json.address(address) + (name.isEmpty() ? "" : " (" + name + ")");
  }
}
