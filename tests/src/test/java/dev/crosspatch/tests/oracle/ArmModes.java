package dev.crosspatch.tests.oracle;

import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.core.code.Insn;
import dev.crosspatch.core.code.InstructionSet;
import dev.crosspatch.core.code.Mode;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A64 by our decoder, and a few instructions of A32 and T32 (DDI0487 F3, F4): NOP, MOVW, B, BEQ, BLX with an
/// immediate, BX.
final class ArmModes implements InstructionSet {
  private final InstructionSet a64;

  ArmModes(InstructionSet a64) {
    this.a64 = a64;
  }

  @Override
  public @Nullable Insn classify(byte[] code, int offset, int available, long address, Mode mode) {
    return switch (mode) {
      case CODE_64 -> a64.classify(code, offset, available, address, mode);
      case CODE_32 -> available < 4 ? null
          : a32(half(code, offset) | half(code, offset + 2) << 16, address);
      case CODE_16 -> available < 2 ? null
          : t32(half(code, offset), available < 4 ? 0 : half(code, offset + 2), address);
    };
  }

  private static int half(byte[] code, int at) {
    return (code[at] & 0xff) | (code[at + 1] & 0xff) << 8;
  }

  private static @Nullable Insn a32(int word, long address) {
    long target = address + 8 + ((long) (word << 8 >> 8) << 2);
    if (word >>> 25 == 0b1111_101) {
      return new Insn(4, FlowClass.CALL, target + (word >>> 23 & 2), Mode.CODE_16);
    }
    if (word >>> 24 == 0xea) {
      return new Insn(4, FlowClass.JUMP, target);
    }
    if (word >>> 4 == 0xe12fff1) {
      return indirect(4, word & 15);
    }
    return word == 0xe320f000 ? new Insn(4, FlowClass.OTHER, 0) : null;
  }

  private static Insn indirect(int length, int register) {
    return new Insn(length, register == 14 ? FlowClass.RETURN : FlowClass.INDIRECT_JUMP, 0);
  }

  private static @Nullable Insn t32(int first, int second, long address) {
    if (first >>> 11 == 0b11100) {
      return new Insn(2, FlowClass.JUMP, address + 4 + (first << 21 >> 20));
    }
    if (first >>> 8 == 0xd0) {
      return new Insn(2, FlowClass.COND_BRANCH, address + 4 + ((byte) first << 1));
    }
    if (first >>> 7 == 0b0100_0111_0) {
      return indirect(2, first >>> 3 & 15);
    }
    if (first >>> 11 == 0b11110 && (second >>> 11 & 0b11101) == 0b11101) {
      long base = (address + 4) & -4;
      return new Insn(4, FlowClass.CALL, base + ((first & 0x3ff) << 12 | (second & 0x7fe) << 1), Mode.CODE_32);
    }
    boolean movw = (first & 0xfbf0) == 0xf240;
    return first == 0xbf00 || movw ? new Insn(movw ? 4 : 2, FlowClass.OTHER, 0) : null;
  }

  @Override
  public Set<Mode> modes() {
    return Set.of(Mode.values());
  }

  @Override
  public String name() {
    return "Arm of three modes";
  }

  @Override
  public int elfMachine() {
    return 0;
  }

  @Override
  public int alignment() {
    return 2;
  }

  @Override
  public int maxLength() {
    return 4;
  }
}
