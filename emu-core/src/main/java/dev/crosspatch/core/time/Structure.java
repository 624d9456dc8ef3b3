package dev.crosspatch.core.time;

/// The tables of a core that a timing table tells the size of, as sets and ways ([Geometry]); `0x0` is none.
public enum Structure {
  /// L1 caches; L2, of which [Count#L2_CORES] cores share one; L3, of which [Count#L3_CORES] do, and which takes what
  /// an L2 drops.
  L1I, L1D, L2, L3,
  /// First-level TLBs of fetch and of data, by 4 KiB; without one the second level answers at once. The second level,
  /// which serves both.
  L1I_TLB, L1D_TLB, L2_TLB,
  /// Table entries that lead on to further tables, which a walk need not read again.
  WALK_CACHE,
  /// Two-bit counters of conditional branches by address; tables behind them that are tagged and go by history, `sets`
  /// entries in each of `ways` tables.
  COUNTERS, TAGGED,
  /// Targets of indirect branches: by address and, if there are [#TAGGED] tables, a second time by history. Addresses
  /// behind calls.
  TARGETS, RETURNS;

  /// Whether a core may be without.
  boolean isOptional() {
    return switch (this) {
      case L3, L1I_TLB, L1D_TLB, WALK_CACHE, TAGGED -> true;
      case L1I, L1D, L2, L2_TLB, COUNTERS, TARGETS, RETURNS -> false;
    };
  }
}
