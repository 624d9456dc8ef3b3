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
  PANIC_CODE;

  /// Bytes from the device's base.
  public long offset() {
    return 8L * ordinal();
  }
}
