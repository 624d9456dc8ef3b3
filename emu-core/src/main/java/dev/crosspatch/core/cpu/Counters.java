package dev.crosspatch.core.cpu;

/// What a core has counted since it was made.
///
/// @param retired         instructions
/// @param cycles          local time
/// @param icacheHits      line entries served by the instruction cache or from what was fetched ahead
/// @param icacheMisses    line entries that had to refill
/// @param dcacheMisses    data accesses that left the L1 data cache
/// @param tlbMisses       page walks
/// @param mispredicts     wrong branch predictions
/// @param exceptions      synchronous exceptions taken
/// @param interrupts      interrupts taken
/// @param staleExecutions instructions executed whose bytes memory no longer held
public record Counters(
    long retired, long cycles, long icacheHits, long icacheMisses, long dcacheMisses, long tlbMisses, long mispredicts,
    long exceptions, long interrupts, long staleExecutions) {}
