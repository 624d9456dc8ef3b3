package dev.crosspatch.core.event;

import java.util.Arrays;

/// A core executed bytes that memory no longer held; or it faulted in text that was stored to, whether memory still
/// held that or not.
///
/// @param cpu      core number
/// @param cycle    its clock
/// @param address  virtual address of the instruction
/// @param executed bytes it ran
/// @param memory   bytes a load would have returned at that moment
public record StaleExecution(int cpu, long cycle, long address, byte[] executed, byte[] memory) {

  /// Whether memory held what was executed.
  public boolean isFresh() {
    return Arrays.equals(executed, memory);
  }
}
