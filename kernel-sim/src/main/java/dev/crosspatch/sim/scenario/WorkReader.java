package dev.crosspatch.sim.scenario;

import dev.crosspatch.sim.fields.Fields;
import dev.crosspatch.sim.guest.GuestConfig;
import dev.crosspatch.sim.guest.Hotplug;
import dev.crosspatch.sim.guest.Stretch;
import dev.crosspatch.sim.guest.Work;
import dev.crosspatch.sim.mechanism.GuestLibrary;
import dev.crosspatch.sim.mechanism.Part;
import java.util.ArrayList;
import java.util.List;

/// Reads what a scenario says of the CPUs of its kernel: who patches, how many tasks there are, who is parked, who
/// answers late.
final class WorkReader {
  private final Fields map;
  private final GuestLibrary library;
  private final int cpus;
  private final long flips;

  /// @param flips in all; 0: as many as there is time for
  WorkReader(Fields map, GuestLibrary library, int cpus, long flips) {
    this.map = map;
    this.library = library;
    this.cpus = cpus;
    this.flips = flips;
  }

  /// Takes it up.
  void read(GuestConfig.Builder guest) {
    List<Integer> patching = patching();
    guest.patchingCpus(patching)
        .tickInterval(map.number("tick", 0, 0, 0xffff_ffffL))
        .tasks(tasks())
        .hotplug(hotplug(patching))
        .irqsOff(stretch("irqs-off"))
        .idle(stretch("idle"));
  }

  /// The steps left out are of parts that the kernel has.
  static void checkSteps(Fields map, GuestConfig guest) {
    GuestLibrary library = guest.patching().library();
    for (String step : guest.patching().leftOut()) {
      Part part = library.bringing(step);
      if (part != null && guest.steps().stream().noneMatch(s -> s.name().equals(step))) {
        throw map.bad("leave-out",
            "'" + step + "' is a step of part " + part.name() + ", which this kernel has no use for");
      }
    }
  }

  private void needs(String key, String part) {
    if (!library.parts().containsKey(part)) {
      throw map.bad(key, "the guest library of this ISA has no part " + part + "; remove it");
    }
  }

  private List<Integer> patching() {
    int one = (int) map.number("patching-cpu", 0, 0, cpus - 1);
    List<String> said = map.list("patching-cpus");
    List<Integer> several = new ArrayList<>();
    for (int i = 0; i < said.size(); i++) {
      int cpu = said.get(i).matches("0|[1-9][0-9]?") ? Integer.parseInt(said.get(i)) : cpus;
      if (cpu >= cpus) {
        throw map.badItem("patching-cpus", i, "'" + said.get(i) + "' is no CPU within 0.." + (cpus - 1));
      }
      several.add(cpu);
    }
    if (!several.isEmpty() && map.has("patching-cpu") && several.getFirst() != one) {
      throw map.bad("patching-cpu", "the first of 'patching-cpus' is " + several.getFirst() + "; remove one of them");
    }
    if (several.size() > 1) {
      needs("patching-cpus", "text-mutex");
    }
    return several.isEmpty() ? List.of(one) : several;
  }

  private boolean ticks() {
    return map.number("tick", 0, 0, 0xffff_ffffL) > 0;
  }

  private int tasks() {
    int tasks = (int) map.number("tasks", 1, 1, Work.TASKS_MAX);
    if (tasks > 1) {
      needs("tasks", "tasks");
      if (!ticks() && !Injection.hasTicks(map, library)) {
        throw map.bad("tasks", tasks + " tasks take turns by the timer: give 'tick' a period, or inject some");
      }
    }
    return tasks;
  }

  private Hotplug hotplug(List<Integer> patching) {
    if (!map.has("hotplug")) {
      return Hotplug.NONE;
    }
    needs("hotplug", "hotplug");
    Fields at = map.map("hotplug");
    int bystander = cpus - 1;
    while (bystander >= 0 && patching.contains(bystander)) {
      bystander--;
    }
    if (bystander < 0) {
      throw map.bad("hotplug", "every CPU patches, so none can be parked");
    }
    int cpu = (int) at.number("cpu", bystander, 0, cpus - 1);
    if (patching.contains(cpu)) {
      throw at.bad("cpu", "CPU " + cpu + " patches, so it cannot be parked");
    }
    if (map.number("tasks", 1, 1, Work.TASKS_MAX) > 1) {
      throw map.bad("hotplug", "tasks of a parked CPU would stay where they were preempted; remove 'tasks'");
    }
    Hotplug hotplug = new Hotplug(cpu, at.number("every", 1, 1, Integer.MAX_VALUE));
    at.finish();
    if (flips > 0 && hotplug.every() >= flips) {
      throw at.bad("every", "the CPU is parked after " + hotplug.every() + " flips, and 'flips.total' is " + flips
          + ": none is left to make while it is");
    }
    return hotplug;
  }

  private Stretch stretch(String key) {
    if (!map.has(key)) {
      return Stretch.NONE;
    }
    needs(key, "stretches");
    Fields at = map.map(key);
    Stretch stretch = new Stretch(at.number("length", 0, 0, Stretch.MOST), at.number("every", 1, 1, Stretch.MOST));
    at.finish();
    if (key.equals("idle") && stretch.isThere() && !ticks()) {
      throw map.bad(key, "nothing wakes an idle CPU but the timer: give 'tick' a period");
    }
    return stretch;
  }
}
