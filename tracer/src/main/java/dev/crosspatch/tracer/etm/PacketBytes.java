package dev.crosspatch.tracer.etm;

import java.util.Arrays;

/// The bytes of packets under construction: a growing array and the encodings that fields share.
final class PacketBytes {
  /// Bit 7 of a byte in a number: another byte follows.
  static final int MORE = 0x80;

  private byte[] bytes = new byte[256];
  private int size;

  int size() {
    return size;
  }

  byte[] array() {
    return bytes;
  }

  byte[] copy() {
    return Arrays.copyOf(bytes, size);
  }

  void clear() {
    size = 0;
  }

  /// Makes room for `count` bytes, which [#put(int)] does not check.
  void ensure(int count) {
    if (bytes.length - size < count) {
      bytes = Arrays.copyOf(bytes, 2 * bytes.length);
    }
  }

  void put(int value) {
    bytes[size++] = (byte) value;
  }

  /// Low bytes of `value`, lowest first.
  void putBytes(long value, int count) {
    for (int i = 0; i < count; i++) {
      put((int) (value >>> (8 * i)));
    }
  }

  /// Unsigned number in groups of 7 bits, lowest first, as few as hold it (LE128n).
  void putNumber(long value) {
    long rest = value;
    while (rest >>> 7 != 0) {
      put((int) rest | MORE);
      rest >>>= 7;
    }
    put((int) rest);
  }

  /// The low `groups` groups of 7 bits of `value`; a ninth group has 8 bits, so that nine hold 64.
  void putGroups(long value, int groups) {
    for (int i = 0; i < groups - 1; i++) {
      put((int) (value >>> (7 * i)) | MORE);
    }
    int last = (int) (value >>> (7 * (groups - 1)));
    put(groups == 9 ? last : last & ~MORE);
  }
}
