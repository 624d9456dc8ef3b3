package dev.crosspatch.core.event;

/// A core executed bytes that memory no longer held.
///
/// @param cpu      core number
/// @param cycle    its clock
/// @param address  virtual address of the instruction
/// @param executed bytes it ran
/// @param memory   bytes a load would have returned at that moment
public record StaleExecution(int cpu, long cycle, long address, byte[] executed, byte[] memory) {}
