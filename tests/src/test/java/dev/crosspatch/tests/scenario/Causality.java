package dev.crosspatch.tests.scenario;

import dev.crosspatch.core.event.Event;
import dev.crosspatch.core.event.Event.DeviceWritten;
import dev.crosspatch.core.event.Event.InterruptSent;
import dev.crosspatch.core.event.Event.LineMoved;
import dev.crosspatch.core.event.Event.LineTaken;
import dev.crosspatch.core.event.Event.Maintenance;
import dev.crosspatch.core.event.Event.MaintenanceCompleted;
import dev.crosspatch.core.event.Event.SharedStored;
import dev.crosspatch.core.event.Event.TextStored;
import dev.crosspatch.core.event.Event.VersionExecuted;
import dev.crosspatch.core.event.RetireBatch;
import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.core.event.RetireSink;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.mem.PhysicalMemory;
import dev.crosspatch.core.time.ClockUnit;
import dev.crosspatch.core.time.EventCost;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/// Listens to a machine whose cores run ahead of each other, and looks whether anything is seen before its cause: in
/// the order in which cores did things, whoever did something that another had seen, or could see, has a clock at or
/// behind that other's.
///
/// A core that is not running has begun its last instruction when the one before it retired: up to there it has seen
/// what there was.
final class Causality {
  /// What may be seen before its cause.
  enum Rule { TEXT_STORE, TEXT_FETCH, LINE, MAINTENANCE, INTERRUPT, DEVICE }

  /// Of clocks that are told in whole cycles.
  private static final long GRAIN = 1;
  private static final long NOTHING = Long.MIN_VALUE;

  private final Machine machine;
  private final long latency;
  /// By core, when its last row and the one before it happened.
  private final long[] last;
  private final long[] before;
  /// By core, the time that the instruction under way must reach, as it takes a line from others.
  private final long[] wanted;
  /// By line, when it changed last for those who fetch it.
  private final Map<Long, Long> unified = new HashMap<>();
  /// By line, the newest version that anybody has executed.
  private final Map<Long, Long> newest = new HashMap<>();
  /// When lines were stored to last that move between cores.
  private final Map<Long, Long> shared = new HashMap<>();
  private final Map<Rule, Integer> broken = new EnumMap<>(Rule.class);
  private final Map<Rule, Integer> seen = new EnumMap<>(Rule.class);
  private long device;

  Causality(Machine machine) {
    this.machine = machine;
    latency = ClockUnit.cycles(machine.timing().cost(EventCost.IPI));
    last = new long[machine.cpus()];
    before = new long[machine.cpus()];
    wanted = new long[machine.cpus()];
    for (int cpu = 0; cpu < machine.cpus(); cpu++) {
      wanted[cpu] = NOTHING;
      machine.attach(cpu, rows(cpu));
    }
    machine.probe().hearAll(this::happened);
  }

  /// How often each rule was broken; those that never were are not there.
  Map<Rule, Integer> broken() {
    return broken;
  }

  /// How often a rule was asked.
  int seen(Rule rule) {
    return seen.getOrDefault(rule, 0);
  }

  private RetireSink rows(int cpu) {
    return new RetireSink() {
      @Override
      public void retired(RetireBatch batch) {
        for (int i = 0; i < batch.rows(); i++) {
          int kind = batch.row(i).kind();
          before[cpu] = kind == RetireRow.CONTEXT || kind == RetireRow.CALL ? before[cpu] : last[cpu];
          last[cpu] = batch.row(i).time;
          if (wanted[cpu] != NOTHING) {
            check(Rule.LINE, wanted[cpu] <= last[cpu] + GRAIN);
            wanted[cpu] = NOTHING;
          }
        }
      }
    };
  }

  private void settle() {
    for (int cpu = 0; cpu < machine.cpus(); cpu++) {
      machine.core(cpu).flushRows(false);
    }
  }

  private void check(Rule rule, boolean holds) {
    seen.merge(rule, 1, Integer::sum);
    if (!holds) {
      broken.merge(rule, 1, Integer::sum);
    }
  }

  /// Nobody else has begun anything behind `time`.
  private void checkOthers(Rule rule, int cpu, long time) {
    for (int other = 0; other < before.length; other++) {
      check(rule, other == cpu || before[other] <= time + GRAIN);
    }
  }

  private void happened(Event event) {
    settle();
    switch (event) {
      case TextStored e -> {
        if (machine.memory().isCoherent()) {
          unified.put(e.address() & -PhysicalMemory.LINE, e.cycle());
        }
        checkOthers(Rule.TEXT_STORE, e.cpu(), e.cycle());
      }
      case VersionExecuted e -> {
        if (isPresent(e) && e.born() > newest.getOrDefault(e.line(), NOTHING)) {
          newest.put(e.line(), e.born());
          check(Rule.TEXT_FETCH, unified.getOrDefault(e.line(), NOTHING) <= e.cycle() + GRAIN);
        }
      }
      case MaintenanceCompleted e -> {
        if (e.what() == Maintenance.CLEAN || e.what() == Maintenance.FLUSH) {
          unified.put(e.line(), e.cycle());
        }
        if (e.what() != Maintenance.INVALIDATE_OWN) {
          checkOthers(Rule.MAINTENANCE, e.cpu(), e.cycle());
        }
      }
      case InterruptSent e -> check(Rule.INTERRUPT, before[e.target()] <= e.cycle() + latency + GRAIN);
      case DeviceWritten e -> {
        checkOthers(Rule.DEVICE, e.cpu(), e.cycle());
        check(Rule.DEVICE, device <= e.cycle());
        device = e.cycle();
      }
      case SharedStored e -> shared.put(e.line(), e.cycle());
      case LineMoved e -> wanted[e.cpu()] = Math.max(wanted[e.cpu()],
          Math.min(before[e.from()], shared.getOrDefault(e.line(), NOTHING)));
      case LineTaken e -> {
        for (long left = e.others(); left != 0; left &= left - 1) {
          wanted[e.cpu()] = Math.max(wanted[e.cpu()], before[Long.numberOfTrailingZeros(left)]);
        }
      }
      default -> { }
    }
  }

  /// Whether a refill would get the same now.
  private boolean isPresent(VersionExecuted version) {
    int at = machine.memory().offset(version.line());
    return Arrays.equals(version.bytes(), 0, PhysicalMemory.LINE, machine.memory().unification(), at,
        at + PhysicalMemory.LINE);
  }
}
