package dev.crosspatch.core.cpu;

/// How far a core's instruction fetch may lag behind memory.
///
/// @param snooped     a line leaves the instruction cache when it changes at the point of unification (x86;
///                    CTR_EL0.DIC = 1)
/// @param ownStores   a core notices stores to code it has fetched itself (x86: self-modifying code)
/// @param monotonic   once a core has fetched a newer version of a line it never gets an older one (x86)
/// @param adversarial as stale as the manual allows, instead of as a usual core behaves
/// @param window      [dev.crosspatch.core.time.ClockUnit]s during which a usual core may still run what it had fetched
///                    ahead
public record FetchPolicy(boolean snooped, boolean ownStores, boolean monotonic, boolean adversarial, int window) {}
