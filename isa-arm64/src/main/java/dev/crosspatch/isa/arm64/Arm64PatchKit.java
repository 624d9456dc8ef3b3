package dev.crosspatch.isa.arm64;

import dev.crosspatch.core.code.PatchKit;

/// Live-patching facts of AArch64. Which words may replace each other while others execute them is marked in the rows
/// (B2.2.5).
final class Arm64PatchKit implements PatchKit {
  private static final int BRK = 0xd420_0000;
  private static final int NOP = 0xd503_201f;
  private static final int B = 0x1400_0000;
  private static final int BL = 0x9400_0000;
  /// Immediate of [#trap()]; none of those Linux uses.
  private static final int TRAP_IMMEDIATE = 0x10;

  private static final int LENGTH = 4;
  private static final int OFFSET_MASK = (1 << 26) - 1;
  private static final long REACH = 1 << 27;

  @Override
  public byte[] trap() {
    return bytes(BRK | TRAP_IMMEDIATE << 5);
  }

  @Override
  public byte[] nop(int length) {
    if (length != LENGTH) {
      throw new IllegalArgumentException("no NOP of " + length + " bytes on AArch64, only of 4");
    }
    return bytes(NOP);
  }

  @Override
  public byte[] jump(long from, long to, int length) {
    if (length != LENGTH) {
      throw new IllegalArgumentException("no jump of " + length + " bytes on AArch64, only of 4");
    }
    return branch(B, from, to);
  }

  @Override
  public byte[] call(long from, long to) {
    return branch(BL, from, to);
  }

  private static byte[] branch(int opcode, long from, long to) {
    long distance = to - from;
    if (distance < -REACH || distance >= REACH || (distance & LENGTH - 1) != 0) {
      throw new IllegalArgumentException(
          String.format("no branch from 0x%x to 0x%x: it reaches 128 MiB in steps of 4 bytes", from, to));
    }
    return bytes(opcode | ((int) (distance >> 2) & OFFSET_MASK));
  }

  @Override
  public boolean replaceableLive(byte[] before, byte[] after) {
    return live(before) && live(after);
  }

  private static boolean live(byte[] code) {
    if (code.length != LENGTH) {
      return false;
    }
    Arm64Row row = Arm64Decoder.find(Arm64Decoder.word(code, 0));
    return row != null && row.replaceableLive();
  }

  private static byte[] bytes(int word) {
    return new byte[] {(byte) word, (byte) (word >> 8), (byte) (word >> 16), (byte) (word >> 24)};
  }

  @Override
  public Rules rules() {
    return new Rules("Arm ARM B2.7.4.2", "Arm ARM B2.2.5", "Arm ARM, DSB; GIC architecture, ICC_SGI1R_EL1");
  }
}
