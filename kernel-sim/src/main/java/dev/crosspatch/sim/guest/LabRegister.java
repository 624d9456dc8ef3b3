package dev.crosspatch.sim.guest;

/// The registers of [LabDevice], 8 bytes each, in address order. All are banked: every core has its own. The assembler
/// knows each by its offset under the name `LAB_` and the constant's name. Registers that do something when written say
/// so; the others only hold a value for those.
public enum LabRegister {
  /// Prints the low byte.
  CONSOLE,
  /// Ends the run with this code.
  EXIT,
  /// Address of a [TextRecord]: a write tells of the text event that it describes, which has the time of the write.
  TEXT_EVENT,
  /// A CPU for [#COUNTER_VALUE].
  COUNTER_CPU,
  /// Ordinal of a [Counter] for [#COUNTER_VALUE].
  COUNTER_INDEX,
  /// Records the value of that counter of that CPU.
  COUNTER_VALUE,
  /// Address of a breakpoint that nobody owns: a write ends the run with [GuestOutcome.UnclaimedTrap].
  UNCLAIMED,
  /// Where a panic arose.
  PANIC_ADDRESS,
  /// Faulting data address (CR2, FAR_EL1) or another value that helps.
  PANIC_DETAIL,
  /// Error code or syndrome (ESR_EL1).
  PANIC_SYNDROME,
  /// A write ends the run with [GuestOutcome.Panic]: number of a [PanicCode], or [PanicCode#EXCEPTION] plus a vector.
  PANIC_CODE,
  /// Address of 8 bytes for each observer: where the kernel looks for the number of the last mapping that this one has
  /// acknowledged.
  MAPPING_ACKNOWLEDGEMENTS,
  /// Address of a [MappingRecord]: a write announces the mapping that it describes.
  MAPPING_ANNOUNCE,
  /// A write gives up the mapping of that number.
  MAPPING_WITHDRAW,
  /// An observer for [#MAPPING_TIMEOUT].
  MAPPING_OBSERVER,
  /// A write tells that the kernel waits for that observer no more, which has not acknowledged the mapping of that
  /// number.
  MAPPING_TIMEOUT;

  /// Bytes from the device's base.
  public long offset() {
    return 8L * ordinal();
  }
}
