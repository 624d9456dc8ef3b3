package dev.crosspatch.sim.verify;

import dev.crosspatch.sim.scenario.FailureKind;

/// A stretch of time in which memory held, at one address, bytes that the contract of the poke log forbids to run then.
///
/// @param first cycle in which it certainly did
/// @param last  such cycle, [Long#MAX_VALUE] if nothing ended it
/// @param bytes the instruction that memory held; if it was none, as many bytes as one may have
/// @param kind  how running it breaks the contract
record Stretch(long first, long last, byte[] bytes, FailureKind kind) {}
