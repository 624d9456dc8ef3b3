package dev.crosspatch.tests.oracle;

import java.util.Random;

/// Strings of 15 bytes that begin with a legal form of prefixes, escapes and opcode map of 64-bit mode, each map of
/// each escape as often as its opcodes want, with random bytes behind: what VEX, EVEX, XOP and REX2 reach is as likely
/// as the one-byte map.
final class X86LengthStrings {
  static final int BYTES = 15;
  private static final int[] PREFIXES = {0x66, 0x66, 0xf2, 0xf3, 0xf0, 0x67, 0x2e, 0x64, 0x65, 0x3e};
  private static final int XOP_MAPS = 8;

  private final Random random;
  private byte[] code = new byte[BYTES];
  private int at;

  X86LengthStrings(Random random) {
    this.random = random;
  }

  byte[] next() {
    code = new byte[BYTES];
    random.nextBytes(code);
    at = 0;
    prefixes();
    switch (random.nextInt(12)) {
      case 0 -> { }
      case 1, 2 -> put(0x0f);
      case 3 -> put(0x0f, oneIn(2) ? 0x38 : 0x3a);
      case 4 -> put(0xc5, random.nextInt(256));
      case 5, 6 -> put(0xc4, random.nextInt(8) << 5 | 1 + random.nextInt(7), vvvvLpp());
      case 7, 8, 9 -> evex();
      case 10 -> put(0x8f, random.nextInt(8) << 5 | XOP_MAPS + random.nextInt(3), vvvvLpp());
      default -> put(0xd5, random.nextInt(256));
    }
    return code;
  }

  /// Mostly none, since most forms allow few.
  private void prefixes() {
    while (oneIn(4) && at < 4) {
      put(PREFIXES[random.nextInt(PREFIXES.length)]);
    }
    if (oneIn(5)) {
      put(0x40 | random.nextInt(16));
    }
  }

  /// W, vvvv, L and pp; vvvv mostly 1111, which many instructions want.
  private int vvvvLpp() {
    int any = random.nextInt(256);
    return oneIn(3) ? any : any | 0x78;
  }

  private void evex() {
    int p0 = random.nextInt(16) << 4 | 1 + random.nextInt(7) | (oneIn(6) ? 8 : 0);
    int p1 = (vvvvLpp() & ~4) | (oneIn(6) ? 0 : 4);
    int p2 = oneIn(3) ? random.nextInt(256) : 8 | random.nextInt(4) << 5 | (oneIn(4) ? 0x10 : 0) | (oneIn(4) ? 4 : 0);
    put(0x62, p0, p1, p2);
  }

  private void put(int... bytes) {
    for (int b : bytes) {
      code[at++] = (byte) b;
    }
  }

  private boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }
}
