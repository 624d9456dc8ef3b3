package dev.crosspatch.core.time;

/// What a timing table has a row for besides the cost classes: waits and events, in cycles.
public enum EventCost {
  /// Added to a load or store that misses the L1 data cache and hits L2, or L3; misses to memory; transfer of a line
  /// from the cache of another core of the cluster, of another cluster, of another socket ([Distance]).
  L2_HIT, L3_HIT, MEMORY, REMOTE_LINE, REMOTE_LINE_SOCKET, REMOTE_LINE_MACHINE,
  /// Added to a fetch that misses the L1 instruction cache (per line), when L2 has it, or L3.
  FETCH_L2_HIT, FETCH_L3_HIT,
  /// Added where the first-level TLB misses and the second level hits.
  L2_TLB_HIT,
  /// A page walk after a TLB miss whose entries are in the L1 data cache. Misses are added as for any load. What each
  /// entry that leads on to another table adds if [Structure#WALK_CACHE] has not got it.
  TLB_MISS, WALK_LEVEL,
  /// Pipeline refill after a wrong branch prediction.
  MISPREDICT,
  /// Entry into an exception handler, synchronous; entry for an interrupt.
  EXCEPTION, INTERRUPT,
  /// From the sender's ICR/SGI write until the target may take the interrupt, by [Distance].
  IPI, IPI_SOCKET, IPI_MACHINE,
  /// Self-modifying-code clear of the storing core (x86).
  SMC_CLEAR,
  /// From a remote store becoming visible to data until fetch of that line sees it, upper end of the window of a
  /// typical core.
  CODE_VISIBILITY,
  /// The lower end of that window, and by how much later fetch sees one line change than another that is stored to at
  /// the same time. With a skew of all the window each line is on its own, and the lower end is 0.
  CODE_VISIBILITY_LEAST, CODE_VISIBILITY_SKEW,
  /// Wake from HLT or WFI.
  WAKE,
  /// How long a core waits until it sleeps deeper, and wake from there; a core whose `DEEP_AFTER` is 0 never does.
  DEEP_AFTER, DEEP_WAKE;

  /// Whether it only makes the core that meets it wait: for a cache, a TLB, its front end.
  public boolean isStall() {
    return switch (this) {
      case L2_HIT, L3_HIT, MEMORY, REMOTE_LINE, REMOTE_LINE_SOCKET, REMOTE_LINE_MACHINE, FETCH_L2_HIT, FETCH_L3_HIT,
          L2_TLB_HIT, TLB_MISS, WALK_LEVEL, MISPREDICT, SMC_CLEAR -> true;
      case EXCEPTION, INTERRUPT, IPI, IPI_SOCKET, IPI_MACHINE, CODE_VISIBILITY, CODE_VISIBILITY_LEAST,
          CODE_VISIBILITY_SKEW, WAKE, DEEP_AFTER, DEEP_WAKE -> false;
    };
  }
}
