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
    clear(poke, poke.after().length, poke.before().length);
  }

  /// Takes away bytes `from` to, not including, `to` of the poke.
  private void clear(Poke poke, int from, int to) {
    int end = end(poke.address(), to);
    for (int i = Math.max(from, first(poke.address())); i < end; i++) {
      int offset = (int) (poke.address() + i - start);
      bytes[offset] = 0;
      present.clear(offset);
    }
  }

  /// What the poke says was there before it: none of the bytes of `after` that have no `before`.
  void revert(Poke poke) {
    put(poke.address(), poke.before());
    clear(poke, poke.before().length, poke.after().length);
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

  /// Whether the text is what the poke says was there before it, as far as it lies inside: all of its old bytes, and
  /// nothing where text appears.
  boolean agrees(Poke poke) {
    int end = end(poke.address(), poke.size());
    for (int i = first(poke.address()); i < end; i++) {
      if (!agrees(poke, i)) {
        return false;
      }
    }
    return true;
  }

  /// The same for byte `i` of the poke, which lies inside.
  private boolean agrees(Poke poke, int i) {
    int offset = (int) (poke.address() + i - start);
    boolean there = present.get(offset);
    return i >= poke.before().length ? !there : there && bytes[offset] == poke.before()[i];
  }

  /// Marks in `changed`, by offset, the bytes that a poke that lies inside changes, takes away or lets appear, or that
  /// were not what it says.
  void changes(Poke poke, BitSet changed) {
    for (int i = 0; i < poke.size(); i++) {
      int offset = (int) (poke.address() + i - start);
      boolean there = present.get(offset);
      boolean stays = i >= poke.after().length
          ? !there : (there && bytes[offset] == poke.after()[i]);
      if (!(agrees(poke, i) && stays)) {
        changed.set(offset);
      }
    }
  }

  /// The bytes in hex that a poke that lies inside touches, `--` for absent ones, as far as a poke is shown.
  String describe(Poke poke) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < Math.min(poke.size(), Poke.SHOWN); i++) {
      int offset = (int) (poke.address() + i - start);
      text.append(present.get(offset) ? HexFormat.of().toHexDigits(bytes[offset]) : "--");
    }
    return poke.size() > Poke.SHOWN ? text + "..." : text.toString();
  }
}
