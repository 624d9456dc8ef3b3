package dev.crosspatch.sim.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Structures in memory, little-endian.
final class Bytes {
  private Bytes() {}

  static ByteBuffer in(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  static ByteBuffer of(int size) {
    return in(new byte[size]);
  }

  /// All bytes of a structure.
  static byte[] all(ByteBuffer structure) {
    byte[] bytes = new byte[structure.capacity()];
    structure.get(0, bytes);
    return bytes;
  }

  /// These words, one behind the other.
  static byte[] words(long... words) {
    ByteBuffer out = of(Long.BYTES * words.length);
    for (long word : words) {
      out.putLong(word);
    }
    return all(out);
  }

  static byte[] half(int value) {
    return all(of(Integer.BYTES).putInt(value));
  }
}
