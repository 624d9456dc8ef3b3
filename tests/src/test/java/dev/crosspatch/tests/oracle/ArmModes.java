package dev.crosspatch.tests.oracle;

import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.core.code.Insn;
import dev.crosspatch.core.code.InstructionSet;
import dev.crosspatch.core.code.Mode;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A64 by our decoder, and a few instructions of A32 and T32 (DDI0487 F3, F4): NOP, MOVW, B, BEQ (of T32 both sizes of
/// the two), CBZ, BL, BLX, BX.
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
    return switch (word >>> 24) {
      case 0xea -> new Insn(4, FlowClass.JUMP, target);
      case 0x0a -> new Insn(4, FlowClass.COND_BRANCH, target);
      case 0xeb -> new Insn(4, FlowClass.CALL, target);
      case 0xe1 -> switch (word >>> 4 & 0xf_ffff) {
        case 0x2fff1 -> indirect(4, word & 15);
        case 0x2fff3 -> new Insn(4, FlowClass.INDIRECT_CALL, 0);
        default -> null;
      };
      default -> word == 0xe320f000 ? new Insn(4, FlowClass.OTHER, 0) : null;
    };
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
    if (first >>> 7 == 0b0100_0111_1) {
      return new Insn(2, FlowClass.INDIRECT_CALL, 0);
    }
    if ((first & 0xfd00) == 0xb100) {
      return new Insn(2, FlowClass.COND_BRANCH, address + 4 + ((first & 0x200) >> 3 | (first & 0xf8) >> 2));
    }
    if (first >>> 11 == 0b11110 && second >>> 15 == 1) {
      return wide(first, second, address + 4);
    }
    boolean movw = (first & 0xfbf0) == 0xf240;
    return first == 0xbf00 || movw ? new Insn(movw ? 4 : 2, FlowClass.OTHER, 0) : null;
  }

  /// Branches of two halfwords, near ones: J1 and J2 say no more than the sign.
  private static @Nullable Insn wide(int first, int second, long pc) {
    int sign = -(first >>> 10 & 1);
    int distance = sign << 22 | (first & 0x3ff) << 12 | (second & 0x7ff) << 1;
    return switch (second >>> 11) {
      case 0b10111 -> new Insn(4, FlowClass.JUMP, pc + distance);
      case 0b11111 -> new Insn(4, FlowClass.CALL, pc + distance);
      case 0b11101 -> new Insn(4, FlowClass.CALL, (pc & -4) + distance, Mode.CODE_32);
      case 0b10000, 0b10101 -> (first >>> 6 & 15) != 0 ? null
          : new Insn(4, FlowClass.COND_BRANCH, pc + (sign << 18 | (first & 0x3f) << 12 | (second & 0x7ff) << 1));
      default -> null;
    };
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
