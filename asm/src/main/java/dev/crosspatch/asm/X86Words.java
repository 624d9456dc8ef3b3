package dev.crosspatch.asm;

import dev.crosspatch.asm.X86Argument.Immediate;
import dev.crosspatch.asm.X86Argument.Memory;
import dev.crosspatch.asm.X86Argument.Register;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// The forms with operands of 16 bits that have a name of their own in GNU as (`pushw`, `retw`, ...), most of which
/// Keystone lacks, and those to which it gives a needless prefix.
final class X86Words {
  private static final String OPERAND_SIZE = "66";
  private static final byte OPERAND_SIZE_PREFIX = 0x66;
  private static final byte MOV_FROM_SEGMENT = (byte) 0x8c;

  /// SDM volume 2B, PUSH and POP: the segment registers that 64-bit mode still has there.
  private static final Map<String,
      String> SEGMENTS = Map.of("pushw fs", "660fa0", "pushw gs", "660fa8", "popw fs", "660fa1", "popw gs", "660fa9");

  private static final Map<String, String> WITH_NUMBER = Map.of("retw", "ret", "lretw", "retf");

  private X86Words() {}

  /// The fragment of such a form; null if it is none.
  static @Nullable Fragment find(String mnemonic, List<X86Argument> operands, Statement statement, Unit unit) {
    String wide = WITH_NUMBER.get(mnemonic);
    if (wide != null) {
      add(OPERAND_SIZE, statement, unit);
      return X86.encode(wide, operands, statement, unit, code -> code);
    }
    if (!mnemonic.equals("pushw") && !mnemonic.equals("popw")) {
      return null;
    }
    if (operands.size() != 1) {
      throw new SyntaxError("invalid operand");
    }
    return switch (operands.getFirst()) {
      case Immediate i when mnemonic.equals("pushw") -> push(i.value(), statement, unit);
      case Register r when SEGMENTS.containsKey(mnemonic + " " + r.name()) ->
          bytes(SEGMENTS.get(mnemonic + " " + r.name()), statement);
      case Register r when X86Argument.isGeneral(r) && r.bits() == 16 -> stack(mnemonic, r, statement, unit);
      case Memory m when m.size().isEmpty() || m.size().equals("word") ->
          stack(mnemonic, m.withSize("word"), statement, unit);
      default -> throw new SyntaxError("invalid operand");
    };
  }

  /// What is to be done to the bytes that Keystone gives: it writes an operand-size prefix where a segment register is
  /// stored, which has 16 bits in memory anyway (SDM volume 2B, MOV).
  static UnaryOperator<byte[]> rewrite(String mnemonic, List<X86Argument> operands) {
    boolean stores = mnemonic.equals("mov") && operands.size() == 2 && operands.getFirst() instanceof Memory
        && AttNames.isSegment(operands.get(1));
    return stores ? X86Words::withoutOperandSize : UnaryOperator.identity();
  }

  private static byte[] withoutOperandSize(byte[] code) {
    int at = 0;
    while (code[at] != OPERAND_SIZE_PREFIX) {
      if (code[at++] == MOV_FROM_SEGMENT) {
        return code;
      }
    }
    byte[] rest = Arrays.copyOf(code, code.length - 1);
    System.arraycopy(code, at + 1, rest, at, rest.length - at);
    return rest;
  }

  private static Fragment stack(String mnemonic, X86Argument operand, Statement statement, Unit unit) {
    return X86.encode(mnemonic.substring(0, mnemonic.length() - 1), List.of(operand), statement, unit, code -> code);
  }

  /// 66 6A ib where a byte extended by its sign is enough, else 66 68 iw.
  private static Fragment push(Expression value, Statement statement, Unit unit) {
    long number = value.isConstant() ? value.constant("an immediate") : 0x7fff;
    if (!Numbers.fits(number, 16)) {
      throw new SyntaxError("immediate " + Numbers.hex(number) + " does not fit 16 bits");
    }
    if (Numbers.fitsSigned((short) number, 8)) {
      return bytes(String.format("666a%02x", number & 0xff), statement);
    }
    add(OPERAND_SIZE + "68", statement, unit);
    return new Fragment.Value(statement, value, 2);
  }

  private static void add(String hex, Statement statement, Unit unit) {
    unit.add(bytes(hex, statement));
  }

  private static Fragment bytes(@Nullable String hex, Statement statement) {
    return new Fragment.Bytes(statement, HexFormat.of().parseHex(hex == null ? "" : hex));
  }
}
