package dev.crosspatch.core.machine;

import dev.crosspatch.core.cpu.Core;

/// What only an ISA knows of a boot: the form of its page tables, and the state in which a core enters with them. Made
/// by [Isa#bootTables] for one boot of one machine; whoever boots says what is mapped where, and when.
public interface BootTables {

  /// How a page may be accessed, by supervisors only.
  enum Access {
    /// Read and executed.
    TEXT,
    /// Read.
    RODATA,
    /// Read and written.
    DATA,
    /// Read and written, and what happens there is seen in order: no RAM.
    DEVICE
  }

  /// Enters one leaf: `size` bytes of virtual addresses from `va` on are those from `pa` on.
  ///
  /// @param size 4 KiB, 2 MiB or 1 GiB, of which `va` and `pa` are multiples
  /// @throws IllegalArgumentException if something else is mapped there already, or the ISA has no leaf of that size
  void map(long va, long pa, long size, Access access);

  /// Enters, changes or removes a page of 4 KiB of user mode. Only of an ISA that has one ([Isa#userMode]).
  ///
  /// @param rights bits `1 << `[Core#READ], `1 << `[Core#WRITE], `1 << `[Core#FETCH], without which the page is taken
  ///               away; and [UserMode#GUARDED], where [UserMode#guards]
  default void user(long va, long pa, int rights) {
    throw new UnsupportedOperationException("no pages of user mode");
  }

  /// Gives tables of user mode back that map no page. No core may keep translations of user mode. Only of an ISA that
  /// has one.
  default void pruneUser() {
    throw new UnsupportedOperationException("no pages of user mode");
  }

  /// Puts a core in its entry state: these tables, supervisor mode, interrupts off, caches on, `argument` in the first
  /// argument register, all others 0. Called when everything is mapped.
  ///
  /// @param entry virtual address of its first instruction
  void enter(Core core, long entry, long argument);
}
