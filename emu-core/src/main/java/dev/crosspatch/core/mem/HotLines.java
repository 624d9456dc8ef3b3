package dev.crosspatch.core.mem;

/// The data lines a core used last, by virtual address. A hit proves at once that the translation stands, the access is
/// allowed, the line is in the L1 data cache in a fitting state and, for a store, that nobody has to hear of it.
///
/// A key is the virtual address of a line, plus 1 for user accesses. Whoever changes one of the things a hit proves
/// makes the line be forgotten here. Pages are 4 KiB or more, so the virtual and the physical line number share their
/// low six bits.
public final class HotLines {
  private static final int SIZE = 256;
  private static final int PAGE_LINES = 64;
  private static final long NONE = 2;

  /// In an entry of [#table]: key for loads, key for stores, offset of the line in RAM, and key for stores that
  /// somebody has to hear of ([PhysicalMemory#SHARED]).
  public static final int READ = 0;

  public static final int WRITE = 1;
  public static final int OFFSET = 2;
  public static final int TOLD_WRITE = 3;
  private static final int ENTRY_SHIFT = 2;
  private static final int END = SIZE << ENTRY_SHIFT;

  /// Entries of four numbers, by [#index].
  public final long[] table = new long[END];

  /// Knows no line.
  public HotLines() {
    forgetAll();
  }

  /// Where in the table the entry of the line of `va` would begin.
  public static int index(long va) {
    return ((int) (va >>> PhysicalMemory.LINE_SHIFT) & SIZE - 1) << ENTRY_SHIFT;
  }

  /// Key of the line of `va`.
  public static long key(long va, boolean user) {
    return (va & -PhysicalMemory.LINE) | (user ? 1 : 0);
  }

  /// Remembers the line of `va` at `lineOffset`.
  ///
  /// @param told whether somebody has to hear of stores
  public void remember(long va, boolean user, int lineOffset, boolean readable, boolean writable, boolean told) {
    int i = index(va);
    long key = key(va, user);
    table[i + READ] = readable ? key : NONE;
    table[i + WRITE] = writable && !told ? key : NONE;
    table[i + TOLD_WRITE] = writable && told ? key : NONE;
    table[i + OFFSET] = lineOffset;
  }

  /// Forgets everything (translations changed).
  public void forgetAll() {
    for (int i = 0; i < END; i += 1 << ENTRY_SHIFT) {
      table[i + READ] = NONE;
      table[i + WRITE] = NONE;
      table[i + TOLD_WRITE] = NONE;
    }
  }

  /// Forgets a physical line; returns whether it was known.
  public boolean forget(int line) {
    boolean known = false;
    for (int i = first(line); i < END; i += PAGE_LINES << ENTRY_SHIFT) {
      if (table[i + OFFSET] >> PhysicalMemory.LINE_SHIFT == line
          && (table[i + READ] != NONE || table[i + WRITE] != NONE || table[i + TOLD_WRITE] != NONE)) {
        table[i + READ] = NONE;
        table[i + WRITE] = NONE;
        table[i + TOLD_WRITE] = NONE;
        known = true;
      }
    }
    return known;
  }

  /// Makes the next store to a physical line take the long way.
  public void forgetWrites(int line) {
    for (int i = first(line); i < END; i += PAGE_LINES << ENTRY_SHIFT) {
      if (table[i + OFFSET] >> PhysicalMemory.LINE_SHIFT == line) {
        table[i + WRITE] = NONE;
        table[i + TOLD_WRITE] = NONE;
      }
    }
  }

  /// From now on somebody has to hear of stores to a physical line.
  public void tellWrites(int line) {
    for (int i = first(line); i < END; i += PAGE_LINES << ENTRY_SHIFT) {
      if (table[i + OFFSET] >> PhysicalMemory.LINE_SHIFT == line && table[i + WRITE] != NONE) {
        table[i + TOLD_WRITE] = table[i + WRITE];
        table[i + WRITE] = NONE;
      }
    }
  }

  private static int first(int line) {
    return (line & PAGE_LINES - 1) << ENTRY_SHIFT;
  }
}
