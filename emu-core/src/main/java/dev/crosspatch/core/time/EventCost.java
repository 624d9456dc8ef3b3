package dev.crosspatch.core.time;

/// What a timing table has a row for besides the cost classes: waits and events, in cycles.
public enum EventCost {
  /// Added to a load or store that misses the L1 data cache and hits L2; misses to memory; transfer of a line from
  /// another core's cache.
  L2_HIT, MEMORY, REMOTE_LINE,
  /// Added to a fetch that misses the L1 instruction cache (per line), when L2 has it.
  FETCH_L2_HIT,
  /// A page walk after a TLB miss whose entries are in the L1 data cache. Misses are added as for any load.
  TLB_MISS,
  /// Pipeline refill after a wrong branch prediction.
  MISPREDICT,
  /// Entry into an exception handler, synchronous; entry for an interrupt.
  EXCEPTION, INTERRUPT,
  /// From the sender's ICR/SGI write until the target may take the interrupt.
  IPI,
  /// Self-modifying-code clear of the storing core (x86).
  SMC_CLEAR,
  /// From a remote store becoming visible to data until fetch of that line sees it, upper end of the window of a
  /// typical core.
  CODE_VISIBILITY,
  /// The lower end of that window, and by how much later fetch sees one line change than another that is stored to at
  /// the same time. With a skew of all the window each line is on its own, and the lower end is 0.
  CODE_VISIBILITY_LEAST, CODE_VISIBILITY_SKEW,
  /// Wake from HLT or WFI.
  WAKE;

  /// Whether it only makes the core that meets it wait: for a cache, a TLB, its front end.
  public boolean isStall() {
    return switch (this) {
      case L2_HIT, MEMORY, REMOTE_LINE, FETCH_L2_HIT, TLB_MISS, MISPREDICT, SMC_CLEAR -> true;
      case EXCEPTION, INTERRUPT, IPI, CODE_VISIBILITY, CODE_VISIBILITY_LEAST, CODE_VISIBILITY_SKEW, WAKE -> false;
    };
  }
}
