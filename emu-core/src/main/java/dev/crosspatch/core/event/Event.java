package dev.crosspatch.core.event;

/// Something that happened on a machine besides that instructions retired: what a report, a check or a timeline may ask
/// for, and a trace unit may not.
///
/// Events are told through the [Channel] of their kind in a [Probe], in the order in which the cores did what they tell
/// of. Cycles of one core never decrease; those of two cores may differ by the length of an instruction and by as
/// much as cores run ahead of each other ([dev.crosspatch.core.machine.RunLimits]).
public sealed interface Event {

  /// Of an event that no core made, but a device.
  int NO_CPU = -1;

  /// Number of the core that did it, or [#NO_CPU].
  int cpu();

  /// That core's clock in whole cycles, or when the device did it.
  long cycle();

  /// A store to text that is watched ([dev.crosspatch.core.machine.Machine#watchText]).
  ///
  /// @param address physical, of the first byte
  /// @param length  1..8 bytes, within one line; a store across lines is two
  /// @param value   what was stored, first byte in bits 7:0
  record TextStored(int cpu, long cycle, long address, int length, long value) implements Event {}

  /// From its next instruction on a core executes another version of a line that was stored to since it is watched. (Up
  /// to the first time a core executes the line as it was loaded.)
  ///
  /// @param address virtual, of the line
  /// @param line    physical address of the line
  /// @param born    number of the change that made the version: with the line's address it names the version
  /// @param bytes   the line, not to be changed
  record VersionExecuted(int cpu, long cycle, long address, long line, long born, byte[] bytes) implements Event {}

  /// What cache maintenance does to lines.
  enum Maintenance {
    /// Data reaches the point of unification (DC CVAU and kin).
    CLEAN,
    /// The same, and the line leaves data caches and L2 (CLFLUSH; DC CIVAC).
    FLUSH,
    /// A line leaves instruction caches (IC IVAU).
    INVALIDATE,
    /// All lines leave instruction caches (IC IALLUIS).
    INVALIDATE_ALL,
    /// All lines leave the CPU's own instruction cache (IC IALLU).
    INVALIDATE_OWN
  }

  /// An instruction asked for cache maintenance, which may come to pass later.
  ///
  /// @param line physical address of the line; 0 for all
  record MaintenanceBegun(int cpu, long cycle, Maintenance what, long line) implements Event {}

  /// Cache maintenance has come to pass: at once, or at a barrier.
  ///
  /// @param line physical address of the line; 0 for all
  record MaintenanceCompleted(int cpu, long cycle, Maintenance what, long line) implements Event {}

  /// A core gets a line of RAM that another has stored to last: what it loads may be what that core stored. Told before
  /// the access. (Of a line that moves between cores for the first time, and whenever it does from then on.)
  ///
  /// @param line physical address of the line
  /// @param from the core that stored
  record LineMoved(int cpu, long cycle, long line, int from) implements Event {}

  /// A core stored to a line that has moved between cores ([LineMoved]) before.
  ///
  /// @param line physical address of the line
  record SharedStored(int cpu, long cycle, long line) implements Event {}

  /// A core is to store to a line that others have: they lose it. What they loaded from it before comes before the
  /// store.
  ///
  /// @param line   physical address of the line
  /// @param others bit per core that has it
  record LineTaken(int cpu, long cycle, long line, long others) implements Event {}

  /// How much of a core's earlier cache maintenance comes before all that it does behind a fence, for all others.
  enum Completed {
    NOTHING,
    /// What brings data to the point of unification, not what invalidates.
    CLEANS,
    /// What concerns this core alone.
    OWN,
    ALL
  }

  /// A fence was executed.
  ///
  /// @param stores       whether all earlier stores of the core are visible to all others before it is done
  /// @param instructions whether nothing later begins before it is done, be it an access to memory or not
  /// @param maintenance  what earlier cache maintenance is complete before it is done
  record FenceExecuted(
      int cpu, long cycle, boolean stores, boolean instructions, Completed maintenance) implements Event {}

  /// A data barrier that waits for maintenance (DSB) was executed.
  ///
  /// @param completed what maintenance of this core it completed, as a number
  record BarrierExecuted(int cpu, long cycle, int completed) implements Event {}

  /// A context synchronization event: what was fetched ahead is gone.
  record ContextSynchronized(int cpu, long cycle) implements Event {}

  /// Translations were dropped on a core.
  ///
  /// @param first lowest virtual address concerned
  /// @param last  highest one; 0 and -1 for all
  record TranslationsDropped(int cpu, long cycle, long first, long last) implements Event {}

  /// An interrupt was sent to another core, or to itself.
  ///
  /// @param target number of the core that is to take it
  /// @param vector in the ISA's numbering (x86 vector, Arm SGI)
  record InterruptSent(int cpu, long cycle, int target, int vector) implements Event {}

  /// A core entered a handler.
  ///
  /// @param kind   [RetireRow#TRAP], `FAULT`, `INTERRUPT` or `CALL`
  /// @param from   address of the instruction that is returned to or that faulted
  /// @param to     of the handler
  /// @param vector as the row has it
  record Diverted(int cpu, long cycle, int kind, long from, long to, int vector) implements Event {}

  /// A device was written to.
  ///
  /// @param address physical
  /// @param width   log2 of the bytes
  record DeviceWritten(int cpu, long cycle, long address, int width, long value) implements Event {}

  /// A core executed bytes that memory no longer held; or it faulted in text that was stored to, whether memory still
  /// held that or not.
  ///
  /// @param address  virtual address of the instruction
  /// @param executed bytes it ran
  /// @param memory   bytes a load would have returned at that moment
  record StaleExecution(int cpu, long cycle, long address, byte[] executed, byte[] memory) implements Event {

    /// Whether memory held what was executed.
    public boolean isFresh() {
      return java.util.Arrays.equals(executed, memory);
    }
  }
}
