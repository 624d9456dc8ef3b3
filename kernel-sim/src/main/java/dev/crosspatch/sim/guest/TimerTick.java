package dev.crosspatch.sim.guest;

import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.core.time.ClockUnit;
import dev.crosspatch.core.time.EventCost;
import dev.crosspatch.core.time.TimingTable;
import dev.crosspatch.core.uop.CostClass;
import dev.crosspatch.sim.mechanism.GuestLibrary;
import java.util.Map;

/// How often a guest kernel's timer may tick. What its handler takes (`timer_entry` and `irq_entry` in `trap.s`) is
/// lost to everything else: ticks that come faster than it returns leave no instruction for the work, and the run ends
/// at its limit. `TimerTickTest` holds [#cost] against what a tick really takes.
public final class TimerTick {
  /// Cycles of what the handlers do besides what the library says and the timing tables price: saving and restoring
  /// registers, counting.
  private static final int ORDINARY = 32;

  private TimerTick() {}

  /// Cycles that a tick takes from what it interrupts, rounded up.
  public static long cost(Isa isa, TimingTable timing) {
    long units = timing.cost(EventCost.INTERRUPT);
    for (Map.Entry<CostClass, Integer> instruction : GuestLibrary.of(isa.name()).tick().costs().entrySet()) {
      units += (long) instruction.getValue() * timing.cost(instruction.getKey());
    }
    return ClockUnit.cycles(units) + ORDINARY;
  }

  /// The shortest period, in units of the timer: half of the time is left to the work.
  public static long least(Isa isa, TimingTable timing) {
    return timing.clocks().ticks(2 * cost(isa, timing)) + 1;
  }

  /// The longest period, in units of the timer.
  public static long most(Isa isa) {
    return GuestLibrary.of(isa.name()).tick().most();
  }
}
