package dev.crosspatch.asm;

import java.nio.ByteBuffer;

/// Numbers in fields of a certain width.
final class Numbers {
  private Numbers() {}

  /// Whether `value` can be told apart in `bits` bits, as a signed or as an unsigned number.
  static boolean fits(long value, int bits) {
    return bits >= 64 || fitsSigned(value, bits) || value >>> bits == 0;
  }

  /// Whether `value` is a signed number of `bits` bits.
  static boolean fitsSigned(long value, int bits) {
    return bits >= 64 || value << (64 - bits) >> (64 - bits) == value;
  }

  /// Writes the low `width` bytes of `value`, refusing one that does not fit them.
  static void put(ByteBuffer out, long value, int width) {
    if (!fits(value, 8 * width)) {
      throw new SyntaxError(hex(value) + " does not fit " + width + (width == 1 ? " byte" : " bytes"));
    }
    for (int i = 0; i < width; i++) {
      out.put((byte) (i < 8 ? value >> (8 * i) : 0));
    }
  }

  /// `value` for a message or for Keystone: hexadecimal, with a sign.
  static String hex(long value) {
    return value < 0 && value != Long.MIN_VALUE ? "-0x" + Long.toHexString(-value) : "0x" + Long.toHexString(value);
  }
}
