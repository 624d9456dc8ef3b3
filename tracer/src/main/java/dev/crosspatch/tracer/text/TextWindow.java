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
    put(poke.address(), poke.after());
    int end = end(poke.address(), poke.before().length);
    for (int i = Math.max(poke.after().length, first(poke.address())); i < end; i++) {
      int offset = (int) (poke.address() + i - start);
      bytes[offset] = 0;
      present.clear(offset);
    }
  }

  /// What the poke says was there before it.
  void revert(Poke poke) {
    put(poke.address(), poke.before());
  }

  private void put(long address, byte[] values) {
    int end = end(address, values.length);
    for (int i = first(address); i < end; i++) {
      int offset = (int) (address + i - start);
      bytes[offset] = values[i];
      present.set(offset);
    }
  }

  /// Index of the first of the bytes at `address` that may lie inside.
  private int first(long address) {
    return Math.clamp(start - address, 0, Integer.MAX_VALUE);
  }

  /// Index behind the last of `length` bytes at `address` that may lie inside.
  private int end(long address, int length) {
    return Math.clamp(start + bytes.length - address, 0, length);
  }

  /// Whether the bytes at `address` are these, as far as they lie inside.
  boolean holds(long address, byte[] values) {
    int end = end(address, values.length);
    for (int i = first(address); i < end; i++) {
      if (!holds(address + i, values[i])) {
        return false;
      }
    }
    return true;
  }

  /// Whether the byte at `address`, which lies inside, is there and is `value`.
  private boolean holds(long address, byte value) {
    int offset = (int) (address - start);
    return present.get(offset) && bytes[offset] == value;
  }

  /// Marks in `changed`, by offset, the bytes that a poke that lies inside changes, takes away or lets appear, or that
  /// were not what it says.
  void changes(Poke poke, BitSet changed) {
    int size = Math.max(poke.before().length, poke.after().length);
    for (int i = 0; i < size; i++) {
      int offset = (int) (poke.address() + i - start);
      boolean there = present.get(offset);
      boolean as = i >= poke.before().length || (there && bytes[offset] == poke.before()[i]);
      boolean stays = i >= poke.after().length
          ? !there : (there && bytes[offset] == poke.after()[i]);
      if (!(as && stays)) {
        changed.set(offset);
      }
    }
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
