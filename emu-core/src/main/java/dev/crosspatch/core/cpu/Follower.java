package dev.crosspatch.core.cpu;

/// Goes along with a core, from instruction to instruction ([Core#follow]).
@FunctionalInterface
public interface Follower {

  /// The core is about to run the instruction at its `pc`; all that came before has retired, and its rows have been
  /// handed on if [Core#flushRows] is called. An interrupt that is raised here ([Core#raise]) is taken before the
  /// instruction, if the core takes it at all. What interrupts the core here is followed from its handler's first
  /// instruction on; the instruction that was interrupted is told of again when its turn comes.
  void before(Core core);
}
