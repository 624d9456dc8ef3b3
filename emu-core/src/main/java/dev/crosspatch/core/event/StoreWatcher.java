package dev.crosspatch.core.event;

/// Hears every store to physical memory it watches ([dev.crosspatch.core.machine.Machine#watch]): what memory held
/// when, for reports and tests. Trace decoders never see it.
public interface StoreWatcher {

  /// A store took place.
  ///
  /// @param cpu   who
  /// @param cycle its clock in whole cycles
  /// @param pa    physical address of the first byte
  /// @param bytes 1..8, within one line; a store across lines is two
  /// @param value what was stored, first byte in bits 7:0
  void stored(int cpu, long cycle, long pa, int bytes, long value);
}
