package dev.crosspatch.isa.toy;

import dev.crosspatch.asm.Dialect;
import dev.crosspatch.asm.Expression;
import dev.crosspatch.asm.Fragment;
import dev.crosspatch.asm.Statement;
import dev.crosspatch.asm.SyntaxError;
import dev.crosspatch.asm.Unit;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;

/// The toy's assembly: a mnemonic of [ToyRow] with its operands.
final class ToyDialect implements Dialect {
  private static final Expression ZERO = new Expression.Constant(0);

  @Override
  public String name() {
    return "toy";
  }

  @Override
  public Fragment instruction(Statement statement, Unit unit) {
    String mnemonic = statement.mnemonic();
    for (ToyRow row : ToyRow.values()) {
      if (row.mnemonic().equals(mnemonic)) {
        return instruction(row, statement, unit);
      }
    }
    throw new SyntaxError("unknown mnemonic");
  }

  private static Fragment instruction(ToyRow row, Statement statement, Unit unit) {
    List<String> operands = statement.operands();
    if (operands.size() != row.operands.length()) {
      throw new SyntaxError(row.mnemonic() + " takes " + row.operands.length() + " operands, not " + operands.size());
    }
    int[] registers = new int[3];
    Expression number = ZERO;
    for (int i = 0; i < operands.size(); i++) {
      String text = operands.get(i);
      switch (row.operands.charAt(i)) {
        case 'd' -> registers[0] = register(text);
        case 'a' -> registers[1] = register(text);
        case 'b' -> registers[2] = register(text);
        case 's' -> number = new Expression.Constant(systemRegister(text));
        case 'm' -> {
          registers[1] = register(base(text));
          number = unit.expression(displacement(text));
        }
        default -> number = unit.expression(text);
      }
    }
    return new Fragment.Fixed(statement, ToyWord.LENGTH, number, (value, address) -> new ToyWord(row.opcode,
        registers[0], registers[1], registers[2], row.has('t') ? distance(value, address) : fits(value)).bytes());
  }

  private static int register(String text) {
    for (int i = 0; i < ToyWord.REGISTERS; i++) {
      if (ToyIsa.register(i).equals(text.toLowerCase(Locale.ROOT))) {
        return i;
      }
    }
    throw new SyntaxError("there is no register '" + text + "'");
  }

  private static int systemRegister(String text) {
    for (ToySystemRegister register : ToySystemRegister.values()) {
      if (register.text().equals(text)) {
        return register.ordinal();
      }
    }
    throw new SyntaxError("there is no system register '" + text + "'");
  }

  /// The register of `[register]` or `[register + number]`.
  private static String base(String memory) {
    if (!memory.startsWith("[") || !memory.endsWith("]")) {
      throw new SyntaxError("an address is written [register + number], not '" + memory + "'");
    }
    return memory.substring(1, plus(memory)).strip();
  }

  private static String displacement(String memory) {
    String rest = memory.substring(plus(memory), memory.length() - 1).strip();
    return rest.isEmpty() ? "0" : rest;
  }

  private static int plus(String memory) {
    int plus = memory.indexOf('+');
    return plus < 0 ? memory.length() - 1 : plus;
  }

  private static int fits(long value) {
    if (value != (int) value && value >>> 32 != 0) {
      throw new SyntaxError(String.format("0x%x does not fit 32 bits", value));
    }
    return (int) value;
  }

  private static int distance(long target, long address) {
    long bytes = target - address;
    if (bytes != (int) bytes || bytes % ToyWord.LENGTH != 0) {
      throw new SyntaxError(String.format("0x%x is no target from 0x%x", target, address));
    }
    return (int) bytes;
  }

  @Override
  public byte[] padding(int size) {
    ByteBuffer out = ByteBuffer.allocate(size).position(size % ToyWord.LENGTH);
    while (out.hasRemaining()) {
      out.put(new ToyPatchKit().nop(ToyWord.LENGTH));
    }
    return out.array();
  }

  @Override
  public int wordWidth() {
    return ToyWord.LENGTH / 2;
  }

  /// An instruction as text, as it is read.
  static String text(ToyRow row, ToyWord w, long address) {
    StringBuilder text = new StringBuilder();
    for (char operand : row.operands.toCharArray()) {
      text.append(text.isEmpty() ? "" : ", ").append(switch (operand) {
        case 'd' -> ToyIsa.register(w.d());
        case 'a' -> ToyIsa.register(w.a());
        case 'b' -> ToyIsa.register(w.b());
        case 's' -> ToySystemRegister.of(w.imm()).text();
        case 't' -> String.format("0x%x", address + w.imm());
        case 'm' -> "[" + ToyIsa.register(w.a()) + (w.imm() == 0 ? "" : " + " + w.imm()) + "]";
        default -> String.valueOf(w.imm());
      });
    }
    return text.toString();
  }
}
