package dev.crosspatch.core.lab;

import dev.crosspatch.core.code.PatchKit;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/// What a patcher may write on [MicroIsa].
public final class MicroPatchKit implements PatchKit {
  private static final int NOP = 1;
  private static final int JUMP = 2;
  private static final int CALL = 3;
  private static final int BRANCH_LENGTH = 5;
  private static final byte TRAP = 5;

  @Override
  public byte[] trap() {
    return new byte[] {TRAP};
  }

  @Override
  public byte[] nop(int length) {
    if (length != 1) {
      throw new IllegalArgumentException("micro has no NOP of " + length + " bytes");
    }
    return new byte[] {NOP};
  }

  @Override
  public byte[] jump(long from, long to, int length) {
    if (length != BRANCH_LENGTH) {
      throw new IllegalArgumentException("micro has no direct jump of " + length + " bytes");
    }
    return branch(JUMP, from, to);
  }

  @Override
  public byte[] call(long from, long to) {
    return branch(CALL, from, to);
  }

  private static byte[] branch(int opcode, long from, long to) {
    return ByteBuffer.allocate(BRANCH_LENGTH).order(ByteOrder.LITTLE_ENDIAN).put((byte) opcode)
        .putInt(Math.toIntExact(to - from - BRANCH_LENGTH)).array();
  }

  @Override
  public boolean replaceableLive(byte[] before, byte[] after) {
    return before.length == 1 && Arrays.equals(after, trap());
  }

  @Override
  public Rules rules() {
    return new Rules("none", "none", "none");
  }
}
