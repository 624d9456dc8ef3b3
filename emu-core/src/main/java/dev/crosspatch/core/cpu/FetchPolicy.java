package dev.crosspatch.core.cpu;

import dev.crosspatch.core.mem.PhysicalMemory;

/// How far a core's instruction fetch may lag behind memory.
///
/// @param snooped     a line leaves the instruction cache when it changes at the point of unification (x86;
///                    CTR_EL0.DIC = 1)
/// @param ownStores   a core notices stores to code it has fetched itself (x86: self-modifying code)
/// @param monotonic   once a core has fetched a newer version of a line it never gets an older one (x86)
/// @param adversarial as stale as the manual allows, instead of as a usual core behaves
/// @param visibility  how long a usual core may still run what it had fetched ahead
/// @param unit        what is fetched at once
public record FetchPolicy(boolean snooped, boolean ownStores, boolean monotonic, boolean adversarial,
    Visibility visibility, Unit unit) {

  /// When a usual core sees that a line has changed, in [dev.crosspatch.core.time.ClockUnit]s behind the store.
  ///
  /// @param least at the earliest, if all lines are seen to change together
  /// @param most  at the latest
  /// @param skew  by how much one line may be later than another that changed with it; `most` or more: each is on its
  ///              own
  public record Visibility(int least, int most, int skew) {

    /// Whether lines that change in one go are seen to change in one go, but for the skew.
    boolean isJoint() {
      return skew < most;
    }
  }

  /// What is fetched at once: one version of it, whole. Fetched at different times, two units may be of different
  /// versions.
  ///
  /// @param width    bytes, aligned to as many
  /// @param atom     bytes, aligned to as many, within which a store is fetched whole or not at all, whatever the width
  /// @param straddled whether an instruction may be of several units of one line
  public record Unit(int width, int atom, boolean straddled) {

    /// Whether lines are fetched whole.
    boolean isLine() {
      return width == PhysicalMemory.LINE;
    }

    /// Whether bytes that a store did not touch may be of another version than those that it did, though they are
    /// fetched beside them.
    boolean isSplitByStores() {
      return width < atom;
    }

    /// The bytes, a bit each, that are seen to change when the first of those that have changed does.
    ///
    /// @param changed a bit for each byte of a line that has changed, at least one
    /// @param whole   whether they were changed by one store that lies within an atom
    long first(long changed, boolean whole) {
      int at = Long.numberOfTrailingZeros(changed);
      int size = Math.max(width, atom);
      long block = -1L >>> (PhysicalMemory.LINE - size) << (at & -size);
      return !isSplitByStores() ? block : whole ? block & changed : 1L << at;
    }
  }
}
