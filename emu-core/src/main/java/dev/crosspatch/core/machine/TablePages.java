package dev.crosspatch.core.machine;

/// Where the tables lie that an ISA needs for a boot, as whoever boots gives them out.
public interface TablePages {

  /// A page of 4 KiB that nobody uses, zeroed; its physical address.
  ///
  /// @throws IllegalArgumentException if there is no room for one more
  long allocate();

  /// Reads 8 bytes of such a page.
  long read(long pa);

  /// Writes them.
  void write(long pa, long value);

  /// Virtual address at which the guest finds what lies at `pa`, once everything is mapped.
  long virtual(long pa);
}
