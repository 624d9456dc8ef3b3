package dev.crosspatch.core.cpu;

import dev.crosspatch.core.time.Geometry;
import java.util.Arrays;

/// Translations of one core, the second-level TLB: by 4 KiB pages, in sets, the least recently used one of a set first
/// to go. A miss, or an access the entry does not allow, asks the ISA's walk.
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
  private static final long NONE = -1;
  private static final int TAG_BITS = 8;
  private static final int SPACE_SHIFT = 36;
  /// Address space of entries that serve all, and of maintenance that reaches all.
  static final int EVERY_SPACE = -1;
  /// Above the permissions of user accesses.
  static final int GUARDED = 1 << 6;

  private final int setMask;
  private final int ways;
  private final long[] page;
  private final long[] frame;
  private final byte[] permission;
  private final int[] space;
  /// log2 of the bytes of the block a page is a piece of.
  private final byte[] block;
  /// When each was used last, as [#uses] counts.
  private final long[] used;
  private long uses;
  /// The current address space.
  private int current;

  Tlb(Geometry size) {
    setMask = size.sets() - 1;
    ways = size.ways();
    page = new long[size.entries()];
    frame = new long[size.entries()];
    permission = new byte[size.entries()];
    space = new int[size.entries()];
    block = new byte[size.entries()];
    used = new long[size.entries()];
    Arrays.fill(page, NONE);
  }

  /// The entry that serves `va` now, or -1.
  private int find(long va) {
    long number = va >>> PAGE_SHIFT;
    int set = ((int) number & setMask) * ways;
    for (int i = set; i < set + ways; i++) {
      if (page[i] == number && serves(i, current)) {
        return i;
      }
    }
    return -1;
  }

  /// Whether the page of `va` has an entry, whatever it allows.
  boolean holds(long va) {
    return find(va) >= 0;
  }

  private boolean serves(int i, int addressSpace) {
    return space[i] == addressSpace || space[i] == EVERY_SPACE;
  }

  /// Physical address of `va` for an access allowed by permission bit `need`, or -1.
  long lookup(long va, int need) {
    int i = find(va);
    if (i < 0 || (permission[i] & need) == 0) {
      return -1;
    }
    used[i] = ++uses;
    return frame[i] | (va & PAGE_MASK);
  }

  /// What first-level TLBs know the page of `va` by, in the current address space.
  long key(long va) {
    return va >>> PAGE_SHIFT ^ (long) current << SPACE_SHIFT;
  }

  /// Whether the page of `va`, which has an entry, is guarded.
  boolean isGuarded(long va) {
    int i = find(va);
    return i >= 0 && (permission[i] & GUARDED) != 0;
  }

  void map(long va, long pa, int allowed, boolean everywhere, int blockShift) {
    int old = find(va);
    int i = old >= 0 ? old : room(va);
    used[i] = ++uses;
    page[i] = va >>> PAGE_SHIFT;
    frame[i] = pa & ~PAGE_MASK;
    permission[i] = (byte) allowed;
    space[i] = everywhere ? EVERY_SPACE : current;
    block[i] = (byte) blockShift;
  }

  /// The entry that one for `va` takes the place of.
  private int room(long va) {
    int set = ((int) (va >>> PAGE_SHIFT) & setMask) * ways;
    int at = set;
    for (int i = set; i < set + ways; i++) {
      if (page[i] == NONE) {
        return i;
      }
      at = used[i] < used[at] ? i : at;
    }
    return at;
  }

  /// Makes `addressSpace` (0..65535) the current one.
  void enter(int addressSpace) {
    current = addressSpace;
  }

  void flush(boolean keepGlobal) {
    for (int i = 0; i < page.length; i++) {
      if (!keepGlobal || space[i] != EVERY_SPACE) {
        page[i] = NONE;
      }
    }
  }

  /// Drops the entries of one address space alone.
  void flushSpace(int addressSpace) {
    for (int i = 0; i < page.length; i++) {
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
    for (int i = 0; i < page.length; i++) {
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
