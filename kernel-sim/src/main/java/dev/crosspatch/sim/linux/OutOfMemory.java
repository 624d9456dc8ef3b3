package dev.crosspatch.sim.linux;

/// There is no page left for a program that may have one. Linux looks for a process that it ends by SIGKILL then
/// (mm/oom_kill.c), and there is only this one.
final class OutOfMemory extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// @param ramBytes of the machine
  OutOfMemory(long ramBytes) {
    super("out of memory: the program takes more than the " + (ramBytes >> 20) + " MiB of --memory", null, false,
        false);
  }
}
