package dev.crosspatch.core.cpu;

/// Where a core sees what others have done, or does what others can see: clocks agree there about what came first,
/// however far cores run ahead of each other ([Core#meet]).
public enum Meeting {
  /// A line comes to an L1 cache from elsewhere, or is taken away from others.
  REFILL,
  /// A store to a line that may have been fetched.
  CODE_STORE,
  /// Cache maintenance.
  MAINTENANCE,
  /// Translations are dropped, of others as well.
  TRANSLATION,
  /// An exclusive store fails: another's store has cleared the monitor.
  MONITOR,
  /// An event is sent to all, or found (SEV, WFE).
  EVENT,
  /// An interrupt is sent.
  INTERRUPT,
  /// A register of a device, or a port.
  DEVICE
}
