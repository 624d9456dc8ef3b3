package dev.crosspatch.tracer.flow;

import java.util.Arrays;

/// Return addresses, the youngest on top. When it is full a push drops the oldest.
public final class ReturnStack {
  private final long[] entries;
  private int top;
  private int count;

  /// @param depth most entries; 0 for a stack that keeps none
  public ReturnStack(int depth) {
    entries = new long[depth];
  }

  public boolean isEmpty() {
    return count == 0;
  }

  public void push(long address) {
    if (entries.length == 0) {
      return;
    }
    top = top + 1 == entries.length ? 0 : top + 1;
    entries[top] = address;
    count = Math.min(count + 1, entries.length);
  }

  /// The youngest entry; meaningless if empty.
  public long peek() {
    return entries[top];
  }

  /// Removes and returns the youngest entry; there must be one.
  public long pop() {
    long address = entries[top];
    top = top == 0 ? entries.length - 1 : top - 1;
    count--;
    return address;
  }

  public void clear() {
    count = 0;
  }

  /// Becomes a copy of a stack of the same depth.
  void copyFrom(ReturnStack other) {
    System.arraycopy(other.entries, 0, entries, 0, entries.length);
    top = other.top;
    count = other.count;
  }

  /// Whether both hold the same addresses.
  boolean holdsSameAs(ReturnStack other) {
    return Arrays.equals(contents(), other.contents());
  }

  private long[] contents() {
    long[] result = new long[count];
    for (int i = 0; i < count; i++) {
      result[i] = entries[Math.floorMod(top - i, entries.length)];
    }
    return result;
  }
}
