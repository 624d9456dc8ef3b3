package dev.crosspatch.tests.oracle;

import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.core.code.Insn;
import dev.crosspatch.core.code.InstructionSet;
import dev.crosspatch.core.code.Mode;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A few x86 instructions in 64-, 32- and 16-bit code, most of which have another length in each (SDM Vol. 2A 2.1,
/// 2.2.1, 3.1.1.1): enough to write programs that change between the three.
final class X86Modes implements InstructionSet {
  static final String JMP = "e9";
  static final String JCC = "0f84";
  static final String JMP_INDIRECT = "ffe0";
  static final String JMP_FAR = "ff28";
  static final String IRET = "cf";
  static final String IRETQ = "48cf";
  /// INC/DEC or a REX prefix, MOV with an immediate, the same of the other size, MOV with an absolute address, MOV with
  /// a ModRM of which the meaning differs, NOP with a ModRM that has a SIB byte in 64- and 32-bit code only.
  private static final List<String> RUNS_ON = List.of("4890", "b8", "66b8", "a1", "8b06", "0f1f44");

  private record Row(String opcode, int in64, int in32, int in16, FlowClass flow) {
    int length(Mode mode) {
      return switch (mode) {
        case CODE_64 -> in64;
        case CODE_32 -> in32;
        case CODE_16 -> in16;
      };
    }
  }

  /// Lengths by mode; 0 where it is no instruction or another.
  private static final List<Row> ROWS = List.of(
      new Row("4890", 2, 0, 0, FlowClass.OTHER),
      new Row(IRETQ, 2, 0, 0, FlowClass.TRAP_RETURN),
      new Row("48", 0, 1, 1, FlowClass.OTHER),
      new Row("90", 1, 1, 1, FlowClass.OTHER),
      new Row("b8", 5, 5, 3, FlowClass.OTHER),
      new Row("66b8", 4, 4, 6, FlowClass.OTHER),
      new Row("a1", 9, 5, 3, FlowClass.OTHER),
      new Row("8b06", 2, 2, 4, FlowClass.OTHER),
      new Row("0f1f44", 5, 5, 4, FlowClass.OTHER),
      new Row(JMP, 5, 5, 3, FlowClass.JUMP),
      new Row(JCC, 6, 6, 4, FlowClass.COND_BRANCH),
      new Row(JMP_INDIRECT, 2, 2, 2, FlowClass.INDIRECT_JUMP),
      new Row(JMP_FAR, 2, 2, 2, FlowClass.INDIRECT_JUMP),
      new Row(IRET, 0, 1, 1, FlowClass.TRAP_RETURN));

  /// One that only runs on, by number.
  static byte[] runsOn(int number, Mode mode) {
    String opcode = RUNS_ON.get(number % RUNS_ON.size());
    int length = ROWS.stream().filter(r -> r.opcode.equals(opcode)).findFirst().orElseThrow().length(mode);
    byte[] code = new byte[length == 0 ? opcode.length() / 2 : length];
    byte[] head = HexFormat.of().parseHex(opcode);
    System.arraycopy(head, 0, code, 0, head.length);
    return code;
  }

  /// A direct branch.
  static byte[] branch(String opcode, Mode mode, long from, long to) {
    Row row = ROWS.stream().filter(r -> r.opcode.equals(opcode)).findFirst().orElseThrow();
    byte[] code = new byte[row.length(mode)];
    byte[] head = HexFormat.of().parseHex(opcode);
    System.arraycopy(head, 0, code, 0, head.length);
    long distance = to - from - code.length;
    for (int i = head.length; i < code.length; i++) {
      code[i] = (byte) (distance >> (8 * (i - head.length)));
    }
    return code;
  }

  @Override
  public @Nullable Insn classify(byte[] code, int offset, int available, long address, Mode mode) {
    for (Row row : ROWS) {
      int head = row.opcode.length() / 2;
      int length = row.length(mode);
      if (length > 0 && length <= available
          && HexFormat.of().formatHex(code, offset, offset + head).equals(row.opcode)) {
        boolean direct = row.flow == FlowClass.JUMP || row.flow == FlowClass.COND_BRANCH;
        return new Insn(length, row.flow, direct ? address + length + distance(code, offset + head, length - head) : 0);
      }
    }
    return null;
  }

  private static long distance(byte[] code, int at, int size) {
    long value = code[at + size - 1];
    for (int i = size - 2; i >= 0; i--) {
      value = value << 8 | (code[at + i] & 0xff);
    }
    return value;
  }

  @Override
  public Set<Mode> modes() {
    return Set.of(Mode.values());
  }

  @Override
  public String name() {
    return "x86 of three modes";
  }

  @Override
  public int elfMachine() {
    return 62;
  }

  @Override
  public int alignment() {
    return 1;
  }

  @Override
  public int maxLength() {
    return 15;
  }
}
