package dev.crosspatch.tracer.flow;

import dev.crosspatch.core.code.Mode;
import java.util.ArrayList;
import java.util.List;

/// Return addresses with the execution modes of what stands there, the youngest on top. When it is full a push drops
/// the oldest.
public final class ReturnStack {
  private final long[] entries;
  private final Mode[] modes;
  private int top;
  private int count;

  /// @param depth most entries; 0 for a stack that keeps none
  public ReturnStack(int depth) {
    entries = new long[depth];
    modes = new Mode[depth];
  }

  public boolean isEmpty() {
    return count == 0;
  }

  /// Pushes an address of 64-bit code.
  public void push(long address) {
    push(address, Mode.CODE_64);
  }

  /// Pushes an address.
  ///
  /// @param mode of the text at `address`
  public void push(long address, Mode mode) {
    if (entries.length == 0) {
      return;
    }
    top = top + 1 == entries.length ? 0 : top + 1;
    entries[top] = address;
    modes[top] = mode;
    count = Math.min(count + 1, entries.length);
  }

  /// The youngest entry; meaningless if empty.
  public long peek() {
    return entries[top];
  }

  /// The mode of the youngest entry; meaningless if empty.
  public Mode peekMode() {
    return modes[top];
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
    System.arraycopy(other.modes, 0, modes, 0, modes.length);
    top = other.top;
    count = other.count;
  }

  /// Whether both hold the same addresses and modes.
  boolean holdsSameAs(ReturnStack other) {
    boolean same = count == other.count;
    for (int i = 0; same && i < count; i++) {
      int mine = index(i);
      int its = other.index(i);
      same = entries[mine] == other.entries[its] && modes[mine] == other.modes[its];
    }
    return same;
  }

  /// What a stack holds, youngest first.
  record Copy(List<Long> addresses, List<Mode> modes) {}

  /// What it holds now.
  Copy copy() {
    List<Long> addresses = new ArrayList<>();
    List<Mode> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      addresses.add(entries[index(i)]);
      texts.add(modes[index(i)]);
    }
    return new Copy(addresses, texts);
  }

  /// Of the entry below `above` younger ones.
  private int index(int above) {
    return Math.floorMod(top - above, entries.length);
  }
}
