package dev.crosspatch.core.machine;

/// Where the tables lie that an ISA needs for a boot, as whoever boots gives them out.
public interface TablePages {
  /// Bytes of a page, and entries of a table in one.
  int PAGE = 4096;

  int ENTRIES = 512;

  /// A page of 4 KiB that nobody uses, zeroed; its physical address.
  ///
  /// @throws IllegalArgumentException if there is no room for one more
  long allocate();

  /// How many more [#allocate] can give out.
  long left();

  /// Takes back a page that nobody uses any more.
  void release(long page);

  /// Releases the tables below `table` that say nothing, of tables of 512 entries of 8 bytes with the next table's
  /// address in bits 63:12. Nobody may keep translations by them.
  ///
  /// @param entries how many entries of `table` to look at, from the first
  /// @param levels  of tables below it
  /// @return whether all these entries are 0 now
  default boolean prune(long table, int entries, int levels) {
    boolean empty = true;
    for (int i = 0; i < entries; i++) {
      long at = table + 8L * i;
      long entry = read(at);
      if (entry != 0 && levels > 0 && prune(entry & -PAGE, ENTRIES, levels - 1)) {
        write(at, 0);
        release(entry & -PAGE);
      } else if (entry != 0) {
        empty = false;
      }
    }
    return empty;
  }

  /// Reads 8 bytes of such a page.
  long read(long pa);

  /// Writes them.
  void write(long pa, long value);

  /// Virtual address at which the guest finds what lies at `pa`, once everything is mapped.
  long virtual(long pa);
}
