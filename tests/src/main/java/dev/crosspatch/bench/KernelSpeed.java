package dev.crosspatch.bench;

import dev.crosspatch.core.choice.SeededChoices;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.platform.Platform;
import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.cli.Progress;
import dev.crosspatch.sim.fields.Setting;
import dev.crosspatch.sim.guest.GuestLayout;
import dev.crosspatch.sim.guest.GuestOutcome;
import dev.crosspatch.sim.guest.LabDevice;
import dev.crosspatch.sim.run.Kernels;
import dev.crosspatch.sim.run.Run;
import dev.crosspatch.sim.run.RunLogs;
import dev.crosspatch.sim.scenario.Scenario;
import dev.crosspatch.sim.scenario.ScenarioReader;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/// Guest instructions per microsecond of processor time of what users run: the guest kernel's own work, on one CPU and
/// on four, with nobody listening, and traced with its truth logged; one flip, so that patching is none of it.
public final class KernelSpeed {
  private static final String USAGE = "usage: kernels [--runs N] [--percent N] [KEY=VALUE]...";
  private static final int RUNS = 5;
  private static final int WARM = 2;
  /// Of all CPUs together: some hundred million instructions.
  private static final int ITERATIONS = 60_000;

  private final int runs;
  private final int iterations;
  private final List<Setting> settings;

  private KernelSpeed(int runs, int percent, List<Setting> settings) {
    this.runs = runs;
    iterations = Math.max(4, (int) ((long) ITERATIONS * percent / 100));
    this.settings = settings;
  }

  public static void main(String[] args) {
    int status = execute(args);
    if (status != 0) {
      System.exit(status);
    }
  }

  /// Prints the table. Returns the exit status: 2 if the arguments are not understood, and says why.
  static int execute(String... args) {
    try {
      Options options = Options.read(args, List.of("--runs", "--percent"), USAGE);
      new KernelSpeed(options.number("--runs", RUNS, 1000), options.number("--percent", 100, 100_000),
          options.rest().stream().map(Setting::of).toList()).table();
      return 0;
    } catch (BadInput e) {
      System.err.println("kernels: " + e.getMessage());
      return 2;
    }
  }

  private void table() {
    System.out.println("guest instructions per microsecond of processor time: median (range) of " + runs + " runs");
    System.out.printf(ROW, "ISA", "CPUs", "instructions", "nobody listens", "traced, truth logged", "ratio");
    for (String base : List.of("x86-jump-label", "arm64-jump-label")) {
      for (int cpus : new int[] {1, 4}) {
        row(base, cpus);
      }
    }
  }

  private static final String ROW = "%-8s %4s %13s  %-22s %-22s %5s%n";

  private void row(String base, int cpus) {
    List<Setting> all = new ArrayList<>(List.of(Setting.of("cpus=" + cpus), Setting.of("flips.total=1"),
        Setting.of("iterations=" + iterations / cpus)));
    all.addAll(settings);
    Scenario scenario = ScenarioReader.read(Path.of("scenarios", base + ".yaml"), all);
    long instructions = bare(scenario);
    double[] quiet = new double[runs];
    double[] logged = new double[runs];
    try (Progress progress = new Progress()) {
      for (int i = -WARM; i < runs; i++) {
        progress.show(base + ", " + cpus + " CPUs, run " + (i + 1) + " of " + runs);
        double without = rate(() -> bare(scenario));
        double with = rate(() -> logged(scenario));
        if (i >= 0) {
          quiet[i] = without;
          logged[i] = with;
        }
      }
      progress.clear();
    }
    Spread without = Spread.of(quiet);
    Spread with = Spread.of(logged);
    System.out.printf(ROW, scenario.machine().isa().name(), cpus, String.format("%,d", instructions), text(without),
        text(with), String.format("%.2f", without.median() / with.median()));
  }

  private static String text(Spread spread) {
    return String.format("%.1f (%.1f..%.1f)", spread.median(), spread.min(), spread.max());
  }

  /// Instructions per microsecond of this thread's processor time.
  private static double rate(LongSupplier run) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadCpuTime();
    long instructions = run.getAsLong();
    return instructions * 1e3 / (threads.getCurrentThreadCpuTime() - before);
  }

  /// Runs the kernel alone; returns how many instructions retired.
  private static long bare(Scenario scenario) {
    Platform platform = GuestLayout.board().assemble(
        scenario.machine(), new SeededChoices(1, scenario.machine().cpus()));
    Machine machine = platform.machine();
    LabDevice lab = new LabDevice(platform, scenario.guest(), poke -> { });
    platform.boot(Kernels.get(scenario.machine().isa(), scenario.guest()));
    machine.run(scenario.limits().until(Long.MAX_VALUE));
    if (!lab.outcome().equals(new GuestOutcome.Exited(0))) {
      throw new IllegalStateException(scenario.name() + ": " + lab.outcome().text());
    }
    return retired(machine);
  }

  private static long logged(Scenario scenario) {
    Run run = new Run(scenario, RunLogs.to(true, name -> (bytes, from, length) -> { }));
    run.execute(result -> { });
    if (!run.end().good()) {
      throw new IllegalStateException(scenario.name() + ": " + run.end().text());
    }
    return retired(run.machine());
  }

  private static long retired(Machine machine) {
    long retired = 0;
    for (int cpu = 0; cpu < machine.cpus(); cpu++) {
      retired += machine.counters(cpu).retired();
    }
    return retired;
  }
}
