package dev.crosspatch.sim.guest;

/// Moments that a guest kernel marks for latency measurements, as begin and end pairs on the patching CPU.
public enum Mark {
  /// A key begins to change; value: the key.
  FLIP_BEGIN,
  /// Every site of the key has its new text everywhere; value: the key.
  FLIP_END,
  /// A batch starts with its first write; value: sites in it.
  BATCH_BEGIN,
  /// The batch is over; value: sites in it.
  BATCH_END,
  /// A sync round (broadcast IPI or kick) is sent; value: CPUs interrupted.
  SYNC_BEGIN,
  /// All CPUs have acknowledged it; value: CPUs interrupted.
  SYNC_END;

  /// Bytes from the device's base.
  public long offset() {
    return LabRegister.MARK.offset() + 8L * ordinal();
  }

  /// One marked moment.
  ///
  /// @param mark  which
  /// @param cpu   who
  /// @param cycle that CPU's clock in whole cycles
  /// @param value as the mark says
  public record Event(Mark mark, int cpu, long cycle, long value) {}
}
