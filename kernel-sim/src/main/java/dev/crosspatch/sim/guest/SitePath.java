package dev.crosspatch.sim.guest;

import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The paths of a guest kernel that sites can stand on. But for the work, each is a function of sites alone, which the
/// guest library calls at one place, and has a counter of its own ([Counter]).
public enum SitePath {
  /// The work: once per iteration.
  WORK(null),
  /// The handler of the timer tick.
  TICK(Counter.PATH_TICK),
  /// The handler of function-call interrupts (syncs, kicks), before it answers.
  CALL(Counter.PATH_CALL),
  /// The handler of NMIs.
  NMI(Counter.PATH_NMI),
  /// What writes text, on the patching CPU: before each store to text, so between the stores of a batch. The patcher
  /// runs what it patches.
  PATCHER(Counter.PATH_PATCHER),
  /// The handler of breakpoints, before it asks whose the breakpoint is: a breakpoint there comes back to itself.
  TRAP(Counter.PATH_TRAP),
  /// The handler of breakpoints, once it has emulated one, unless it was interrupted by that itself.
  TRAP_OUTER(Counter.PATH_TRAP_OUTER);

  /// A pass through the path adds this to its counter, and the sum of its sites' numbers.
  public static final long PASS = 1L << 40;

  private final @Nullable Counter counter;

  SitePath(@Nullable Counter counter) {
    this.counter = counter;
  }

  /// As scenarios say it.
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// What counts its passes: [#PASS] each, and the sum of (site number + 1) of the sites that were passed. Sites of the
  /// work have counters of their own.
  public Optional<Counter> counter() {
    return Optional.ofNullable(counter);
  }
}
