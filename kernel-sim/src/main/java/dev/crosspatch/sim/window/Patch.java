package dev.crosspatch.sim.window;

import dev.crosspatch.sim.scenario.StoreKind;
import java.util.List;

/// All stores to a site that lead from one text to the other, those of bytes that stay as they are among them.
///
/// @param before   the text behind which it began
/// @param after    the text with which it ended
/// @param complete whether that is a text of the site, and none on the way to one: the last patch of a run may not be
/// @param steps    the stores, at least one
public record Patch(byte[] before, byte[] after, boolean complete, List<Step> steps) {

  /// A store.
  ///
  /// @param cpu  who made it; -1 for a device
  /// @param kind what it did to the text
  public record Step(long cycle, int cpu, StoreKind kind) {}
}
