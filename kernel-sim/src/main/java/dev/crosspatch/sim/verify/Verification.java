package dev.crosspatch.sim.verify;

import dev.crosspatch.core.event.Event.StaleExecution;
import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.run.Checked;
import dev.crosspatch.sim.run.GuestEnd;
import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.run.RunFiles;
import dev.crosspatch.sim.run.Truth;
import dev.crosspatch.sim.scenario.Expectation;
import dev.crosspatch.sim.scenario.FailureKind;
import dev.crosspatch.sim.scenario.Verdict;
import dev.crosspatch.sim.scenario.Window;
import dev.crosspatch.sim.window.PatchTimeline;
import dev.crosspatch.sim.window.Sites;
import dev.crosspatch.sim.window.TypicalPoke;
import dev.crosspatch.sim.window.Windows;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// A finished directory decoded again from its files alone, every CPU held against its truth and every execution
/// against the contract of the poke log.
public final class Verification {
  private final RunDirectory run;
  private final GuestEnd end;
  private final Evidence evidence;
  private final List<CpuVerification> cpus = new ArrayList<>();
  private final Contract contract;
  private final Optional<Failure> firstFailure;
  private final Losses losses;
  private final Copies copies;
  private final Races races;
  private final @Nullable Sites sites;
  private final Windows windows;
  private final @Nullable List<Window> asked;

  /// Decodes and compares all CPUs.
  ///
  /// @param end        how the guest ended
  /// @param asked      windows that other CPUs must have met, or a pass is inconclusive; null: all that there were
  /// @param violations hears every execution that breaks the contract
  /// @param progress   hears the number of each CPU before it is decoded
  public Verification(RunDirectory run, GuestEnd end, @Nullable List<Window> asked, Consumer<Violation> violations,
      IntConsumer progress) {
    this.run = run;
    this.asked = asked;
    this.end = end;
    evidence = Evidence.of(run);
    for (int cpu = 0; cpu < run.config().cpus(); cpu++) {
      progress.accept(cpu);
      cpus.add(CpuVerification.of(run, evidence.text(), cpu));
    }
    contract = new Contract(run.config(), evidence.text());
    FirstFailure failures = new FirstFailure(run, evidence, cpus, end);
    sites = run.kept() == Truth.WHOLE ? Sites.of(run, evidence.image(), evidence.pokes().pokes()) : null;
    windows = sites == null ? Windows.unknown(run.config().cpus()) : new Windows(sites);
    List<Windows.Executions> met = windows.eachCpu();
    check(stale -> {
      failures.hear(stale);
      met.get(stale.cpu()).ran(stale.cycle(), stale.address(), stale.executed(), !stale.isFresh());
      Violation violation = contract.check(stale);
      if (violation != null) {
        violations.accept(violation);
      }
    }, violations);
    if (run.kept() != Truth.NONE && !run.earlier().agrees(contract.checked())) {
      throw new BadInput(run.path().resolve(RunFiles.STALE) + ": has " + contract.checked()
          + " stale executions, but the run met "
          + run.earlier().staleExecutions() + " (" + RunFiles.SUMMARY + ")");
    }
    losses = new Losses(evidence, cpus);
    copies = new Copies(evidence);
    races = new Races(evidence, run.races());
    firstFailure = failures.find(contract, losses, copies, races);
  }

  /// Lets all executions that may break the contract go by: stale ones, and of a run that kept its truth those of what
  /// memory held.
  private void check(Consumer<StaleExecution> stale, Consumer<Violation> violations) {
    evidence(stale);
    if (run.kept() == Truth.WHOLE) {
      try (FreshExecutions fresh = new FreshExecutions(run, evidence, contract, violation -> {
        contract.add(violation);
        violations.accept(violation);
      }, windows)) {
        fresh.find();
      }
    }
  }

  /// The stale executions; of a run that kept no truth those that broke the contract, which are left all the same.
  private void evidence(Consumer<StaleExecution> listener) {
    if (run.kept() == Truth.NONE) {
      run.violations(listener);
    } else {
      run.stale(listener);
    }
  }

  /// Whether the trace tells what ran, everywhere: every CPU's decoded flow is the truth, with no ambiguity.
  public boolean decodes() {
    return cpus.stream().allMatch(CpuVerification::clean);
  }

  /// Pass if the guest came to its own good end, the trace tells what ran, the poke log fits the text and has lost
  /// nothing, all mappings were copied while they were there, no CPU broke its contract or might have, and all windows
  /// were met.
  public Verdict verdict() {
    if (!end.good() || !decodes() || !evidence.text().conflicts().isEmpty() || contract.broken() != 0
        || checked().violations() != 0 || losses.events() != 0 || copies.missing() != 0
        || races.count() != 0) {
      return Verdict.FAIL;
    }
    return missed().isEmpty() ? Verdict.PASS : Verdict.INCONCLUSIVE;
  }

  /// The windows that had to be met and were not.
  public List<Window> missed() {
    return windows.missed(asked);
  }

  /// Whether the run ended as it was expected to.
  public boolean meets(Expectation expected) {
    return expected.met(
        verdict(), firstFailure.map(Failure::kind).orElse(null), firstFailure.map(Failure::cpu).orElse(-1),
        firstFailure.map(Failure::symbol).orElse(""),
        end.bad().orElse(null));
  }

  /// How the guest ended.
  public GuestEnd end() {
    return end;
  }

  /// The CPUs in order.
  public List<CpuVerification> cpus() {
    return cpus;
  }

  /// Pokes in the log.
  public int pokes() {
    return evidence.pokes().pokes().size();
  }

  /// Text events that the log has lost.
  public Losses losses() {
    return losses;
  }

  /// The mappings, and who copied them.
  public Copies copies() {
    return copies;
  }

  /// The races on text.
  public Races races() {
    return races;
  }

  /// Pokes that contradict the text.
  public int badPokes() {
    return evidence.text().conflicts().size();
  }

  /// Names of addresses in the initial image.
  public Symbols symbols() {
    return evidence.symbols();
  }

  /// What this verification rests on.
  public Checked checked() {
    return run.kept() == Truth.NONE
        ? run.earlier() : new Checked(run.kept() == Truth.WHOLE, contract.checked(), contract.broken());
  }

  /// What [#checked] says, for people.
  public String checkedText() {
    return checked().text(run.kept() == Truth.NONE);
  }

  /// The stale executions held against the contract of the poke log; those that broke it, if no truth was kept.
  public Contract contract() {
    return contract;
  }

  /// What CPUs ran where text was being patched; of a run that kept no truth nothing.
  public Windows windows() {
    return windows;
  }

  /// The earliest cause of the failure; empty if the run passes.
  public Optional<Failure> firstFailure() {
    return firstFailure;
  }

  /// The kinds of all that went wrong, causes and consequences.
  public Set<FailureKind> kinds() {
    Set<FailureKind> kinds = EnumSet.noneOf(FailureKind.class);
    contract.firstOfEachKind().forEach(v -> kinds.add(v.kind()));
    cpus.stream().map(CpuVerification::comparison).forEach(c -> {
      c.problems().forEach(p -> kinds.add(FailureKind.of(p)));
      if (c.problems().isEmpty() && c.mismatches() != 0) {
        kinds.add(FailureKind.FLOW);
      }
    });
    end.bad().ifPresent(kinds::add);
    add(kinds, FailureKind.BAD_POKE, badPokes());
    add(kinds, FailureKind.LOST_EVENTS, losses.events());
    add(kinds, FailureKind.UNCOPIED, copies.missing());
    add(kinds, FailureKind.RACE, races.count());
    return kinds;
  }

  private static void add(Set<FailureKind> kinds, FailureKind kind, long count) {
    if (count != 0) {
      kinds.add(kind);
    }
  }

  /// What stood around the first failure; empty if the run passes or the failure has no place.
  public Optional<Scene> scene() {
    return firstFailure.filter(f -> f.address() != 0 && run.kept() != Truth.NONE)
        .map(f -> Scene.of(evidence, run.stores(), f));
  }

  /// What happened around the poke of the first failure; empty if the failure is where nothing is patched, or no truth
  /// was kept.
  Optional<PatchTimeline> failureTimeline() {
    return sites == null ? Optional.empty() : firstFailure.filter(f -> f.address() != 0)
        .flatMap(f -> PatchTimeline.find(run, sites, evidence.pokes().pokes(), f.address(), f.cycle()));
  }

  /// The poke to look at that is not number `but`; empty if there is none, or no truth was kept.
  Optional<TypicalPoke> typicalPoke(int but) {
    return sites == null ? Optional.empty() : TypicalPoke.of(sites, evidence.pokes().pokes(), but);
  }

  /// What happened around a poke; empty if it is that of no site, or no truth was kept.
  ///
  /// @param number of the poke, from 1
  Optional<PatchTimeline> timeline(int number) {
    return sites == null ? Optional.empty() : PatchTimeline.find(run, sites, evidence.pokes().pokes(), number);
  }

  /// Answers to the three questions, a line each: did a CPU break the contract, can the trace tell what ran, and did
  /// other CPUs meet what was to be tested?
  public List<String> answers() {
    return List.of(contractAnswer(), decodeAnswer(), windowAnswer());
  }

  private String windowAnswer() {
    if (!missed().isEmpty() && windows.nothingPatched()) {
      return "windows: none, no text was changed";
    }
    if (!missed().isEmpty()) {
      return "windows: not met: " + String.join("; ", missed().stream()
          .map(w -> String.format("%s, 0 executions of %,d %s", w, windows.patches(w),
              windows.patches(w) == 1 ? "patch" : "patches")).toList());
    }
    if (asked != null && asked.isEmpty()) {
      return "windows: none had to be met";
    }
    return run.kept() != Truth.WHOLE ? "windows: not looked at, the truth was not kept"
        : windows.tallies().isEmpty() ? "windows: none, no other CPU could meet a patch" : "windows: all met";
  }

  private String contractAnswer() {
    String pokes = (badPokes() == 0 ? "" : String.format("; %,d pokes contradict the text", badPokes()))
        + (losses.events() == 0 ? "" : String.format("; %,d text events were lost", losses.events()))
        + (copies.missing() == 0 ? "" : String.format("; %,d mappings were not copied in time", copies.missing()));
    if (contract.broken() == 0) {
      String faults = contract.faults() == 0 ? "" : String.format(" and %,d faults", contract.faults());
      return String.format("contract: kept, %,d stale executions%s checked%s", checked().staleExecutions(),
          faults, pokes);
    }
    List<String> kinds = contract.firstOfEachKind().stream().map(Violation::kind)
        .map(k -> String.format("%s %,d", k.label(), contract.count(k))).toList();
    long fresh = contract.broken() - contract.brokenStale();
    return String.format("contract: a CPU broke the contract, %,d of %,d stale executions%s: %s%s",
        contract.brokenStale(), checked().staleExecutions(),
        fresh == 0 ? "" : String.format(" and %,d of what memory held", fresh), String.join(", ", kinds), pokes);
  }

  private String decodeAnswer() {
    long mismatches = cpus.stream().mapToLong(c -> c.comparison().mismatches()).sum();
    long ambiguous = cpus.stream().mapToLong(c -> c.comparison().ambiguous()).sum();
    long problems = cpus.stream().mapToLong(c -> c.comparison().problems().stream()
        .filter(p -> FailureKind.of(p) != FailureKind.AMBIGUOUS).count()).sum();
    if (decodes() && !checked().flow()) {
      return "decode: nothing contradicts the trace";
    }
    if (decodes()) {
      return "decode: exact, the trace tells every instruction outside its own gaps";
    }
    String compared = checked().flow() ? String.format("%,d mismatches, ", mismatches) : "";
    return String.format("decode: the trace cannot tell: %s%,d ambiguous, %,d other problem%s", compared,
        ambiguous, problems, problems == 1 ? "" : "s");
  }
}
