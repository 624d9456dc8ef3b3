package dev.crosspatch.isa.x86;

import dev.crosspatch.core.code.PatchKit;

/// What a patcher may write on x86-64.
final class X86PatchKit implements PatchKit {
  private static final byte TRAP = (byte) 0xcc;
  private static final byte JMP8 = (byte) 0xeb;
  private static final byte JMP32 = (byte) 0xe9;
  private static final byte CALL32 = (byte) 0xe8;

  /// Recommended multi-byte NOPs (SDM vol. 2B NOP, table 4-12).
  private static final String[] NOPS = {
    "90", "6690", "0f1f00", "0f1f4000", "0f1f440000", "660f1f440000", "0f1f8000000000", "0f1f840000000000",
    "660f1f840000000000"
  };

  @Override
  public byte[] trap() {
    return new byte[] {TRAP};
  }

  @Override
  public byte[] nop(int length) {
    if (length < 1 || length > NOPS.length) {
      throw new IllegalArgumentException("x86 has no NOP of " + length + " bytes");
    }
    return java.util.HexFormat.of().parseHex(NOPS[length - 1]);
  }

  @Override
  public byte[] jump(long from, long to, int length) {
    return switch (length) {
      case 2 -> new byte[] {JMP8, (byte) distance("jump", from, to, 2, Byte.MAX_VALUE)};
      case 5 -> near(JMP32, distance("jump", from, to, 5, Integer.MAX_VALUE));
      default -> throw new IllegalArgumentException("x86 has no direct jump of " + length + " bytes");
    };
  }

  @Override
  public byte[] call(long from, long to) {
    return near(CALL32, distance("call", from, to, 5, Integer.MAX_VALUE));
  }

  private static long distance(String what, long from, long to, int length, long max) {
    long distance = to - (from + length);
    if (distance > max || distance < -max - 1) {
      throw new IllegalArgumentException(String.format("%s of %d bytes from 0x%x cannot reach 0x%x", what,
          length, from, to));
    }
    return distance;
  }

  private static byte[] near(byte opcode, long distance) {
    int d = (int) distance;
    return new byte[] {opcode, (byte) d, (byte) (d >> 8), (byte) (d >> 16), (byte) (d >> 24)};
  }

  /// SDM vol. 3 9.1.3 defines nothing for unsynchronized cross-modifying code; that a store of one byte is seen whole
  /// is what the INT3 protocol rests on.
  @Override
  public boolean replaceableLive(byte[] before, byte[] after) {
    return before.length == 1 && after.length == 1;
  }

  @Override
  public Rules rules() {
    return new Rules("SDM vol. 3 9.1.3",
        "SDM vol. 3 9.1.3; kernel practice: only a breakpoint of one byte", "SDM vol. 3 11.12.3");
  }
}
