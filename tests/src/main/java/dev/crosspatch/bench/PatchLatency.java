package dev.crosspatch.bench;

import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.Plugins;
import dev.crosspatch.sim.guest.Work;
import dev.crosspatch.sim.mechanism.GuestLibrary;
import dev.crosspatch.sim.mechanism.Mechanism;
import dev.crosspatch.sim.mechanism.Mechanisms;
import dev.crosspatch.sim.mechanism.Protocol;
import dev.crosspatch.sim.mechanism.Span;
import dev.crosspatch.sim.mechanism.Step;
import dev.crosspatch.sim.run.Latency;
import dev.crosspatch.sim.run.Run;
import dev.crosspatch.sim.run.StolenCycles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.HdrHistogram.Histogram;

/// Patch latency in guest cycles, as tables in Markdown. The figures are the simulation's own, so they are the same on
/// every host; `docs/latency.md` says what the columns are.
public final class PatchLatency {
  private static final String USAGE = """
      usage: latency [WHAT], without WHAT: keys, machines, then mechanisms
        keys [CPUS]                static keys, by CPUs (up to CPUS, 32), kind of sync, sites and batch limit
        machines                   a key of 56 sites on presets of whole machines, one by one and in a batch
        mechanisms [MECHANISM...]  every protocol of these (all that ship; a folder is written with a /)
        sites MECHANISM FLIPS N... that many flips of N sites, by every protocol
        step MECHANISM STEP CPUS.. with a step and without it, on so many CPUs
      """;
  /// Of a run.
  static final int FLIPS = 20;
  private static final int BATCH = 256;
  /// Sites of the runs by which rounds and sites are told apart: each one by one, and in batches.
  private static final int[] FITTED = {2, 32};

  private PatchLatency() {}

  public static void main(String[] args) {
    int status = execute(args);
    if (status != 0) {
      System.exit(status);
    }
  }

  /// Prints what is asked for. Returns the exit status: 2 if that is not understood, and says why.
  static int execute(String... args) {
    List<String> rest = List.of(args).subList(Math.min(1, args.length), args.length);
    try {
      switch (args.length == 0 ? "" : args[0]) {
        case "" -> {
          keys(32);
          machines();
          mechanisms(Mechanisms.names());
        }
        case "keys" -> keys(rest.isEmpty() ? 32 : cpus(rest.getFirst()));
        case "machines" -> machines();
        case "mechanisms" -> mechanisms(rest.isEmpty() ? Mechanisms.names() : rest);
        case "sites" -> {
          need(rest, "sites needs a mechanism, a number of flips, and numbers of sites");
          sites(find(rest.get(0)), number(rest.get(1), "flips", 1_000_000), rest.subList(2, rest.size()).stream()
              .mapToInt(text -> number(text, "sites", 1_000_000)).toArray());
        }
        case "step" -> {
          need(rest, "step needs a mechanism, a step, and numbers of CPUs");
          step(find(rest.get(0)), rest.get(1), rest.subList(2, rest.size()).stream().mapToInt(PatchLatency::cpus)
              .toArray());
        }
        default -> {
          System.err.print("latency: '" + args[0] + "' is none of keys, machines, mechanisms, sites, step\n" + USAGE);
          return 2;
        }
      }
    } catch (BadInput e) {
      System.err.println("latency: " + e.getMessage());
      return 2;
    }
    return 0;
  }

  private static Mechanism find(String name) {
    return Mechanisms.find(name, Path.of("latency"));
  }

  private static void need(List<String> rest, String what) {
    if (rest.size() < 3) {
      throw new BadInput(what);
    }
  }

  private static int cpus(String text) {
    return number(text, "CPUs", Work.CPUS_MAX);
  }

  private static int number(String text, String what, int most) {
    if (!text.matches("[0-9]{1,7}") || Integer.parseInt(text) < 1 || Integer.parseInt(text) > most) {
      throw new BadInput("'" + text + "' is no number of " + what + " within 1.." + most);
    }
    return Integer.parseInt(text);
  }

  // ---- the tables

  private static void keys(int most) {
    Mechanism keys = Mechanisms.shipped(Mechanisms.USUAL);
    header("protocol", "sync", "CPUs", "sites", "batch", FIGURES, "lost");
    for (int cpus = 1; cpus <= most; cpus *= 2) {
      for (Protocol protocol : LatencyCase.right(keys)) {
        List<String> syncs = GuestLibrary.of(protocol.isa()).syncs();
        for (String sync : syncs.isEmpty() ? List.of("") : syncs) {
          key(LatencyCase.of(keys, protocol, FLIPS).cpus(cpus).sync(sync));
        }
      }
    }
    int cpus = Math.min(4, most);
    for (Protocol protocol : LatencyCase.right(keys)) {
      for (int sites : new int[] {1, 4, 56}) {
        key(LatencyCase.of(keys, protocol, FLIPS).cpus(cpus).sites(sites, BATCH));
      }
      key(LatencyCase.of(keys, protocol, FLIPS).cpus(cpus).sites(56, 1));
    }
  }

  private static void key(LatencyCase c) {
    Run run = c.run(c.guest(0), RunLimits.NONE);
    LostWork[] work = LostWork.watch(run);
    run.execute(r -> {});
    row(c.protocol().name(), c.sync().isEmpty() ? "-" : c.sync(), c.cpus(), c.sites(), c.batch(), figures(run),
        LostWork.perFlip(c, run, work));
  }

  /// Presets that are a whole machine that somebody measured: how many CPUs it had.
  private static final Map<String, Integer> MACHINES = new TreeMap<>(Map.of("server", 24, "vm", 2));

  private static final int KEY_SITES = 56;

  private static void machines() {
    row("preset", "CPUs", "rounds, one by one", "flip, us", "rounds, one batch", "flip, us", "R, us", "S, us");
    System.out.println("|---" + "|--:".repeat(7) + "|");
    MACHINES.forEach((preset, cpus) -> {
      Mechanism keys = Mechanisms.shipped(Mechanisms.USUAL);
      Protocol protocol = LatencyCase.right(keys).getFirst();
      double mhz = Machine.readTiming(Plugins.isa(protocol.isa()), preset).frequencyMhz();
      LatencyCase c = LatencyCase.of(keys, protocol, FLIPS).preset(preset).cpus(cpus);
      CostFit fit = new CostFit();
      List<Object> cells = new ArrayList<>(List.of(preset, cpus));
      for (int batch : new int[] {1, BATCH}) {
        Run run = c.sites(KEY_SITES, batch).executedAlone();
        fit.add(run, KEY_SITES);
        cells.add(mean(run.latency().roundsPerFlip()));
        cells.add(String.format("%,.1f", run.latency().of(Span.FLIP).getValueAtPercentile(50) / mhz));
      }
      cells.add(String.format("%.1f", fit.costs().round() / mhz));
      cells.add(String.format("%.2f", fit.costs().site() / mhz));
      row(cells.toArray());
    });
  }

  private static void mechanisms(List<String> names) {
    header("mechanism", "protocol", "CPUs", FIGURES, "lock wait", "locked", COSTS);
    for (String name : names) {
      Mechanism mechanism = find(name);
      for (Protocol protocol : LatencyCase.right(mechanism)) {
        LatencyCase usual = LatencyCase.of(mechanism, protocol, FLIPS);
        row(mechanism, protocol.name(), usual.cpus(), figures(usual.executed()), mutex(usual), costs(usual));
      }
    }
  }

  private static void sites(Mechanism mechanism, int flips, int[] sites) {
    header("protocol", "CPUs", "sites", FIGURES, COSTS);
    for (Protocol protocol : LatencyCase.right(mechanism)) {
      String costs = costs(LatencyCase.of(mechanism, protocol, FLIPS));
      for (int count : sites) {
        LatencyCase c = LatencyCase.of(mechanism, protocol, flips).sites(count, BATCH);
        try {
          row(protocol.name(), c.cpus(), count, figures(c.executed()), costs);
        } catch (BadInput | IllegalStateException e) {
          System.err.println(protocol.name() + ", " + count + " sites: " + e.getMessage());
        }
      }
    }
  }

  private static List<String> steps(Mechanism mechanism, Protocol protocol) {
    return LatencyCase.of(mechanism, protocol, FLIPS).guest().build().steps().stream().map(Step::name).toList();
  }

  private static void step(Mechanism mechanism, String step, int[] cpus) {
    List<String> all =
        mechanism.protocols().stream().flatMap(p -> steps(mechanism, p).stream()).distinct().toList();
    if (!all.contains(step)) {
      throw new BadInput("'" + step + "' is no step of " + mechanism + ", which has " + String.join(", ", all));
    }
    header("protocol", "step", "CPUs", "sites", FIGURES, "a trap");
    for (Protocol protocol : mechanism.protocols()) {
      LatencyCase usual = LatencyCase.of(mechanism, protocol, FLIPS);
      if (steps(mechanism, protocol).contains(step)) {
        for (int count : cpus) {
          for (Set<String> out : List.of(Set.<String>of(), Set.of(step))) {
            Run run = usual.cpus(count).without(out).executed();
            StolenCycles stolen = run.latency().stolen();
            row(protocol.name(), out.isEmpty() ? "-" : step, count, usual.sites(), figures(run),
                stolen.traps() == 0 ? "-" : shown((double) stolen.trapCycles() / stolen.traps()));
          }
        }
      }
    }
  }

  // ---- what stands in them

  /// Of flips.
  private static final String FIGURES = "flip p50 | flip p99 | new text p50 | new text p99 | rounds | IPIs | traps | "
      + "stolen p50 | stolen p99 | stolen, all";

  private static String figures(Run run) {
    Latency latency = run.latency();
    StolenCycles stolen = latency.stolen();
    Function<Histogram, String> both = h -> Latency.shown(h, 50) + " | " + Latency.shown(h, 99);
    return String.join(" | ", both.apply(latency.of(Span.FLIP)), both.apply(latency.newText()),
        mean(latency.roundsPerFlip()), mean(latency.ipisPerFlip()), mean(latency.trapsPerFlip()),
        both.apply(stolen.perCpu()),
        shown(stolenPerFlip(latency)));
  }

  /// Cycles that all bystanders lose to a flip, mean.
  static double stolenPerFlip(Latency latency) {
    StolenCycles stolen = latency.stolen();
    return (double) (stolen.interruptCycles() + stolen.trapCycles()) / latency.flips();
  }

  /// Of two CPUs that patch in turn: one's wait, and the other's time under the mutex.
  private static String mutex(LatencyCase c) {
    if (c.isOfOneCpu()) {
      return "- | -";
    }
    try {
      Latency latency = c.patchers(2).executed().latency();
      return Latency.shown(latency.of(Span.LOCK), 50) + " | " + Latency.shown(latency.locked(), 50);
    } catch (IllegalStateException e) {
      System.err.println(c + ": " + e.getMessage());
      return "- | -";
    }
  }

  private static final String COSTS = "R | S | off by";

  /// R and S of T = rounds x R + sites x S, over runs of few and many sites one by one and in batches.
  private static String costs(LatencyCase c) {
    CostFit fit = new CostFit();
    for (int sites : FITTED) {
      for (int batch : new int[] {1, BATCH}) {
        fit.add(c.sites(sites, batch).executed(), sites);
      }
    }
    CostFit.Costs costs = fit.costs();
    return Double.isNaN(costs.round()) ? "- | - | -"
        : shown(costs.round()) + " | " + shown(costs.site()) + " | " + Math.round(100 * costs.error()) + " %";
  }

  private static String mean(double value) {
    return value == Math.rint(value) ? shown(value) : String.format("%,.1f", value);
  }

  private static String shown(double value) {
    return String.format("%,d", Math.round(value));
  }

  private static void header(String... columns) {
    row((Object[]) columns);
    long texts = Arrays.stream(columns).takeWhile(c -> !c.equals("CPUs") && !c.equals(FIGURES)).count();
    long all = Arrays.stream(columns).mapToLong(c -> c.chars().filter(x -> x == '|').count() + 1).sum();
    System.out.println("|---".repeat((int) texts) + "|--:".repeat((int) (all - texts)) + "|");
  }

  private static void row(Object... cells) {
    System.out.println("| " + String.join(" | ", Arrays.stream(cells).map(String::valueOf).toList()) + " |");
  }
}
