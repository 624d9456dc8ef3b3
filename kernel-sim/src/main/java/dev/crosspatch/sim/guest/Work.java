package dev.crosspatch.sim.guest;

import java.util.Collections;
import java.util.List;

/// What the CPUs of a guest kernel do besides patching.
///
/// @param cpus         how many there are, 1..64; the machine must have as many
/// @param iterations   runs of the work loop, per CPU: a number, 0 for a CPU that idles, or [#ENDLESS] for work that
///                     goes on until the flips are done. A list of one entry holds for all CPUs
/// @param tickInterval period of each CPU's timer tick in units of its timer (local APIC bus clock, generic timer), 0
///                     for none
/// @param tasks        of each CPU, 1..16, which share its iterations; more than one take turns at ticks: its own, or
///                     some that come in otherwise
/// @param nmis         whether they can take NMIs; on AArch64 they mask interrupts by priority then
/// @param hotplug      the CPU that is parked now and then
/// @param irqsOff      stretches with interrupts off
/// @param idle         stretches without work, which end at a tick
public record Work(
    int cpus, List<Long> iterations, long tickInterval, int tasks, boolean nmis, Hotplug hotplug, Stretch irqsOff,
    Stretch idle) {
  /// Iterations of a CPU that works until the flips are done.
  public static final long ENDLESS = -1;

  /// Most CPUs.
  public static final int CPUS_MAX = 64;

  /// Most tasks of a CPU.
  public static final int TASKS_MAX = 16;

  /// Checks every range.
  ///
  /// @throws IllegalArgumentException `field: what is wrong`
  public Work {
    Check.range("cpus", cpus, 1, CPUS_MAX);
    Check.range("tickInterval", tickInterval, 0, 0xffff_ffffL);
    Check.range("tasks", tasks, 1, TASKS_MAX);
    Check.range("hotplug.cpu", hotplug.cpu(), 0, cpus - 1);
    Check.that(tasks == 1 || !hotplug.isThere(), "hotplug",
        "tasks of a parked CPU would stay where they were preempted: it needs tasks: 1");
    Check.that(tickInterval > 0 || !idle.isThere(), "idle", "nothing wakes an idle CPU but a tick: it needs a tick");
    Check.that(iterations.size() == 1 || iterations.size() == cpus, "iterations",
        iterations.size() + " entries are neither 1 nor one for each of " + cpus + " CPUs");
    for (long n : iterations) {
      Check.range("iterations", n, ENDLESS, Long.MAX_VALUE);
    }
    iterations = iterations.size() == cpus ? List.copyOf(iterations) : Collections.nCopies(cpus, iterations.get(0));
  }
}
