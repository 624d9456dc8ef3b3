package dev.crosspatch.core.cpu;

import java.util.Arrays;

/// Translations of one core: direct mapped by page number, 4 KiB pages. A miss, or an access the entry does not allow, asks the
/// ISA's walk, so an entry is never wrong, only absent.
final class Tlb {
  static final int PAGE_SHIFT = 12;
  private static final long PAGE_MASK = (1L << PAGE_SHIFT) - 1;
  private static final int SIZE = 1024;
  private static final long NONE = -1;

  private final long[] page = new long[SIZE];
  private final long[] frame = new long[SIZE];
  private final byte[] permission = new byte[SIZE];
  private final boolean[] global = new boolean[SIZE];

  Tlb() {
    Arrays.fill(page, NONE);
  }

  private static int index(long va) {
    return (int) (va >>> PAGE_SHIFT) & SIZE - 1;
  }

  /// Whether the page of `va` has an entry, whatever it allows.
  boolean holds(long va) {
    return page[index(va)] == va >>> PAGE_SHIFT;
  }

  /// Physical address of `va` for an access allowed by permission bit `need`, or -1.
  long lookup(long va, int need) {
    int i = index(va);
    return page[i] == va >>> PAGE_SHIFT && (permission[i] & need) != 0 ? frame[i] | (va & PAGE_MASK) : -1;
  }

  void map(long va, long pa, int allowed, boolean everywhere) {
    int i = index(va);
    page[i] = va >>> PAGE_SHIFT;
    frame[i] = pa & ~PAGE_MASK;
    permission[i] = (byte) allowed;
    global[i] = everywhere;
  }

  void flush(boolean keepGlobal) {
    for (int i = 0; i < SIZE; i++) {
      if (!keepGlobal || !global[i]) {
        page[i] = NONE;
      }
    }
  }

  void flushPage(long va) {
    if (holds(va)) {
      page[index(va)] = NONE;
    }
  }

  /// The permission bit of an access.
  static int need(int access, boolean user) {
    return 1 << access << (user ? 3 : 0);
  }
}
