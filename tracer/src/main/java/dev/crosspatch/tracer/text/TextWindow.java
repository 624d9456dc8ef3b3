package dev.crosspatch.tracer.text;

import java.util.BitSet;
import java.util.HexFormat;

/// The bytes of a stretch of text at one moment, some of which may be absent; moves on in time by pokes.
final class TextWindow {
  final long start;
  final byte[] bytes;
  private final BitSet present;

  TextWindow(long start, byte[] bytes, BitSet present) {
    this.start = start;
    this.bytes = bytes;
    this.present = present;
  }

  TextWindow copy() {
    return new TextWindow(start, bytes.clone(), (BitSet) present.clone());
  }

  /// How many bytes from the start are there without a hole.
  int available() {
    return Math.min(present.nextClearBit(0), bytes.length);
  }

  /// What the poke makes of the bytes: those of `before` that have no `after` go away.
  void apply(Poke poke) {
    put(poke.address(), poke.after(), true);
    for (int i = poke.after().length; i < poke.before().length; i++) {
      set(poke.address() + i, (byte) 0, false);
    }
  }

  /// What the poke says was there before it.
  void revert(Poke poke) {
    put(poke.address(), poke.before(), true);
  }

  private void put(long address, byte[] values, boolean there) {
    for (int i = 0; i < values.length; i++) {
      set(address + i, values[i], there);
    }
  }

  private void set(long address, byte value, boolean there) {
    long offset = address - start;
    if (offset >= 0 && offset < bytes.length) {
      bytes[(int) offset] = value;
      present.set((int) offset, there);
    }
  }

  /// Whether the bytes at `address` are these, as far as they lie inside.
  boolean holds(long address, byte[] values) {
    for (int i = 0; i < values.length; i++) {
      long offset = address + i - start;
      if (offset >= 0 && offset < bytes.length && !(present.get((int) offset) && bytes[(int) offset] == values[i])) {
        return false;
      }
    }
    return true;
  }

  /// The bytes at `address` in hex, `--` for absent ones.
  String describe(long address, int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      int offset = (int) (address + i - start);
      text.append(present.get(offset) ? HexFormat.of().toHexDigits(bytes[offset]) : "--");
    }
    return text.toString();
  }
}
