package dev.crosspatch.sim.guest;

import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.core.time.EventCost;
import dev.crosspatch.core.time.TimingTable;
import dev.crosspatch.core.uop.CostClass;

/// How often a guest kernel's timer may tick. What its handler takes (`timer_entry` and `irq_entry` in `trap.s`) is
/// lost to everything else: ticks that come faster than it returns leave no instruction for the work, and the run ends
/// at its limit. `TimerTickTest` holds [#cost] against what a tick really takes.
public final class TimerTick {
  /// Cycles of what the handlers do besides what the timing tables price apart: saving and restoring registers,
  /// counting.
  private static final int ORDINARY = 32;
  /// System registers that AArch64's handler reads and writes.
  private static final int SYSTEM_REGISTERS = 8;
  /// AArch64's timer is set with CNTV_TVAL_EL0, a signed number of 32 bits: what is more lies in the past.
  private static final long SIGNED = 0x7fff_ffffL;

  private static final long UNSIGNED = 0xffff_ffffL;

  private TimerTick() {}

  /// Cycles that a tick takes from what it interrupts, rounded up.
  public static long cost(Isa isa, TimingTable timing) {
    long units = timing.cost(EventCost.INTERRUPT);
    if (isX86(isa)) {
      units += timing.cost(CostClass.IRET) + timing.cost(CostClass.WRMSR);
    } else {
      units += timing.cost(CostClass.ERET) + timing.cost(CostClass.ISB) + SYSTEM_REGISTERS
          * (long) timing.cost(CostClass.MSR);
    }
    return units / TimingTable.UNITS + ORDINARY;
  }

  /// The shortest period, in units of the timer: half of the time is left to the work.
  public static long least(Isa isa, TimingTable timing) {
    return timing.clocks().ticks(2 * cost(isa, timing)) + 1;
  }

  /// The longest period, in units of the timer.
  public static long most(Isa isa) {
    return isX86(isa) ? UNSIGNED : SIGNED;
  }

  private static boolean isX86(Isa isa) {
    return isa.name().equals("x86-64");
  }
}
