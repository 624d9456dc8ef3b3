package dev.crosspatch.core.mem;

import java.util.Arrays;

/// The data lines a core used last, by virtual address. A hit proves at once that the translation stands, the access is allowed, the
/// line is in the L1 data cache in a fitting state and, for a store, that nobody has to hear of it.
///
/// A key is the virtual address of a line, plus 1 for user accesses. Whoever changes one of the things a hit proves makes the
/// line be forgotten here. Pages are 4 KiB or more, so the virtual and the physical line number share their low six bits.
public final class HotLines {
  private static final int SIZE = 256;
  private static final int PAGE_LINES = 64;
  private static final long NONE = 2;

  /// Keys for loads and for stores, by [#index].
  public final long[] read = new long[SIZE];

  public final long[] write = new long[SIZE];
  /// Offset of the line in RAM.
  public final int[] offset = new int[SIZE];

  /// Knows no line.
  public HotLines() {
    forgetAll();
  }

  /// Where the line of `va` would be.
  public static int index(long va) {
    return (int) (va >>> PhysicalMemory.LINE_SHIFT) & SIZE - 1;
  }

  /// Key of the line of `va`.
  public static long key(long va, boolean user) {
    return (va & -PhysicalMemory.LINE) | (user ? 1 : 0);
  }

  /// Remembers the line of `va` at `lineOffset`.
  public void remember(long va, boolean user, int lineOffset, boolean writable) {
    int i = index(va);
    long key = key(va, user);
    read[i] = key;
    write[i] = writable ? key : NONE;
    offset[i] = lineOffset;
  }

  /// Remembers that the line of `va` may be written but not read.
  public void rememberWriteOnly(long va, boolean user, int lineOffset) {
    int i = index(va);
    read[i] = NONE;
    write[i] = key(va, user);
    offset[i] = lineOffset;
  }

  /// Forgets everything (translations changed).
  public void forgetAll() {
    Arrays.fill(read, NONE);
    Arrays.fill(write, NONE);
  }

  /// Forgets a physical line; returns whether it was known.
  public boolean forget(int line) {
    boolean known = false;
    for (int i = line & PAGE_LINES - 1; i < SIZE; i += PAGE_LINES) {
      if (offset[i] >> PhysicalMemory.LINE_SHIFT == line && (read[i] != NONE || write[i] != NONE)) {
        read[i] = NONE;
        write[i] = NONE;
        known = true;
      }
    }
    return known;
  }

  /// Makes the next store to a physical line take the long way.
  public void forgetWrites(int line) {
    for (int i = line & PAGE_LINES - 1; i < SIZE; i += PAGE_LINES) {
      if (offset[i] >> PhysicalMemory.LINE_SHIFT == line) {
        write[i] = NONE;
      }
    }
  }
}
