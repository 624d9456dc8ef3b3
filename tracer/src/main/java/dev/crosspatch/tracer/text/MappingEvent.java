package dev.crosspatch.tracer.text;

/// What happened to a mapping: a range of new text that a kernel announces, and that it gives up again only when all
/// observers have acknowledged that they have a copy.
public sealed interface MappingEvent {
  /// When, in ticks of the trace clock.
  long time();

  /// Number of the mapping, from 1.
  long mapping();

  /// The kernel announces a mapping. From here on its text may run.
  ///
  /// @param cpu       the CPU that announces
  /// @param address   first byte
  /// @param length    bytes
  /// @param name      for people
  /// @param mechanism what made the text
  record Announced(long time, long mapping, int cpu, long address, int length, String name, String mechanism)
      implements MappingEvent {}

  /// An observer has copied the text as memory held it at that time, and acknowledges it.
  ///
  /// @param observer who
  /// @param bytes    the copy
  record Copied(long time, long mapping, int observer, byte[] bytes) implements MappingEvent {}

  /// The kernel gives the mapping up. From here on its text does not run, and its range may be used again.
  ///
  /// @param cpu the CPU that gives it up
  record Withdrawn(long time, long mapping, int cpu) implements MappingEvent {}

  /// The kernel has waited long enough for an observer that did not acknowledge the mapping, and waits for it no more.
  ///
  /// @param cpu      the CPU that waited
  /// @param observer who did not acknowledge
  record TimedOut(long time, long mapping, int cpu, int observer) implements MappingEvent {}
}
