package dev.crosspatch.sim.cli;

import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.IoReason;
import dev.crosspatch.sim.WholeFile;
import dev.crosspatch.sim.fields.BadField;
import dev.crosspatch.sim.fields.Setting;
import dev.crosspatch.sim.run.Run;
import dev.crosspatch.sim.scenario.FailureKind;
import dev.crosspatch.sim.scenario.Scenario;
import dev.crosspatch.sim.scenario.ScenarioReader;
import dev.crosspatch.sim.scenario.Verdict;
import dev.crosspatch.sim.sweep.Seeds;
import dev.crosspatch.sim.verify.Failure;
import dev.crosspatch.sim.verify.Summary;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Makes a scenario that fails smaller: fewer CPUs, sites and flips, as long as it fails the same way, which is that
/// its first failure is of the same kind. Small sizes are tried from the smallest on, each with several seeds; if none
/// fails, parts are taken away from the whole as long as what is left fails.
final class Shrink {
  /// Seeds that each size is tried with, besides the scenario's own, and that the sizes are tried with that are a
  /// little less than the least one then found.
  private static final long SEEDS = 12;
  private static final long MANY_SEEDS = 60;
  private static final long MOST_SEEDS = 10_000;
  /// How the files begin that it writes.
  private static final String BEGINS = "# Shrunk from ";
  private static final Pattern SITE = Pattern.compile("site_(\\d+).*");

  private final Path file;
  private final List<Setting> given;
  private final Scenario whole;
  private final List<Long> seeds;
  private final List<Long> manySeeds;
  private final Trial trial;
  private final Path work;
  private int runs;

  /// Something that fails the same way.
  private record Found(List<Setting> settings, ShrunkSize size, long seed, Failure failure) {}

  /// @param file  of the scenario
  /// @param given what is set in it
  /// @param seeds to be tried; null: the scenario's own, and a dozen from 1 on
  /// @param work  where the runs are; nothing is left there
  Shrink(Path file, List<Setting> given, @Nullable Seeds seeds, Trial trial, Path work) {
    if (seeds != null && seeds.last() - seeds.first() >= MOST_SEEDS) {
      throw new BadInput(String.format("--shrink: tries %,d seeds at most, and these are more", MOST_SEEDS));
    }
    this.file = file;
    this.given = given;
    whole = ScenarioReader.read(file, given);
    long own = whole.machine().seed();
    this.seeds = seeds == null
        ? upTo(SEEDS, own) : LongStream.rangeClosed(seeds.first(), seeds.last()).boxed().toList();
    manySeeds = seeds == null ? upTo(MANY_SEEDS, own) : List.of();
    this.trial = trial;
    this.work = work;
  }

  private static List<Long> upTo(long last, long own) {
    return LongStream.concat(LongStream.of(own), LongStream.rangeClosed(1, last)).distinct().boxed().toList();
  }

  /// Shrinks it, writes what is left, and says what was done.
  ///
  /// @throws BadInput if the scenario does not fail, or cannot be run
  void to(Path target, PrintWriter print) {
    check(target);
    Found start = start();
    FailureKind kind = start.failure().kind();
    Found least = smallest(start, kind);
    trial.progress().clear();
    write(target, least, kind);
    print.println(whole.name() + ": " + start.size() + ", seed " + start.seed() + ": " + start.failure().brief());
    print.println(least.equals(start) ? "nothing smaller fails the same way (" + runs() + ")"
        : "shrunk to " + least.size() + ", seed " + least.seed() + ": " + least.failure().brief() + " (" + runs()
            + ")");
    print.println("written to " + target);
    print.flush();
  }

  private void check(Path target) {
    try {
      OwnFile own = new OwnFile("--shrink", target, BEGINS, "scenario that was shrunk");
      own.checkOther(file, "the scenario, which would be lost");
      Path base = file;
      for (Scenario.Base one : whole.bases()) {
        base = base.resolveSibling(one.file());
        own.checkOther(base, "a base of the scenario, which would be lost");
      }
      own.check();
    } catch (IOException e) {
      throw new BadInput(IoReason.of(e));
    }
  }

  /// The scenario as it is, with the first seed that it fails with.
  private Found start() {
    ShrunkSize size = ShrunkSize.of(whole);
    Set<Verdict> verdicts = EnumSet.noneOf(Verdict.class);
    for (long seed : seeds) {
      Summary summary = run(whole.withSeed(seed), size);
      verdicts.add(summary.verdict());
      Optional<Failure> failure = summary.firstFailure();
      if (summary.verdict() == Verdict.FAIL && failure.isPresent()) {
        return new Found(given, size, seed, failure.get());
      }
    }
    throw new BadInput("--shrink: " + file + " does not fail: it ends with " + list(verdicts) + ", seed"
        + (seeds.size() == 1 ? " " : "s ") + list(seeds));
  }

  private static String list(Collection<?> of) {
    return of.stream().map(Object::toString).collect(Collectors.joining(", "));
  }

  private Found smallest(Found start, FailureKind kind) {
    for (ShrunkSize size : start.size().small(site(start.failure()))) {
      Optional<Found> found = attempt(size, kind, seeds);
      if (found.isPresent()) {
        return found.get();
      }
    }
    Found least = start;
    for (Optional<Found> less = Optional.of(start); less.isPresent(); less = less(least, kind)) {
      least = less.get();
    }
    return least;
  }

  private Optional<Found> less(Found from, FailureKind kind) {
    List<ShrunkSize> sizes = from.size().less();
    return Stream.of(Stream.concat(Stream.of(from.seed()), seeds.stream()).distinct().toList(), manySeeds)
        .flatMap(with -> sizes.stream().map(size -> attempt(size, kind, with)))
        .flatMap(Optional::stream).findFirst();
  }

  private static int site(Failure failure) {
    Matcher site = SITE.matcher(failure.symbol());
    return site.matches() ? Integer.parseInt(site.group(1)) : -1;
  }

  /// A run of this size that fails so, if there is one.
  private Optional<Found> attempt(ShrunkSize size, FailureKind kind, List<Long> with) {
    List<Setting> settings = new ArrayList<>(given);
    settings.addAll(size.settings(whole));
    settings.add(expect(kind));
    try {
      Scenario smaller = ScenarioReader.read(file, settings);
      for (long seed : with) {
        Summary summary = run(smaller.withSeed(seed), size);
        if (summary.asExpected()) {
          return Optional.of(new Found(settings, size, seed, summary.firstFailure().orElseThrow()));
        }
      }
    } catch (BadField | Run.NoKernel | Run.NoSite e) {
      return Optional.empty(); // this small it is no scenario
    }
    return Optional.empty();
  }

  private String runs() {
    return runs + (runs == 1 ? " run" : " runs");
  }

  private static Setting expect(FailureKind kind) {
    return new Setting("expect", "{verdict: fail, kind: " + kind.label() + "}");
  }

  private Summary run(Scenario scenario, ShrunkSize size) {
    runs++;
    trial.progress().stage(size + ", seed " + scenario.machine().seed() + ": ");
    return trial.run(scenario, work, "", summary -> false);
  }

  private void write(Path target, Found found, FailureKind kind) {
    List<Setting> settings = new ArrayList<>(found.settings());
    settings.add(expect(kind));
    settings.add(new Setting("seed", String.valueOf(found.seed())));
    settings.add(Setting.text("description",
        found.size() + ": fails as " + whole.name() + " does, " + kind.label() + "."));
    String name = whole.name().replaceAll("[\\p{Cntrl}\\u2028\\u2029]", " "); // in a comment
    String text = BEGINS + ShrunkSize.of(whole) + " of " + name + ", " + runs() + "\n"
        + ScenarioReader.text(file, settings, target);
    WholeFile.write(target, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
  }
}
