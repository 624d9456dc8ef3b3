package dev.crosspatch.isa.x86;

/// One operand of a row in the notation of SDM vol. 2D, A.2: an addressing method and a size.
///
/// @param kind where the operand is, one of the constants
/// @param size `b w d q y v z`, `t` for x87's ten bytes, of vectors `o` (dq, 16 bytes), `O` (qq, 32) and `x` (16 or 32
///             by VEX.L), or 0 if the operand has none
/// @param text as written in the row
record X86Operand(int kind, char size, String text) {
  /// `E`: ModRM r/m, register or memory.
  static final int RM = 0;
  /// `R`: ModRM r/m, register only.
  static final int RM_REGISTER = 1;
  /// `M`: ModRM r/m, memory only.
  static final int MEMORY = 2;
  /// `G`: ModRM reg.
  static final int REG = 3;
  /// `B`: VEX.vvvv.
  static final int VVVV = 4;
  /// `Z`: low three bits of the opcode.
  static final int OPCODE_REGISTER = 5;
  /// `I`: immediate, sign-extended.
  static final int IMMEDIATE = 6;
  /// `J`: branch displacement.
  static final int RELATIVE = 7;
  /// `O`: absolute address.
  static final int OFFSET = 8;
  /// `AL`, `rAX`, `eAX`.
  static final int ACCUMULATOR = 9;
  /// `CL`.
  static final int COUNT = 10;
  /// `DX`.
  static final int PORT = 11;
  /// `1`.
  static final int ONE = 12;
  /// `S`, `C`, `D`: segment, control, debug register in ModRM reg.
  static final int SYSTEM = 13;
  /// `X`, `Y`: string source (RSI) and destination (RDI).
  static final int STRING = 14;
  /// `FS`, `GS`.
  static final int SEGMENT = 15;
  /// `V`, `H`, `W`, `U`, `L`: vector register in ModRM reg; in VEX.vvvv; ModRM r/m, register or memory; register only;
  /// in bits 7:4 of the immediate.
  static final int VECTOR = 16;

  static final int VECTOR_VVVV = 17;
  static final int VECTOR_RM = 18;
  static final int VECTOR_RM_REGISTER = 19;
  static final int VECTOR_IMMEDIATE = 20;
  /// `ST`: the top of x87's stack.
  static final int STACK_TOP = 21;
  /// `STi`: x87's register in ModRM r/m, register only.
  static final int STACK = 22;
  /// `P`, `Q`, `N`: register of MMX in ModRM reg; ModRM r/m, register or memory; register only. REX names no more of
  /// them.
  static final int MMX = 23;

  static final int MMX_RM = 24;
  static final int MMX_RM_REGISTER = 25;

  /// Reads `Ev,Ib`.
  static X86Operand[] parse(String list) {
    String[] texts = list.split(",", -1);
    X86Operand[] out = new X86Operand[texts.length];
    for (int i = 0; i < texts.length; i++) {
      out[i] = one(texts[i]);
    }
    return out;
  }

  private static X86Operand one(String text) {
    return switch (text) {
      case "AL" -> new X86Operand(ACCUMULATOR, 'b', text);
      case "rAX" -> new X86Operand(ACCUMULATOR, 'v', text);
      case "eAX" -> new X86Operand(ACCUMULATOR, 'z', text);
      case "CL" -> new X86Operand(COUNT, 'b', text);
      case "DX" -> new X86Operand(PORT, 'w', text);
      case "1" -> new X86Operand(ONE, 'b', text);
      case "ST" -> new X86Operand(STACK_TOP, (char) 0, text);
      case "STi" -> new X86Operand(STACK, (char) 0, text);
      case "FS", "GS" -> new X86Operand(SEGMENT, 'w', text);
      default -> new X86Operand(kind(text), size(text), text);
    };
  }

  private static int kind(String text) {
    return switch (text.charAt(0)) {
      case 'E' -> RM;
      case 'R' -> RM_REGISTER;
      case 'M' -> MEMORY;
      case 'G' -> REG;
      case 'B' -> VVVV;
      case 'Z' -> OPCODE_REGISTER;
      case 'I' -> IMMEDIATE;
      case 'J' -> RELATIVE;
      case 'O' -> OFFSET;
      case 'S', 'C', 'D' -> SYSTEM;
      case 'X', 'Y' -> STRING;
      case 'V' -> VECTOR;
      case 'H' -> VECTOR_VVVV;
      case 'W' -> VECTOR_RM;
      case 'U' -> VECTOR_RM_REGISTER;
      case 'L' -> VECTOR_IMMEDIATE;
      case 'P' -> MMX;
      case 'Q' -> MMX_RM;
      case 'N' -> MMX_RM_REGISTER;
      default -> throw new IllegalArgumentException("x86 row: unknown operand '" + text + "'");
    };
  }

  private static char size(String text) {
    String size = text.substring(1);
    return switch (size) {
      case "", "s", "p" -> 0;
      case "dq" -> 'o';
      case "qq" -> 'O';
      case "ss" -> 'd';
      case "sd" -> 'q';
      case "ps", "pd" -> 'x';
      case "x", "b", "w", "d", "q", "y", "v", "z", "t" -> size.charAt(0);
      default -> throw new IllegalArgumentException("x86 row: unknown operand size in '" + text + "'");
    };
  }

  /// Whether a segment, control or debug register exists: ES..GS, of which CS cannot be written; CR0, 2, 3, 4, 8;
  /// DR0..7. For segment registers REX.R is ignored.
  boolean exists(int number, boolean written) {
    return switch (text.charAt(0)) {
      case 'S' -> (number & 7) <= X86Core.GS && !(written && (number & 7) == X86Core.CS);
      case 'C' -> (0b1_0001_1101 >> number & 1) != 0;
      default -> number < 8;
    };
  }

  /// Whether the operand is, or may be, a vector register.
  boolean isVector() {
    return kind >= VECTOR && kind <= VECTOR_IMMEDIATE;
  }

  /// log2 of the operand's bytes under an operand size of `1 << width` bytes and vectors of `1 << vector`.
  int width(int width, int vector) {
    return switch (size) {
      case 'x' -> vector;
      case 'o' -> 4;
      case 'O' -> 5;
      case 'b' -> 0;
      case 'w' -> 1;
      case 'd' -> 2;
      case 'q' -> 3;
      case 'y' -> Math.max(width, 2);
      case 'z' -> Math.min(width, 2);
      default -> width;
    };
  }
}
