package dev.crosspatch.sim.sweep;

import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.fields.Setting;
import dev.crosspatch.sim.scenario.Scenario;
import dev.crosspatch.sim.scenario.ScenarioReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// All runs that are to be made: each scenario with every combination of values, those of the last key changing
/// fastest, and each of these with every seed. All are read before the first runs.
public final class Plan {
  private static final int MOST_COMBINATIONS = 10_000;

  private final List<Axis> axes;
  private final @Nullable Seeds seeds;
  private final List<Case> groups = new ArrayList<>();
  private final int files;

  /// Reads all scenarios.
  ///
  /// @param axes  what is set in each of them, with one value or several
  /// @param seeds to be run with; null: those that scenarios name, or
  /// @param seed  the only one; null: those that scenarios name
  /// @throws BadInput if one cannot be read, two have one name, a key stands twice or there are too many
  public Plan(List<Path> files, List<Axis> axes, @Nullable Seeds seeds, @Nullable Long seed) {
    this.axes = List.copyOf(axes);
    this.seeds = seeds;
    this.files = files.size();
    check(seed != null || seeds != null);
    List<List<Setting>> combinations = combinations();
    Set<String> names = new HashSet<>();
    for (Path file : files) {
      String name = ScenarioReader.name(file);
      if (!names.add(name)) {
        throw new BadInput(file + ": a second scenario of the name " + name + "; their outputs would be in one place");
      }
      for (List<Setting> settings : combinations) {
        List<Setting> swept = settings.stream().filter(s -> isSwept(s.key())).toList();
        Scenario scenario = read(file, settings, swept);
        groups.add(new Case(file, settings, swept, seed == null ? scenario : scenario.withSeed(seed)));
      }
    }
  }

  private static Scenario read(Path file, List<Setting> settings, List<Setting> swept) {
    try {
      return ScenarioReader.read(file, settings);
    } catch (BadInput e) {
      throw swept.isEmpty() ? e : new BadInput(e.line() + " (with "
          + swept.stream().map(Setting::toString).collect(Collectors.joining(", ")) + ")");
    }
  }

  /// @param seeded whether there is another word on seeds
  private void check(boolean seeded) {
    Set<String> keys = new HashSet<>();
    for (Axis axis : axes) {
      if (!keys.add(axis.key()) && axes.stream().anyMatch(a -> a.isSwept() && a.key().equals(axis.key()))) {
        throw new BadInput("--set: " + axis.key() + " is given twice, one of them a list");
      }
      if (seeded && axis.key().equals("seed")) {
        throw new BadInput("--set seed, --seed, --seeds: one of them is enough");
      }
    }
    double combinations = axes.stream().mapToDouble(a -> a.values().size()).reduce(1, (a, b) -> a * b);
    if (combinations > MOST_COMBINATIONS) {
      throw new BadInput(String.format("--set: %,.0f combinations of values; %,d are the most", combinations,
          MOST_COMBINATIONS));
    }
  }

  private List<List<Setting>> combinations() {
    List<List<Setting>> all = List.of(List.of());
    for (Axis axis : axes) {
      all = all.stream().flatMap(before -> axis.values().stream()
          .map(value -> Stream.concat(before.stream(), Stream.of(value)).toList())).toList();
    }
    return all;
  }

  private boolean isSwept(String key) {
    return axes.stream().anyMatch(a -> a.isSwept() && a.key().equals(key));
  }

  /// Whether a scenario is run more than once.
  public boolean isSweep() {
    return seeds != null || groups.size() > files;
  }

  /// Whether seeds are given, and more than one.
  public boolean isOfSeeds() {
    return seeds != null && seeds.count() > 1;
  }

  /// The keys that have several values, as they were given.
  public List<Axis> swept() {
    return axes.stream().filter(Axis::isSwept).toList();
  }

  /// The key that a plot is drawn over: the first that has several values, and is no seed.
  public Optional<Axis> plotted() {
    return swept().stream().filter(a -> !a.key().equals("seed")).findFirst();
  }

  /// How many scenarios there are.
  public int scenarios() {
    return files;
  }

  /// How many runs there are; the largest number for more.
  public long size() {
    double all = (double) groups.size() * (seeds == null ? 1 : seeds.count());
    return all < 1e18 ? groups.size() * (seeds == null ? 1 : seeds.count()) : Long.MAX_VALUE;
  }

  /// One run of each scenario and combination.
  public List<Case> groups() {
    return groups;
  }

  /// All runs in their order.
  public Stream<Case> cases() {
    Seeds with = seeds;
    return with == null ? groups.stream() : groups.stream().flatMap(g -> LongStream
        .rangeClosed(with.first(), with.last()).mapToObj(
            seed -> new Case(g.file(), g.settings(), g.swept(), g.scenario().withSeed(seed))));
  }
}
