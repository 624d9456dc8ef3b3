package dev.crosspatch.sim.guest;

/// The writable mapping through which a guest kernel writes its text, which is itself never writable.
public enum Alias {
  /// The direct map of all RAM, always there.
  DIRECT_MAP,
  /// A mapping made for the write and removed behind it, as Linux does. x86-64: an address space of its own
  /// (`poking_mm`), entered and left by MOV CR3 with interrupts off, so every write serializes the patching CPU.
  /// AArch64: a fixmap slot in the kernel's tables, removed with TLBI and ISB.
  POKING
}
