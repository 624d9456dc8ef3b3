package dev.crosspatch.isa.arm64;

/// Immediates of the logical instructions: a run of ones, rotated, repeated over the register. Source: DDI0487 J1.1.3
/// DecodeBitMasks.
final class Arm64Bitmask {
  private Arm64Bitmask() {}

  /// Whether the fields name an element size and leave a zero in the element.
  static boolean valid(int n, int imms) {
    int length = log2(n, imms);
    return length >= 1 && (imms & (1 << length) - 1) != (1 << length) - 1;
  }

  /// The 64-bit value.
  static long decode(int n, int imms, int immr) {
    int length = log2(n, imms);
    int size = 1 << length;
    int ones = (imms & size - 1) + 1;
    int rotate = immr & size - 1;
    long element = rotateRight((1L << ones) - 1, rotate, size);
    for (int filled = size; filled < 64; filled *= 2) {
      element |= element << filled;
    }
    return element;
  }

  /// log2 of the element size; below 1 if reserved.
  private static int log2(int n, int imms) {
    return 31 - Integer.numberOfLeadingZeros(n << 6 | (~imms & 63));
  }

  private static long rotateRight(long element, int by, int size) {
    if (by == 0) {
      return element;
    }
    long mask = size == 64 ? -1 : (1L << size) - 1;
    return (element >>> by | element << (size - by)) & mask;
  }
}
