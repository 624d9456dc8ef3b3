package dev.crosspatch.core.cpu;

import java.util.Arrays;

/// Translations of one core: direct mapped by page number, 4 KiB pages. A miss, or an access the entry does not allow,
/// asks the ISA's walk.
///
/// A larger block is held in pieces of 4 KiB, as they are used, each of which knows the block's size: maintenance of
/// any address in the block drops all of them. The page number is that of the address as it was used, with the tag that
/// an ISA may allow in bits 63:56; maintenance looks at bits 55:0 alone, which tell the two halves of the address space
/// apart, too.
///
/// An entry serves one address space (ASID), the one current when it was made, or all.
final class Tlb {
  static final int PAGE_SHIFT = 12;
  private static final long PAGE_MASK = (1L << PAGE_SHIFT) - 1;
  private static final int SIZE = 1024;
  private static final long NONE = -1;
  private static final int TAG_BITS = 8;
  /// Address space of entries that serve all, and of maintenance that reaches all.
  static final int EVERY_SPACE = -1;
  /// Above the permissions of user accesses.
  static final int GUARDED = 1 << 6;

  private final long[] page = new long[SIZE];
  private final long[] frame = new long[SIZE];
  private final byte[] permission = new byte[SIZE];
  private final int[] space = new int[SIZE];
  /// log2 of the bytes of the block a page is a piece of.
  private final byte[] block = new byte[SIZE];
  /// The current address space.
  private int current;

  Tlb() {
    Arrays.fill(page, NONE);
  }

  private static int index(long va) {
    return (int) (va >>> PAGE_SHIFT) & SIZE - 1;
  }

  /// Whether the page of `va` has an entry, whatever it allows.
  boolean holds(long va) {
    int i = index(va);
    return page[i] == va >>> PAGE_SHIFT && serves(i, current);
  }

  private boolean serves(int i, int addressSpace) {
    return space[i] == addressSpace || space[i] == EVERY_SPACE;
  }

  /// Physical address of `va` for an access allowed by permission bit `need`, or -1.
  long lookup(long va, int need) {
    int i = index(va);
    return page[i] == va >>> PAGE_SHIFT && (permission[i] & need) != 0 && serves(i, current)
        ? frame[i] | (va & PAGE_MASK) : -1;
  }

  /// Whether the page of `va`, which has an entry, is guarded.
  boolean isGuarded(long va) {
    return (permission[index(va)] & GUARDED) != 0;
  }

  void map(long va, long pa, int allowed, boolean everywhere, int blockShift) {
    int i = index(va);
    page[i] = va >>> PAGE_SHIFT;
    frame[i] = pa & ~PAGE_MASK;
    permission[i] = (byte) allowed;
    space[i] = everywhere ? EVERY_SPACE : current;
    block[i] = (byte) blockShift;
  }

  /// Makes `addressSpace` (0..65535) the current one.
  void enter(int addressSpace) {
    current = addressSpace;
  }

  void flush(boolean keepGlobal) {
    for (int i = 0; i < SIZE; i++) {
      if (!keepGlobal || space[i] != EVERY_SPACE) {
        page[i] = NONE;
      }
    }
  }

  /// Drops the entries of one address space alone.
  void flushSpace(int addressSpace) {
    for (int i = 0; i < SIZE; i++) {
      if (space[i] == addressSpace) {
        page[i] = NONE;
      }
    }
  }

  /// Drops every piece of a block that has an address of `first` to `last`, both included, if the entry serves
  /// `addressSpace` or that is [#EVERY_SPACE]. Of 64 bits 55:0 count.
  void flushRange(long first, long last, int addressSpace) {
    long from = first << TAG_BITS >>> TAG_BITS;
    long to = last << TAG_BITS >>> TAG_BITS;
    for (int i = 0; i < SIZE; i++) {
      long begin = page[i] << (PAGE_SHIFT + TAG_BITS) >>> (TAG_BITS + block[i]) << block[i];
      if (begin <= to && begin + (1L << block[i]) > from && (addressSpace == EVERY_SPACE || serves(i, addressSpace))) {
        page[i] = NONE;
      }
    }
  }

  /// The permission bit of an access.
  static int need(int access, boolean user) {
    return 1 << access << (user ? 3 : 0);
  }
}
