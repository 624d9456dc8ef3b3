package dev.crosspatch.sim.guest;

import dev.crosspatch.core.event.Event.StaleExecution;
import dev.crosspatch.tracer.text.Poke;
import java.util.Arrays;
import java.util.List;

/// Holds what a run executed against the contract of the poke log: before a poke's time the old instruction or the
/// trap, after it the new one or the trap.
///
/// Asks the machine's records of instructions that ran although memory held other bytes: nothing else can break the
/// contract.
///
/// @param mixed executions of bytes that are neither the old nor the new instruction nor the trap
/// @param late  executions of the old instruction after the time of its poke
record Contract(List<StaleExecution> mixed, List<StaleExecution> late) {

  static Contract of(GuestRun run) {
    List<StaleExecution> stale = run.stale();
    return new Contract(
        stale.stream().filter(s -> !isKnown(run, s)).toList(), stale.stream().filter(s -> isLate(run, s)).toList());
  }

  private static boolean isKnown(GuestRun run, StaleExecution s) {
    return Arrays.equals(s.executed(), run.isa().patchKit().trap())
        || run.pokes().stream().noneMatch(p -> p.address() == s.address())
        || run.pokes().stream().anyMatch(p -> p.address() == s.address()
            && (Arrays.equals(s.executed(), p.before()) || Arrays.equals(s.executed(), p.after())));
  }

  private static boolean isLate(GuestRun run, StaleExecution s) {
    Poke last = null;
    for (Poke p : run.pokes()) {
      if (p.address() == s.address() && cycle(run, p) < s.cycle()) {
        last = p;
      }
    }
    return last != null && Arrays.equals(s.executed(), last.before());
  }

  /// The last cycle in which the trace clock showed the poke's time.
  static long cycle(GuestRun run, Poke poke) {
    return run.machine().timing().table().clocks().cycles(poke.time() + 1) - 1;
  }
}
